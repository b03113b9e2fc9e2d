"""The accountant's month: its sums, its entries as a file, and that both say the same."""

import csv
import io
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from app.accounts.models import Account, Role
from app.clock import utcnow
from app.current import zone
from app.extensions import db
from app.giving.books import receipts, totals
from app.giving.models import Adjustment, Donation
from app.reports import entries
from tests.builders import a_reader, a_staff_member, signed_in
from tests.reports.entries import a_donation

#: Kyiv is two hours ahead of UTC in winter: the newsroom's March begins on 28 February, 22:00.
BEGINS, ENDS = datetime(2026, 2, 28, 22, tzinfo=UTC), datetime(2026, 3, 31, 21, tzinfo=UTC)
MARCH = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def finance(client: FlaskClient) -> FlaskClient:
    """A browser of whoever looks after the money."""
    return signed_in(client, a_staff_member(Role.FINANCE))


def a_gift(
    giver: Account, at: datetime, minor: int, currency: str = "EUR", *, net: int | None = None
) -> Donation:
    """A gift with its receipt."""
    donation = a_donation(giver, at=at, minor=minor, currency=currency, net_minor=net)
    receipts.owe(donation, now=at)
    db.session.commit()
    return donation


def a_move(
    donation: Donation,
    kind: str,
    at: datetime,
    minor: int,
    *,
    fee: int = 0,
    note: str | None = None,
) -> None:
    """What moved on a gift later; through Stripe's balance unless staff took it back."""
    db.session.add(
        Adjustment(
            donation_id=donation.id,
            kind=kind,
            amount_minor=minor,
            currency=donation.currency,
            settled_minor=minor,
            fee_minor=fee,
            net_minor=minor - fee,
            settled_currency="EUR",
            stripe_balance_transaction_id=None if kind == "correction" else f"txn_{kind}_{at:%d}",
            happened_at=at,
            entered_at=at,
            note=note,
        )
    )
    db.session.commit()


def a_march() -> None:
    """A month with everything that happens to money."""
    giver = a_reader(name="Зоя Їжак")
    first = a_gift(giver, BEGINS, 2000, net=1970)
    a_gift(giver, MARCH, 90_000, "UAH", net=1700)
    contested = a_gift(giver, MARCH, 1000, net=970)
    a_gift(giver, MARCH + timedelta(days=1), 500)
    a_gift(giver, ENDS - timedelta(seconds=1), 700, "JPY", net=350)
    a_gift(giver, BEGINS - timedelta(seconds=1), 9_900, net=9_870)
    a_gift(giver, ENDS, 8_800, net=8_770)
    a_move(first, "refund", MARCH, -500)
    a_move(first, "refund_failed", MARCH + timedelta(days=4), 500)
    a_move(contested, "dispute", MARCH + timedelta(days=2), -1000, fee=1500)
    a_move(contested, "dispute_returned", ENDS, 1000)


def the_file(client: FlaskClient, month: str) -> list[dict[str, str]]:
    """The rows of the downloaded file by column."""
    answer = client.get(f"/staff/month/entries.csv?month={month}")
    assert answer.status_code == 200
    assert f"ledger-{month}.csv" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    return list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))


def test_the_entries_of_a_month_add_up_to_its_totals(client: FlaskClient) -> None:
    a_march()
    sums: defaultdict[str, int] = defaultdict(int)
    settled: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for entry in entries.between(BEGINS, ENDS):
        sums[entry.amount.currency] += entry.amount.minor
        if entry.settled and entry.fee and entry.net:
            for place, part in enumerate((entry.settled, entry.fee, entry.net)):
                settled[part.currency][place] += part.minor
    found = totals.between(BEGINS, ENDS)
    assert sums == {given.currency: given.kept.minor for given in found.given}
    assert settled == {
        one.currency: [one.settled_minor, one.fee_minor, one.net_minor] for one in found.settled
    }
    assert found.fees_unknown == 1


