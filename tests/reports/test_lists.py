"""Lists behind figures come page by page, each row on one page, however many there are."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Role
from app.clock import utcnow
from app.current import zone
from app.extensions import db
from app.giving import settlement
from app.reports import listing, months, weeks
from app.reports.figures import patrons
from app.reports.listing import PER_PAGE, AtHand
from app.reports.shape import Asked, Behind, Listing
from tests.builders import a_pledge, a_reader, a_staff_member, signed_in
from tests.giving.facts import paid
from tests.reports.lives import plain

DAY = timedelta(days=1)


def some_patrons(count: int) -> None:
    """People who all came at one moment, so that only a stable order keeps pages apart."""
    came = utcnow() - 2 * DAY
    for number in range(count):
        a_pledge(a_reader(name=f"Patron {number:03}"), started_at=came)


def asked() -> Asked:
    """The running month."""
    now = utcnow()
    month = months.first_day(now, zone())
    return Asked(month, month, now, zone())


def test_every_row_is_on_one_page_and_the_figure_counts_them_all(app: Flask) -> None:
    some_patrons(2 * PER_PAGE + 5)
    with app.test_request_context():
        answer = patrons.REPORT.build(asked())
        figure = next(
            value
            for one in answer.figures
            for value in one.values
            if isinstance(value, Behind) and value.key.endswith(":end")
        )
        found = patrons.listed(asked(), figure.key)
        pages = [listing.page(found, number) for number in (1, 2, 3)]
        assert plain(figure) == found.rows.count() == pages[0].total == 2 * PER_PAGE + 5
        assert [len(page.rows) for page in pages] == [PER_PAGE, PER_PAGE, 5]
        assert [(page.first, page.last) for page in pages] == [(1, 100), (101, 200), (201, 205)]
        rows = [row for page in pages for row in page.rows]
        assert rows == list(found.rows.each())
        assert len({str(row[0]) for row in rows}) == len(rows)
        assert listing.page(found, 99).number == 3


def test_a_list_leads_from_page_to_page_and_keeps_what_was_asked(client: FlaskClient) -> None:
    some_patrons(PER_PAGE + 1)
    signed_in(client, a_staff_member(Role.FUNDRAISER))
    month = f"{months.first_day(utcnow(), zone()):%Y-%m}"
    query = {"of": f"{month}-01:end", "from": month, "to": month}
    first = client.get("/staff/reports/patrons/list", query_string=query)
    assert "Rows 1 to 100 of 101" in first.text
    assert first.text.count('<th scope="row">') == PER_PAGE
    assert f"from={month}" in first.text
    assert "page=2" in first.text
    second = client.get("/staff/reports/patrons/list", query_string={**query, "page": "2"})
    assert "Rows 101 to 101 of 101" in second.text
    assert second.text.count('<th scope="row">') == 1


def test_rows_at_hand_are_paged_alike() -> None:
    found = Listing("Few", ["Number"], AtHand([[number] for number in range(250)]))
    page = listing.page(found, 3)
    assert (page.total, page.pages, page.rows[0], page.rows[-1]) == (250, 3, [200], [249])
    empty = listing.page(Listing("None", ["Number"], AtHand([])), 1)
    assert (empty.total, empty.pages, empty.first, empty.last) == (0, 1, 0, 0)


def test_each_sum_of_the_monday_page_opens_the_movements_of_the_week(client: FlaskClient) -> None:
    now, count = utcnow(), 3
    for number in range(count):
        pledge = a_pledge(a_reader(name=f"Patron {number}"), status="pending", started_at=None)
        settlement.apply([paid(pledge, received_at=now, paid_until=now + 31 * DAY)], now=now)
    db.session.commit()
    signed_in(client, a_staff_member(Role.FUNDRAISER))
    monday = weeks.last_monday(now, zone())
    address = f"/staff/reports/movements/list?of=week:{monday}:EUR:new"
    assert address in client.get("/staff").text.replace("%3A", ":")
    page = client.get(address)
    assert page.text.count('<th scope="row">') == count
    editor = signed_in(client, a_staff_member(Role.EDITOR))
    assert "of=week" not in editor.get("/staff").text
    assert editor.get(address).status_code == 403
