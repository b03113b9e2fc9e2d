"""The Monday letter: what the Monday page tells, for staff who want it in their mail."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import String, cast, select

from app.accounts.models import Account, Role
from app.clock import utcnow
from app.current import zone
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.reports import (
    checks,
    months,
    movements,
    queries,
    rate_words,
    rates,
    report_words,
    weeks,
    words,
)
from app.reports.rollups import following
from app.voting import rounds, turnouts

KIND = "monday"
#: Who may see people by name; the others get the same in numbers.
PEOPLE = (Role.FUNDRAISER, Role.FINANCE, Role.OWNER)
#: How many people a list holds.
NEWEST = 8


def owe_due(*, hour: int, now: datetime, zone: ZoneInfo) -> int:
    """Owe this Monday's letter to all staff who want it, from the hour on; commits.

    Each gets one a week, however often it runs. Return how many became owed.
    """
    there = now.astimezone(zone)
    day = weeks.this_monday(now, zone)
    if there.date() != day or there.hour < hour:
        return 0
    known = select(Letter.id).where(
        Letter.kind == KIND, Letter.matter == f"{day}:" + cast(Account.id, String)
    )
    wanting = db.session.scalars(
        select(Account.id)
        .where(Account.monday_letter, Account.role.is_not(None), ~known.exists())
        .order_by(Account.id)
    ).all()
    letters.owe_each(KIND, [(f"{day}:{one}", one) for one in wanting], now=now)
    db.session.commit()
    return len(wanting)


@letters.writes(KIND)
def write(letter: Letter) -> Draft | None:
    """Write the letter of one Monday; none to who has left the staff or wants it no more."""
    account = db.session.get_one(Account, letter.account_id)
    if not account.is_staff or not account.monday_letter:
        return None
    following.begin_reading()
    monday = date.fromisoformat(letter.matter.partition(":")[0])
    since, until = months.start_of(monday - weeks.WEEK, zone()), months.start_of(monday, zone())
    now = utcnow()
    current = rounds.current(now)
    by_name = account.role in PEOPLE
    standing = queries.standing(now)
    (together,) = rates.now_together(
        [{one.currency: one.yearly_minor for one in standing.recurring}], now, zone()
    )
    told: dict[str, Any] = {
        "week": weeks.moved(monday - weeks.WEEK, until, zone()),
        "last_day": monday - weeks.DAY,
        "standing": standing,
        "together": rate_words.sentence(together, 12) if together else "",
        "moved": movements.between(since, until - queries.INSTANT, newest=NEWEST),
        "at_risk": queries.at_risk(now, limit=NEWEST) if by_name else (),
        "by_name": by_name,
        "round": current,
        "turnout": turnouts.turnout(current.id, now=now) if current else None,
        "checks": checks.look(now),
    }
    return letters.draft(
        KIND,
        to=account.email,
        locale=account.locale,
        name=account.name,
        **told,
        # Only known once all of it was read.
        missing_since=following.waiting_since(),
        words=words,
        report_words=report_words,
    )
