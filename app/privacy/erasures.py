"""Erasures asked for, confirmed, undone: everything up to the moment it is carried out."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from app.accounts import accounts, approvals, audit
from app.accounts.models import Account
from app.current import settings
from app.extensions import db
from app.jobs import Job, enqueue_after_commit
from app.letters import letters
from app.privacy.erasure_models import OVER, Erasure, ErasureState, ErasureStep

#: The kinds of letters; the matter of each is the erasure's id.
CONFIRM, COMING, DONE, STUCK, UNDONE = (
    "erasure_confirm",
    "erasure_coming",
    "erasure_done",
    "erasure_stuck",
    "erasure_undone",
)
OWN = (CONFIRM, COMING, DONE, STUCK, UNDONE)
#: The act that a second member of staff agrees to.
ACT = "erasure"
#: For how long the letter that asks for confirmation works.
CONFIRMED_WITHIN = timedelta(days=3)


class UnknownErasure(LookupError):
    """There is no such erasure."""


class CannotErase(ValueError):
    """The account cannot be erased as it stands: it belongs to staff, or it has been erased."""


class TooLate(ValueError):
    """It cannot be confirmed, undone or decided any more: it is over, or it has been begun."""


def cooling_off() -> timedelta:
    """How long it can be undone after it was confirmed."""
    return timedelta(days=settings().erasure_days)


def ask(account_id: int, *, now: datetime) -> Erasure:
    """Ask for one's own data to be erased; commits. Owes the letter that asks for confirmation.

    Asked again while that letter works, it is the same one and the letter goes once. Raises
    `CannotErase`.
    """
    account = _erasable(account_id)
    found = open_of(account.id)
    if found is not None and _expired(found, now):
        found.state, found.ended_at = ErasureState.EXPIRED, now
        db.session.flush()
        found = None
    if found is None:
        found = _entered(account, ErasureState.ASKED, now)
        letters.owe(CONFIRM, found.id, account.id, now=now, urgency=letters.AT_ONCE)
    db.session.commit()
    return found


def ask_for(account_id: int, *, at_once: bool, by: int, now: datetime) -> Erasure:
    """Ask for somebody who wrote or called; commits. A second member of staff has to agree.

    `at_once`: the person wants it without days to think it over, and has said so in writing. Raises
    `CannotErase`, `NobodyToApprove`.
    """
    account = _erasable(account_id)
    found = open_of(account.id)
    if found is not None and found.state == ErasureState.ASKED:
        # Staff need not wait for a letter that may never be read.
        found.state, found.ended_at = ErasureState.EXPIRED, now
        db.session.flush()
        found = None
    if found is None:
        found = _entered(account, ErasureState.WANTED, now)
        found.asked_by_id, found.at_once = by, at_once
        approvals.ask(ACT, found.id, by, now=now)
        _note(by, "erasure_asked", found, now, at_once=at_once)
    db.session.commit()
    return found


def _erasable(account_id: int) -> Account:
    account = accounts.locked(account_id)
    if account.is_staff or is_erased(account.id):
        db.session.rollback()
        raise CannotErase(str(account_id))
    return account


def _entered(account: Account, state: ErasureState, now: datetime) -> Erasure:
    erasure = Erasure(
        id=uuid.uuid4(),
        account_id=account.id,
        state=state,
        locale=account.locale,
        asked_at=now,
        at_once=False,
        attempts=0,
    )
    db.session.add(erasure)
    db.session.flush()
    return erasure


def confirm(erasure_id: uuid.UUID, *, now: datetime) -> Erasure:
    """Note that the person pressed the letter's button; commits. Twice is once.

    It is owed from then on. Where the account was merged into another since, it is about that one.
    Raises `TooLate`, `UnknownErasure`.
    """
    erasure = find(erasure_id)
    # Who carries one out holds it and takes the account next: where it is not asked for any more,
    # the account is not held here.
    if erasure.state == ErasureState.ASKED:
        account = accounts.locked(erasure.account_id)
        erasure = locked(erasure_id)
    if erasure.state == ErasureState.COMING:
        db.session.commit()
        return erasure
    if erasure.state != ErasureState.ASKED or _expired(erasure, now):
        db.session.rollback()
        raise TooLate(str(erasure_id))
    if account.id != erasure.account_id and open_of(account.id) is not None:
        db.session.rollback()
        raise TooLate(str(erasure_id))
    erasure.account_id = account.id
    _plan(erasure, now)
    db.session.commit()
    return erasure


def decide(erasure_id: uuid.UUID, *, approved: bool, by: int, now: datetime) -> Erasure:
    """Agree as the second member of staff, or decline; commits.

    Raises `TooLate`, `UnknownErasure` and what `approvals.decide` raises.
    """
    erasure = locked(erasure_id)
    approval = approvals.of_subject(ACT, erasure_id)
    if approval is None or erasure.state != ErasureState.WANTED:
        db.session.rollback()
        raise TooLate(str(erasure_id))
    approvals.decide(approval.id, by, approved=approved, now=now)
    if approved:
        _note(by, "erasure_approved", erasure, now)
        _plan(erasure, now)
    else:
        _note(by, "erasure_declined", erasure, now)
        erasure.state, erasure.ended_at = ErasureState.DECLINED, now
    db.session.commit()
    return erasure


def _plan(erasure: Erasure, now: datetime) -> None:
    """Let it come on its day and tell the person, who can undo it until then."""
    erasure.state, erasure.confirmed_at = ErasureState.COMING, now
    erasure.comes_at = now if erasure.at_once else now + cooling_off()
    erasure.due_at, erasure.attempts = erasure.comes_at, 0
    if erasure.at_once:
        enqueue_after_commit(Job.ERASE)
    else:
        letters.owe(COMING, erasure.id, erasure.account_id, now=now)


def undo(erasure_id: uuid.UUID, *, by: int | None = None, now: datetime) -> Erasure:
    """Take an erasure back before it is begun; commits. Twice is once.

    `by` is the member of staff who did, which the person is told where they knew of it; None for
    the person. Raises `TooLate`, `UnknownErasure`.
    """
    erasure = locked(erasure_id)
    if erasure.state == ErasureState.UNDONE:
        db.session.commit()
        return erasure
    if erasure.state not in (ErasureState.ASKED, ErasureState.WANTED, ErasureState.COMING):
        db.session.rollback()
        raise TooLate(str(erasure_id))
    approvals.drop(ACT, erasure.id)
    if by is not None and erasure.state != ErasureState.WANTED:
        letters.owe(UNDONE, erasure.id, erasure.account_id, now=now)
    erasure.state, erasure.ended_at = ErasureState.UNDONE, now
    erasure.done()
    _note(by or erasure.account_id, "erasure_undone", erasure, now)
    db.session.commit()
    return erasure


def find(erasure_id: uuid.UUID) -> Erasure:
    """Return an erasure. Raises `UnknownErasure`."""
    erasure = db.session.get(Erasure, erasure_id, populate_existing=True)
    if erasure is None:
        raise UnknownErasure(str(erasure_id))
    return erasure


def locked(erasure_id: uuid.UUID) -> Erasure:
    """Return an erasure under a row lock until the caller commits. Raises `UnknownErasure`."""
    erasure = db.session.get(Erasure, erasure_id, with_for_update=True, populate_existing=True)
    if erasure is None:
        raise UnknownErasure(str(erasure_id))
    return erasure


def works(erasure: Erasure, now: datetime) -> bool:
    """Whether the letter that asks for confirmation still does something."""
    return erasure.state == ErasureState.ASKED and not _expired(erasure, now)


def open_of(account_id: int) -> Erasure | None:
    """Return the erasure of an account that is under way; None where there is none."""
    return db.session.scalars(
        select(Erasure).where(
            Erasure.account_id == account_id, Erasure.state.not_in([str(one) for one in OVER])
        )
    ).one_or_none()


def of_account(account_id: int) -> Sequence[Erasure]:
    """Return the erasures of an account, the newest first."""
    return db.session.scalars(
        select(Erasure)
        .where(Erasure.account_id == account_id)
        .order_by(Erasure.asked_at.desc(), Erasure.id)
    ).all()


def latest(*, limit: int) -> Sequence[Erasure]:
    """Return the newest erasures, for staff; before them whatever is held up, however old."""
    return db.session.scalars(
        select(Erasure)
        .order_by(Erasure.error.is_(None), Erasure.asked_at.desc(), Erasure.id)
        .limit(limit)
    ).all()


def is_erased(account_id: int) -> bool:
    """Whether an account is the empty shell of somebody who was erased."""
    done = select(Erasure.id).where(
        Erasure.account_id == account_id, Erasure.state == ErasureState.DONE
    )
    return bool(db.session.scalar(select(done.exists())))


def steps_of(erasure_id: uuid.UUID) -> Sequence[ErasureStep]:
    """Return the steps of an erasure in the order in which they were done."""
    return db.session.scalars(
        select(ErasureStep)
        .where(ErasureStep.erasure_id == erasure_id)
        .order_by(ErasureStep.done_at.nulls_last(), ErasureStep.name)
    ).all()


def expire(*, now: datetime) -> int:
    """Note of letters whose time is over that nobody confirmed; return how many; commits."""
    old = db.session.scalars(
        select(Erasure)
        .where(
            Erasure.state == ErasureState.ASKED.value,
            Erasure.asked_at < now - CONFIRMED_WITHIN,
        )
        .with_for_update(skip_locked=True)
    ).all()
    for erasure in old:
        erasure.state, erasure.ended_at = ErasureState.EXPIRED, now
    db.session.commit()
    return len(old)


def forget(*, before: datetime) -> int:
    """Remove wishes that came to nothing before a moment; return how many; commits.

    One that was carried out stays, as the proof of it, and names nobody.
    """
    gone = db.session.scalars(
        delete(Erasure).where(Erasure.ended_at < before).returning(Erasure.id)
    ).all()
    db.session.commit()
    return len(gone)


def _expired(erasure: Erasure, now: datetime) -> bool:
    return erasure.state == ErasureState.ASKED and now > erasure.asked_at + CONFIRMED_WITHIN


def _note(by: int | None, act: str, erasure: Erasure, now: datetime, **details: object) -> None:
    audit.note(by, act, "erasure", erasure.id, account_id=erasure.account_id, now=now, **details)
