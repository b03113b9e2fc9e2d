"""Letters that come before something happens: a card ends, a year renews, a pause is over.

Each is about one pledge and one day, and that day is part of its matter: a sweep that runs late or
twice owes it once, and a day that moves is another matter.
"""

import uuid
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, cast, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import Account
from app.clock import utcnow
from app.current import settings, zone
from app.extensions import db
from app.giving.failing import failures
from app.giving.models import Pledge
from app.giving.rules import Interval, PledgeStatus
from app.giving.wishes import links
from app.giving.wishes.links import Purpose
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft

#: Letters of one kind that one sweep owes; the next goes on where it ended.
MOST = 1000
#: How long before the end of a card's month its letters go; the second is the last word.
CARD_EARLY, CARD_LATE = 30, 7
#: How long before money is taken again a paused patron is told.
PAUSE_DAYS = 7
#: The day of January on which the year before is surely over, everywhere, and paid.
STATEMENTS_FROM = 2


def owe_due(*, now: datetime, most: int = MOST) -> int:
    """Owe every reminder whose time has come and that is not owed yet; commits.

    Return how many became owed; at most `most` of each kind.
    """
    count = failures.owe_ends(now=now, limit=most) + failures.owe_waiting(now=now, limit=most)
    count += _owe_renewals(now, most) + _owe_pauses(now, most)
    today = now.astimezone(zone()).date()
    # A month is never longer than the first notice, so only two can have come near their end.
    for last in (_last_day(today), _last_day(_last_day(today) + timedelta(days=1))):
        count += _owe_cards(last, today, now, most)
    db.session.commit()
    return count


def year_to_state(now: datetime) -> int | None:
    """Return the year whose statements are due: in January from the second, the year before."""
    today = now.astimezone(zone()).date()
    return today.year - 1 if today.month == 1 and today.day >= STATEMENTS_FROM else None


def _owe_renewals(now: datetime, most: int) -> int:
    ahead = timedelta(days=settings().renewal_reminder_days)
    return _owe(
        "renewal_reminder",
        _matter(_day_of(Pledge.next_payment_at)),
        Pledge.status == PledgeStatus.ACTIVE,
        Pledge.interval == Interval.YEAR,
        Pledge.ends_at.is_(None),
        Pledge.next_payment_at > now,
        Pledge.next_payment_at <= now + ahead,
        now=now,
        most=most,
    )


def _owe_pauses(now: datetime, most: int) -> int:
    return _owe(
        "pause_ending",
        _matter(_day_of(Pledge.next_payment_at)),
        Pledge.status == PledgeStatus.PAUSED,
        Pledge.ends_at.is_(None),
        Pledge.resumes_at.is_not(None),
        Pledge.next_payment_at > now,
        Pledge.next_payment_at <= now + timedelta(days=PAUSE_DAYS),
        now=now,
        most=most,
    )


def _owe_cards(last: date, today: date, now: datetime, most: int) -> int:
    notice = _notice(last, today)
    if notice is None:
        return 0
    return _owe(
        "card_expiring",
        _matter(f"{last:%Y-%m}:{notice}"),
        Pledge.status == PledgeStatus.ACTIVE,
        Pledge.ends_at.is_(None),
        Pledge.card_exp_year == last.year,
        Pledge.card_exp_month == last.month,
        Pledge.next_payment_at >= _end_of(last),
        now=now,
        most=most,
    )


def _owe(
    kind: str, matter: ColumnElement[str], *which: ColumnElement[bool], now: datetime, most: int
) -> int:
    rows = db.session.execute(
        select(matter, Pledge.account_id)
        .where(
            Pledge.started_at.is_not(None),
            *which,
            ~exists().where(Letter.kind == kind, Letter.matter == matter),
        )
        .order_by(Pledge.next_payment_at, Pledge.id)
        .limit(most)
    ).all()
    letters.owe_each(kind, [(row[0], row[1]) for row in rows], now=now)
    return len(rows)


