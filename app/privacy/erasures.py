"""Erasures asked for, confirmed, undone: everything up to the moment it is carried out."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts import accounts, approvals, audit
from app.accounts.models import Account
from app.current import settings
from app.extensions import db
from app.jobs import Job, enqueue_after_commit
from app.letters import letters
from app.privacy.erasure_models import OVER, Erasure, ErasureState

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
#: Where nobody has confirmed it.
WAITING = (ErasureState.ASKED, ErasureState.WANTED)
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

    Asked again while that letter works, it is the same one and the letter goes once. What staff
    want for the person, and a second one has not agreed to, does not stand in the way. Raises
    `CannotErase`.
    """
    account = _erasable(account_id)
    found = open_of(account.id)
    if found is not None and _expired(found, now):
        _end(found, ErasureState.EXPIRED, now)
        db.session.flush()
        found = None
    if found is None or found.state == ErasureState.WANTED:
        found = _entered(account, ErasureState.ASKED, now)
        letters.owe(CONFIRM, found.id, account.id, now=now, urgency=letters.AT_ONCE)
    db.session.commit()
    return found


def ask_for(account_id: int, *, at_once: bool, by: int, now: datetime) -> Erasure:
    """Ask for somebody who wrote or called; commits. A second member of staff has to agree.

    Staff need not wait for a letter that may never be read, and take nothing from who has it: the
    person's own wish stands beside this one until either is confirmed. `at_once`: the person wants
    it without days to think it over, and has said so in writing. Raises `CannotErase`,
    `NobodyToApprove`.
    """
    account = _erasable(account_id)
    there = {one.state: one for one in _open(account.id)}
    there.pop(ErasureState.ASKED, None)
    found = next(iter(there.values()), None)
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
    erasure = _held(erasure_id)
    if erasure.state == ErasureState.COMING:
        db.session.commit()
        return erasure
    if erasure.state != ErasureState.ASKED or _expired(erasure, now):
        db.session.rollback()
        raise TooLate(str(erasure_id))
    account_id = accounts.kept(db.session.get_one(Account, erasure.account_id)).id
    if not all(one.state in WAITING for one in _open(account_id)):
        db.session.rollback()
        raise TooLate(str(erasure_id))
    overtake(account_id, erasure, now)
    erasure.account_id = account_id
    _plan(erasure, now)
    db.session.commit()
    return erasure


def decide(erasure_id: uuid.UUID, *, approved: bool, by: int, now: datetime) -> Erasure:
    """Agree as the second member of staff, or decline; commits.

    Raises `TooLate`, `UnknownErasure` and what `approvals.decide` raises.
    """
    erasure = _held(erasure_id)
    approval = approvals.of_subject(ACT, erasure_id)
    if approval is None or erasure.state != ErasureState.WANTED:
        db.session.rollback()
        raise TooLate(str(erasure_id))
    approvals.decide(approval.id, by, approved=approved, now=now)
    if approved:
        _note(by, "erasure_approved", erasure, now)
        overtake(erasure.account_id, erasure, now)
        _plan(erasure, now)
    else:
        _note(by, "erasure_declined", erasure, now)
        _end(erasure, ErasureState.DECLINED, now)
    db.session.commit()
    return erasure


def _held(erasure_id: uuid.UUID) -> Erasure:
    """Hold a wish, and before it the person's account while nobody has confirmed it.

    So do those who ask. Who carries one out holds it and takes the account next: where it does not
    wait any more, the account is not held here.
    """
    erasure = find(erasure_id)
    if erasure.state in WAITING:
        accounts.locked(erasure.account_id)
    return locked(erasure_id)


def overtake(account_id: int, confirmed: Erasure, now: datetime) -> None:
    """End what waits of an account beside a wish that is confirmed. The caller commits."""
    for other in _open(account_id):
        if other.id != confirmed.id:
            approvals.drop(ACT, other.id)
            _end(other, ErasureState.OVERTAKEN, now)
    db.session.flush()


def _end(erasure: Erasure, state: ErasureState, now: datetime) -> None:
    erasure.state, erasure.ended_at = state, now


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
    the person, who takes back what staff want for them with it. Raises `TooLate`, `UnknownErasure`.
    """
    erasure = _held(erasure_id)
    if erasure.state == ErasureState.UNDONE:
        db.session.commit()
        return erasure
    if erasure.state not in (ErasureState.ASKED, ErasureState.WANTED, ErasureState.COMING):
        db.session.rollback()
        raise TooLate(str(erasure_id))
    if by is not None and erasure.state != ErasureState.WANTED:
        letters.owe(UNDONE, erasure.id, erasure.account_id, now=now)
    for one in (erasure, *(_open(erasure.account_id) if by is None else ())):
        if one.state not in OVER:
            approvals.drop(ACT, one.id)
            _end(one, ErasureState.UNDONE, now)
            one.done()
            _note(by or one.account_id, "erasure_undone", one, now)
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
    """Return the erasure of an account that is under way; None where there is none.

    Where the person asked beside staff it is the person's own.
    """
    return next(iter(_open(account_id)), None)


def _open(account_id: int) -> Sequence[Erasure]:
    """What an account has under way: one, or the person's own and then what staff want."""
    return db.session.scalars(
        select(Erasure)
        .where(Erasure.account_id == account_id, Erasure.state.not_in([str(one) for one in OVER]))
        .order_by(Erasure.state == ErasureState.WANTED.value)
        .execution_options(populate_existing=True)
    ).all()


def is_erased(account_id: int) -> bool:
    """Whether an account is the empty shell of somebody who was erased."""
    done = select(Erasure.id).where(
        Erasure.account_id == account_id, Erasure.state == ErasureState.DONE
    )
    return bool(db.session.scalar(select(done.exists())))


def _expired(erasure: Erasure, now: datetime) -> bool:
    return erasure.state == ErasureState.ASKED and now > erasure.asked_at + CONFIRMED_WITHIN


def _note(by: int | None, act: str, erasure: Erasure, now: datetime, **details: object) -> None:
    audit.note(by, act, "erasure", erasure.id, account_id=erasure.account_id, now=now, **details)
