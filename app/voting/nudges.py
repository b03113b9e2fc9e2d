"""The reminder to who may vote and has not yet: once in a round, when staff want it."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from app.accounts import audit
from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.jobs import Job, enqueue_after_commit
from app.letters import consents, letters
from app.letters.models import Letter
from app.mailer import Draft
from app.voting import roll
from app.voting.announcements import ballot_link
from app.voting.models import Participation, Round, RoundStatus
from app.voting.rounds import NotOpen, locked, next_turn, takes_ballots

#: The letter; its matter is the round's id and the reader's.
LETTER = "round_reminder"


class AlreadyReminded(ValueError):
    """Nobody is reminded twice in one round."""


class NotWithin(ValueError):
    """The time for a reminder is before now, before the opening, or after the close."""


def _has_not_voted(round_id: int) -> ColumnElement[bool]:
    return ~(
        select(Participation.account_id)
        .where(Participation.round_id == round_id, Participation.account_id == Account.id)
        .exists()
    )


def recipients(round_id: int, *, now: datetime) -> int:
    """Return how many would get the reminder if it went out now."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Account)
            .join(Round, Round.id == round_id)
            .where(
                roll.patrons(now),
                _has_not_voted(round_id),
                consents.may_get(LETTER, Account.id),
            )
        )
        or 0
    )


def plan(round_id: int, at: datetime | None, *, by: int, now: datetime) -> Round:
    """Set when the reminder goes out; None: not at all; commits.

    Raises `UnknownRound`, `NotOpen`, `AlreadyReminded`, `NotWithin`.
    """
    round_ = locked(round_id)
    # Typed to the minute: the minute that runs is now.
    if at is not None and now.replace(second=0, microsecond=0) <= at < now:
        at = now
    try:
        if round_.status != RoundStatus.OPEN or now >= round_.closes_at:
            raise NotOpen(round_.title)
        if round_.reminded_at is not None:
            raise AlreadyReminded(round_.title)
        if at is not None and not max(now, round_.opens_at or now) <= at < round_.closes_at:
            raise NotWithin(at.isoformat())
    except ValueError:
        db.session.rollback()
        raise
    act = "round_reminder_planned" if at else "round_reminder_cancelled"
    audit.note(by, act, "round", round_id, now=now, at=at)
    round_.remind_at = at
    if round_.told_at is not None:
        round_.ask_again(next_turn(round_))
    enqueue_after_commit(Job.TURN_ROUNDS)
    db.session.commit()
    return round_


def send_due(round_id: int, *, now: datetime) -> None:
    """Owe the reminder when its time has come, once; commits. After the close nobody is told.

    The round is not held while letters are entered: whoever votes would wait for them.
    """
    round_ = db.session.get_one(Round, round_id, populate_existing=True)
    due = round_.remind_at is not None and round_.reminded_at is None and round_.remind_at <= now
    if not due or not takes_ballots(round_, now):
        db.session.rollback()
        return
    silent = db.session.scalars(
        select(Account.id)
        .join(Round, Round.id == round_id)
        .where(roll.patrons(now), _has_not_voted(round_id))
        .order_by(Account.id)
    ).all()
    letters.owe_many(LETTER, ((f"{round_id}:{id_}", id_) for id_ in silent), now=now)
    round_ = locked(round_id)
    round_.reminded_at = now
    if round_.status == RoundStatus.OPEN:
        round_.ask_again(next_turn(round_))
    db.session.commit()


@letters.writes(LETTER)
def write(letter: Letter) -> Draft | None:
    """Remind a patron; not any more once the ballot is in, the round closed or the patron gone."""
    round_ = db.session.get_one(Round, int(letter.matter.partition(":")[0]))
    account = db.session.get_one(Account, letter.account_id)
    now = utcnow()
    wanted = db.session.scalar(
        select(Account.id)
        .join(Round, Round.id == round_.id)
        .where(Account.id == account.id, roll.patrons(now), _has_not_voted(round_.id))
    )
    if wanted is None or not takes_ballots(round_, now):
        return None
    return letters.draft(
        LETTER,
        to=account.email,
        locale=account.locale,
        account_id=account.id,
        name=account.name,
        round=round_,
        token=ballot_link(letter, round_, now=now),
    )
