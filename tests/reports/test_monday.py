"""Monday: the week it looks back on, and the letter to staff who want it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts import staff
from app.accounts.models import Account, Role
from app.clock import utcnow
from app.extensions import db
from app.giving.models import MovementCheck, Pledge, PledgeMovement
from app.giving.rules import MovementKind
from app.letters.models import Letter
from app.money import Money
from app.reports import monday, weeks
from tests.builders import a_patron, a_pledge, a_reader, a_staff_member, a_touch, signed_in
from tests.fakes import FakeMailer
from tests.pages import form_of
from tests.voting.builders import an_open_round
from tests.voting.test_letters import sent

KYIV = ZoneInfo("Europe/Kyiv")
#: Monday, 23 November 2026, at eight in Kyiv.
EIGHT = datetime(2026, 11, 23, 6, tzinfo=UTC)
MONDAY = date(2026, 11, 23)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def wants(role: Role = Role.OWNER, *, locale: str = "en") -> Account:
    """A member of staff who wants the letter."""
    account = a_staff_member(role)
    account.monday_letter, account.locale = True, locale
    db.session.commit()
    return account


def moved(
    minor: int, at: datetime, *, kind: str = "new", currency: str = "EUR", owner: Account
) -> None:
    """A movement of the pledge somebody has, or of a new one."""
    mine = select(Pledge).where(Pledge.account_id == owner.id, Pledge.currency == currency)
    pledge = db.session.scalars(mine).first()
    pledge = pledge or a_pledge(owner, started_at=at - DAY, currency=currency)
    db.session.add(
        PledgeMovement(
            account_id=owner.id,
            pledge_id=pledge.id,
            kind=kind,
            cause="first_gift",
            yearly_minor=minor,
            currency=currency,
            interval="month",
            at=at,
            entered_at=at,
        )
    )
    db.session.commit()


@pytest.mark.parametrize(
    ("now", "this", "last"),
    [
        (EIGHT, MONDAY, MONDAY - 7 * DAY),
        (EIGHT + DAY, MONDAY, MONDAY),
        (EIGHT + 6 * DAY, MONDAY, MONDAY),
        # Sunday evening in UTC is Monday in Kyiv.
        (datetime(2026, 11, 22, 22, tzinfo=UTC), MONDAY, MONDAY - 7 * DAY),
        (datetime(2026, 11, 22, 21, 59, tzinfo=UTC), MONDAY - 7 * DAY, MONDAY - 7 * DAY),
    ],
)
def test_a_week_begins_on_the_newsrooms_monday(now: datetime, this: date, last: date) -> None:
    assert weeks.this_monday(now, KYIV) == this
    assert weeks.last_monday(now, KYIV) == last


def test_a_week_tells_each_kind_in_each_currency_by_the_month(app: Flask) -> None:
    owner, midnight = a_reader(), datetime(2026, 11, 15, 22, tzinfo=UTC)
    moved(99_00, midnight - timedelta(seconds=1), owner=owner)
    moved(60_00, midnight, owner=owner)
    moved(-24_00, midnight + DAY, kind="left", owner=owner)
    moved(-1_00, midnight + DAY, kind="paused", owner=owner)
    moved(120_00, midnight + DAY, kind="up", currency="USD", owner=owner)
    moved(77_00, EIGHT, owner=owner)
    week = weeks.moved(date(2026, 11, 16), EIGHT, KYIV)
    assert week.currencies == ("EUR", "USD")
    rows = {kind: [amount.minor for amount in amounts] for kind, amounts in week.rows}
    assert rows == {
        MovementKind.NEW: [500, 0],
        MovementKind.RETURNING: [0, 0],
        MovementKind.UP: [0, 1000],
        MovementKind.DOWN: [0, 0],
        MovementKind.PAUSED: [-8, 0],
        MovementKind.LEFT: [-200, 0],
        MovementKind.LAPSED: [0, 0],
    }
    assert week.total == (Money(292, "EUR"), Money(1000, "USD"))


def test_the_letter_is_owed_once_a_week_from_the_hour_on_to_staff_who_want_it(app: Flask) -> None:
    wanting = wants()
    a_staff_member()
    reader = a_reader()
    reader.monday_letter = True
    db.session.commit()
    assert monday.owe_due(hour=8, now=EIGHT - timedelta(seconds=1), zone=KYIV) == 0
    assert monday.owe_due(hour=8, now=EIGHT, zone=KYIV) == 1
    assert monday.owe_due(hour=8, now=EIGHT + 3 * HOUR, zone=KYIV) == 0
    assert monday.owe_due(hour=8, now=EIGHT + DAY, zone=KYIV) == 0
    later = wants()
    assert monday.owe_due(hour=8, now=EIGHT + 4 * HOUR, zone=KYIV) == 1
    assert monday.owe_due(hour=8, now=EIGHT + 7 * DAY, zone=KYIV) == 2
    owed = db.session.execute(select(Letter.account_id, func.count()).group_by(Letter.account_id))
    assert sorted(map(tuple, owed)) == [(wanting.id, 2), (later.id, 2)]


@pytest.mark.parametrize("locale", ["en", "uk"])
def test_the_letter_says_what_the_page_says_and_names_people_to_who_may_see_them(
    app: Flask, mailer: FakeMailer, locale: str
) -> None:
    now = utcnow()
    this = weeks.this_monday(now, KYIV)
    inside = datetime(*this.timetuple()[:3], 12, tzinfo=KYIV) - 3 * DAY
    patron = a_patron(name="Taras Koval", started_at=inside, article="roads", amount_minor=700)
    a_touch(db.session.scalars(select(Pledge)).one(), campaign="winter")
    moved(84_00, inside, owner=patron)
    an_open_round()
    db.session.add(MovementCheck(at=now, pledges=3, differing=3))
    readers = [wants(locale=locale), wants(Role.EDITOR, locale=locale)]
    db.session.commit()
    morning = datetime(*this.timetuple()[:3], 8, tzinfo=KYIV)
    assert monday.owe_due(hour=8, now=morning, zone=KYIV) == 2
    drafts = {draft.to: draft for draft in sent("monday", mailer)}
    owner, editor = (drafts[one.email] for one in readers)
    for part in (owner.text, owner.html):
        assert "Taras Koval" in part
        assert "roads" in part
        assert "winter" in part
    for draft in (owner, editor):
        for part in (draft.text, draft.html):
            assert ("€7" if locale == "en" else "7\N{NO-BREAK SPACE}€") in part
            assert "http://localhost/staff" in part
            assert "3 – " in part
            assert "What shall we look into next?" in part
    assert "Taras Koval" not in editor.text + editor.html


def test_who_left_the_staff_or_changed_their_mind_gets_no_letter(
    app: Flask, mailer: FakeMailer
) -> None:
    left, unwilling = wants(), wants()
    assert monday.owe_due(hour=8, now=EIGHT, zone=KYIV) == 2
    staff.remove(left.email)
    assert not left.monday_letter
    unwilling.monday_letter = False
    db.session.commit()
    assert sent("monday", mailer) == []


def test_staff_choose_the_letter_on_their_account_and_readers_are_not_asked(
    app: Flask, client: FlaskClient
) -> None:
    for account, may in ((a_staff_member(), True), (a_reader(), False)):
        browser = signed_in(client, account)
        page = browser.get("/account")
        assert ("monday_letter" in page.text) is may
        data = form_of(page, action="/account") | {"monday_letter": "y"}
        assert browser.post("/account", data=data).status_code == 303
        assert db.session.get_one(Account, account.id).monday_letter is may


def test_the_page_shows_the_week_to_any_staff(client: FlaskClient) -> None:
    patron = a_patron()
    moved(60_00, utcnow(), owner=patron)
    db.session.commit()
    for role in Role:
        page = signed_in(client, a_staff_member(role)).get("/staff")
        assert "/staff/reports" in page.text
        assert ("/staff/reports/movements" in page.text) is (role is not Role.EDITOR)