def test_the_file_holds_each_entry_of_the_newsrooms_month_in_order(finance: FlaskClient) -> None:
    a_march()
    rows = the_file(finance, "2026-03")
    assert [(row["Entry"], row["Amount"], row["Currency"]) for row in rows] == [
        ("gift", "20.00", "EUR"),
        ("refund", "-5.00", "EUR"),
        ("gift", "900.00", "UAH"),
        ("gift", "10.00", "EUR"),
        ("gift", "5.00", "EUR"),
        ("dispute", "-10.00", "EUR"),
        ("refund that came back", "5.00", "EUR"),
        ("gift", "700", "JPY"),
    ]
    first, dispute = rows[0], rows[5]
    assert (first["Day"], first["Time"], first["Name"]) == ("2026-03-01", "00:00:00", "Зоя Їжак")
    assert (dispute["On Stripe's balance"], dispute["Stripe's fee"]) == ("-10.00", "15.00")
    assert (dispute["Net"], dispute["Currency of the balance"]) == ("-25.00", "EUR")
    assert dispute["Receipt"] == rows[3]["Receipt"] != ""
    assert rows[4]["Net"] == "", "its fee is not known yet"
    assert sum(Decimal(row["Amount"]) for row in rows if row["Currency"] == "EUR") == 25


def test_a_gift_outside_stripe_that_was_taken_back_moves_nothing_on_stripes_balance(
    finance: FlaskClient,
) -> None:
    staff = a_staff_member()
    gift = Donation(
        account_id=a_reader(name="=1+1").id,
        source="bank",
        entered_by_id=staff.id,
        amount_minor=4000,
        currency="EUR",
        received_at=MARCH,
        entered_at=MARCH,
        reference="RF18 5390",
    )
    db.session.add(gift)
    db.session.flush()
    receipts.owe(gift, now=MARCH)
    db.session.commit()
    a_move(gift, "correction", MARCH + timedelta(hours=1), -4000, note="typed twice")
    given, back = the_file(finance, "2026-03")
    assert (given["Came by"], given["Reference"]) == ("bank transfer", "RF18 5390")
    assert given["Name"] == "'=1+1", "a spreadsheet shows it and runs nothing"
    assert (back["Entry"], back["Amount"], back["Reference"]) == (
        "taken back",
        "-40.00",
        "typed twice",
    )
    assert back["On Stripe's balance"] == back["Net"] == back["Stripe's id"] == ""
    page = finance.get("/staff/month?month=2026-03").text
    assert "of it outside Stripe" in page
    assert "Moved by gifts, refunds and disputes" not in page


def test_the_page_shows_each_currency_by_itself_and_which_fees_are_missing(
    finance: FlaskClient,
) -> None:
    a_march()
    page = finance.get("/staff/month?month=2026-03").text.replace("&#39;", "'")
    assert "The ledger of March 2026" in page
    for text in ("€35", "₴900", "¥700", "€-10", "Taken by disputes"):
        assert text in page.replace("-€", "€-"), text
    assert "Stripe's fee of 1 gift is not known yet" in page
    assert "This month is not over" not in page


def test_a_month_without_entries_says_so_and_offers_no_file(finance: FlaskClient) -> None:
    page = finance.get("/staff/month?month=2020-01").text
    assert "Nothing came and nothing went back" in page
    assert "entries.csv" not in page
    assert the_file(finance, "2020-01") == []


def test_by_default_it_is_the_last_month_that_is_over(finance: FlaskClient) -> None:
    now = utcnow().astimezone(zone())
    last = now.replace(day=1) - timedelta(days=2)
    page = finance.get("/staff/month")
    assert f'value="{last:%Y-%m}" selected' in page.text
    running = finance.get(f"/staff/month?month={now:%Y-%m}").text
    assert "This month is not over" in running


@pytest.mark.parametrize(
    "month", ["2999-01", "2026-13", "0001-01", "1999-12", "9999-12", "march", "2026-3-1"]
)
def test_what_is_no_month_is_no_page(finance: FlaskClient, month: str) -> None:
    for path in ("/staff/month", "/staff/month/entries.csv"):
        assert finance.get(path, query_string={"month": month}).status_code == 404


def test_only_who_looks_after_the_money_sees_it(client: FlaskClient) -> None:
    for role in Role:
        signed_in(client, a_staff_member(role))
        expected = 200 if role in (Role.FINANCE, Role.OWNER) else 403
        for path in ("/staff/month", "/staff/month/entries.csv"):
            assert client.get(path).status_code == expected
