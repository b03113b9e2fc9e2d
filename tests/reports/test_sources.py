"""Sources of truth: what differs from Stripe, and movements that do not add up, until mended."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import AuditEntry, Role
from app.clock import utcnow
from app.current import zone
from app.desk.models import Comparison, Difference
from app.extensions import db
from app.giving.books import movement_checks
from app.giving.models import PledgeMovement
from app.money import Money
from app.reports import checks, months
from app.reports.figures.sources import REPORT
from app.reports.shape import Asked, Person
from tests.builders import a_patron, a_staff_member, signed_in
from tests.pages import form_of
from tests.reports.lives import cells, opened, plain

DIFFERENCES, COMPARED, UNPROVEN, PROVEN = range(4)
PAGE, MENDING = "/staff/reports/sources", "/staff/movements"


def now_asked() -> Asked:
    """The report as it is opened now."""
    now = utcnow()
    month = months.first_day(now, zone())
    return Asked(month, month, now, zone())


def test_a_house_without_differences_shows_zeros_and_nothing_red(app: Flask) -> None:
    answer = REPORT.build(now_asked())
    assert [plain(figure.values[0]) for figure in answer.figures] == [0, None, 0, None]
    assert not answer.alarm
    assert answer.mend is None


def test_standing_differences_are_counted_by_kind_and_way(app: Flask) -> None:
    now = utcnow()
    for place, (kind, what, gone) in enumerate(
        [
            ("invoice.paid", "missing_here", None),
            ("invoice.paid", "missing_here", None),
            ("refund.updated", "differs", None),
            ("refund.updated", "differs", now),
        ]
    ):
        db.session.add(
            Difference(
                kind=kind,
                object_id=f"x_{place}",
                what=what,
                field="amount" if what == "differs" else "",
                ours="1",
                theirs="2",
                found_at=now,
                gone_at=gone,
            )
        )
    hour = timedelta(hours=1)
    db.session.add(
        Comparison(asked_at=now - 2 * hour, since=now, finished_at=now - hour, looked_at=77)
    )
    db.session.commit()
    answer = REPORT.build(now_asked())
    assert plain(answer.figures[DIFFERENCES].values[0]) == 3
    assert answer.figures[COMPARED].values == [now - hour]
    assert "77" in answer.figures[COMPARED].sentence
    assert [row[1:] for row in cells(answer)[0]] == [
        [0, 0, 0],
        [2, 0, 0],
        [0, 0, 0],
        [0, 0, 1],
        [0, 0, 0],
    ]
    assert answer.alarm == "3 things here are not what Stripe has."
    assert answer.mend is None
    for value, rows in opened(REPORT, now_asked(), answer):
        assert len(rows) == value.value, value.key


def test_movements_that_do_not_add_up_are_red_until_finance_sets_them_right(
    app: Flask, client: FlaskClient
) -> None:
    patron = a_patron(amount_minor=500)
    staff = signed_in(client, a_staff_member(Role.FINANCE))
    movement_checks.check(now=utcnow())
    answer = REPORT.build(now_asked())
    assert plain(answer.figures[UNPROVEN].values[0]) == 1
    (listed,) = [rows for value, rows in opened(REPORT, now_asked(), answer) if "mov" in value.key]
    assert listed == [[Person(patron.id, "Taras Koval"), Money(0, "EUR"), Money(6000, "EUR")]]
    assert checks.look(utcnow()).movements == 1
    page = staff.get(PAGE)
    assert "The movements do not add up to what 1 pledge promises." in page.text
    assert MENDING in page.text
    page = staff.get(MENDING)
    assert "Taras Koval" in page.text
    answered = staff.post(MENDING, data=form_of(page, action=MENDING))
    assert answered.status_code == 303
    assert "1 correction is entered" in staff.get(answered.location).text
    assert db.session.scalar(select(func.sum(PledgeMovement.yearly_minor))) == 6000
    assert db.session.scalars(select(AuditEntry.act)).all() == ["movements_set_right"]
    assert checks.look(utcnow()).movements == 0
    assert not REPORT.build(now_asked()).alarm
    assert "They add up" in staff.get(MENDING).text