def _matter(what: object) -> ColumnElement[str]:
    return func.concat(cast(Pledge.id, String), ":", what)


def _day_of(moment: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """The newsroom's day of a moment, as YYYY-MM-DD."""
    return func.to_char(func.timezone(str(zone()), moment), "YYYY-MM-DD")


def _last_day(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def _end_of(last: date) -> datetime:
    """The moment from which a card whose last day that was is charged no more."""
    return datetime.combine(last + timedelta(days=1), time.min, zone())


def _notice(last: date, today: date) -> int | None:
    """Which letter about a card's end is due: the early one, the late one, or none."""
    left = (last - today).days
    if 0 <= left <= CARD_LATE:
        return CARD_LATE
    return CARD_EARLY if CARD_LATE < left <= CARD_EARLY else None


@letters.writes("card_expiring")
def write_card_expiring(letter: Letter) -> Draft | None:
    """Tell that a card is about to end; not any more when another one has taken its place."""
    pledge, month, notice = _about(letter)
    last = _last_day(date.fromisoformat(f"{month}-01"))
    replaced = (pledge.card_exp_year, pledge.card_exp_month) != (last.year, last.month)
    after = pledge.next_payment_at is not None and pledge.next_payment_at >= _end_of(last)
    left = (last - utcnow().astimezone(zone()).date()).days
    # An early letter that could not be sent for weeks leaves it to the late one.
    overtaken = left < 0 or (notice == str(CARD_EARLY) and left <= CARD_LATE)
    if replaced or not after or overtaken or not _goes_on(pledge):
        return None
    return _draft(letter, pledge, Purpose.CARD, card_ends_on=last)


@letters.writes("renewal_reminder")
def write_renewal_reminder(letter: Letter) -> Draft | None:
    """Tell of a yearly gift before it is taken; not any more when it moved or will not be."""
    pledge, day, _nothing = _about(letter)
    if pledge.interval != Interval.YEAR or not _goes_on(pledge) or not _falls_on(pledge, day):
        return None
    return _draft(letter, pledge, Purpose.LOWER, Purpose.CANCEL)


@letters.writes("pause_ending")
def write_pause_ending(letter: Letter) -> Draft | None:
    """Tell that a pause is about to end; not any more when it is over, longer, or for good."""
    pledge, day, _nothing = _about(letter)
    paused = pledge.status == PledgeStatus.PAUSED and pledge.ends_at is None
    if not paused or not _falls_on(pledge, day):
        return None
    return _draft(letter, pledge, Purpose.LOWER, Purpose.CANCEL, restarts_at=pledge.next_payment_at)


def _about(letter: Letter) -> tuple[Pledge, str, str]:
    """Return the pledge a letter is about, its day or month, and which of several it is."""
    key, day, *rest = letter.matter.split(":")
    return db.session.get_one(Pledge, uuid.UUID(key)), day, "".join(rest)


def _goes_on(pledge: Pledge) -> bool:
    return pledge.status == PledgeStatus.ACTIVE and pledge.ends_at is None


def _falls_on(pledge: Pledge, day: str) -> bool:
    """Whether money is still to be taken, and on that day."""
    due = pledge.next_payment_at
    return due is not None and due > utcnow() and f"{due.astimezone(zone()):%Y-%m-%d}" == day


def _draft(letter: Letter, pledge: Pledge, *ways: Purpose, **context: Any) -> Draft:
    account = db.session.get_one(Account, letter.account_id)
    return letters.draft(
        letter.kind,
        to=account.email,
        locale=account.locale,
        name=account.name,
        pledge=pledge,
        card=card_of(pledge),
        links=links.for_letter(letter, pledge, *ways),
        **context,
    )


def card_of(pledge: Pledge) -> str:
    """Write the card that will be charged ("Visa ···· 4242"); empty where it is not known."""
    if not pledge.card_last4:
        return ""
    return f"{(pledge.card_brand or '').title()} ···· {pledge.card_last4}".strip()
