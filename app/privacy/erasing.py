"""An erasure carried out, step by step: begun anew wherever it was cut off, until it is done."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts import audit
from app.accounts.models import Account, Role
from app.extensions import db
from app.giving.models import Checkout, Donation, Pledge
from app.jobs import Job, enqueue_after_commit
from app.letters import letters
from app.letters.models import Letter
from app.owed import MAX_ATTEMPTS
from app.payments.gateway import GatewayError, GatewayUnavailable, PaymentGateway
from app.privacy import (
    erasure_events,
    erasure_outside,
    erasure_steps,
    erasure_traces,
    erasures,
)
from app.privacy.erasure_ballots import BeingCounted
from app.privacy.erasure_models import Erasure, ErasureState, ErasureStep
from app.privacy.erasures import DONE, STUCK

log = structlog.get_logger()

#: The last letter goes before the address does; a mail server that takes it for no good reason has
#: so long, and then the address goes all the same.
LETTER_WITHIN = timedelta(days=3)
#: So soon it is looked whether the letter has gone.
LOOK_AGAIN = timedelta(seconds=20)
#: After so many attempts in vain, which is about half an hour, owners are told.
STUCK_AFTER = 6
#: What came late and could not be followed up is tried again after so long, then after twice as
#: long, and at last so often.
FOLLOWED_AGAIN, AT_LAST_EVERY = timedelta(minutes=1), timedelta(hours=1)


def carry_out(erasure_id: uuid.UUID, gateway: PaymentGateway, *, now: datetime) -> None:
    """Carry out an erasure whose day has come, as far as it can be; commits many times.

    Safe to run twice, and to be cut off anywhere: each step is a row that says whether it was done.
    Where Stripe does not answer it goes on later, for as long as it takes. Raises nothing for
    Stripe; what it refuses stays on the row.
    """
    if not _begin(erasure_id, now):
        return
    try:
        _ask_stripe(erasure_id, gateway, now)
        ids = accounts_of(erasure_id)
        for name, act in erasure_steps.STEPS.items():
            _step(erasure_id, name, lambda act=act: act(ids), now)  # type: ignore[misc]
        _step(erasure_id, "events", lambda: _empty_events(erasure_id), now)
        if _told(erasure_id, now):
            _finish(erasure_id, now)
    except (GatewayError, BeingCounted) as error:
        not_now(erasure_id, f"{type(error).__name__}: {error}", now)
    except Exception as error:
        # Whoever called keeps it in the log; here it is told to owners like any other obstacle.
        not_now(erasure_id, f"{type(error).__name__}: {error}", now)
        raise


def _ask_stripe(erasure_id: uuid.UUID, gateway: PaymentGateway, now: datetime) -> None:
    """Ask Stripe for all there is to ask; commits. Raises `GatewayError`.

    What it answers may lead on: a page that was paid has a pledge, and a pledge has a customer.
    """
    while True:
        while (step := erasure_outside.next_step(erasure_id)) is not None:
            erasure_outside.do(step, gateway, now=now)
        found = erasure_outside.plan(erasures.find(erasure_id), accounts_of(erasure_id))
        db.session.commit()
        if not found:
            return


def _begin(erasure_id: uuid.UUID, now: datetime) -> bool:
    """Begin, from which moment nobody undoes it, or take it up again; commits."""
    erasure = erasures.locked(erasure_id)
    if erasure.state not in (ErasureState.COMING, ErasureState.RUNNING):
        db.session.rollback()
        return False
    if erasure.comes_at is None or erasure.comes_at > now:
        # Asked for early, as when staff try again what did not go: it has its day.
        erasure.ask_again(erasure.comes_at or now)
        db.session.commit()
        return False
    account = db.session.get_one(Account, erasure.account_id, populate_existing=True)
    if account.merged_into_id is not None and not _follow(erasure, account.merged_into_id, now):
        return False
    if db.session.get_one(Account, erasure.account_id, populate_existing=True).is_staff:
        not_now(erasure_id, "the account has a role of staff", now)
        return False
    if erasure.begun_at is None:
        erasure.state, erasure.begun_at = ErasureState.RUNNING, now
        # Who gives again from now on is somebody new; nobody comes in as the old one.
        erasure_steps.sign_ins(accounts_of(erasure_id))
    erasure_outside.plan(erasure, accounts_of(erasure_id))
    db.session.commit()
    return True


def _follow(erasure: Erasure, kept_id: int, now: datetime) -> bool:
    """Turn to the account that this one was merged into since; False where that has its own.

    A wish of that one that nobody has confirmed yet is none to wait for.
    """
    found = erasures.open_of(kept_id)
    if found is not None and found.state not in erasures.WAITING:
        erasure.state, erasure.ended_at = ErasureState.UNDONE, now
        erasure.done()
        db.session.commit()
        return False
    erasures.overtake(kept_id, erasure, now)
    erasure.account_id = kept_id
    return True


def accounts_of(erasure_id: uuid.UUID) -> list[int]:
    """Return the accounts of the person: the one that is erased and those merged into it."""
    kept = db.session.get_one(Erasure, erasure_id).account_id
    merged = select(Account.id).where(Account.merged_into_id == kept).order_by(Account.id)
    return [kept, *db.session.scalars(merged)]


def _step(erasure_id: uuid.UUID, name: str, act: Callable[[], int], now: datetime) -> None:
    """Do one step of our own and note it, in one transaction; not again once it is noted."""
    row = db.session.get(ErasureStep, (erasure_id, name), populate_existing=True)
    if row is not None and row.done_at is not None:
        return
    erasure_steps.allow(erasure_id)
    _note(erasure_id, name, act(), now)
    db.session.commit()


def _note(erasure_id: uuid.UUID, name: str, rows: int, now: datetime) -> None:
    """Note that a step was done, or that it found some more rows when it was done again."""
    entered = insert(ErasureStep).values(erasure_id=erasure_id, name=name, rows=rows, done_at=now)
    db.session.execute(
        entered.on_conflict_do_update(
            index_elements=["erasure_id", "name"],
            set_={
                "rows": ErasureStep.rows + entered.excluded.rows,
                "done_at": func.coalesce(ErasureStep.done_at, entered.excluded.done_at),
            },
        )
    )


def _empty_events(erasure_id: uuid.UUID) -> int:
    erasure, ids = db.session.get_one(Erasure, erasure_id), accounts_of(erasure_id)
    addresses = db.session.scalars(select(Account.email).where(Account.id.in_(ids))).all()
    return erasure_events.empty(
        erasure_outside.customers(erasure), ids, since=_first_came(ids), addresses=addresses
    )


def _first_came(ids: Sequence[int]) -> datetime:
    """Before when no event can have told of the person."""
    moments = [
        db.session.scalar(select(func.min(column)).where(owner.in_(ids)))
        for column, owner in (
            (Checkout.created_at, Checkout.account_id),
            (Pledge.created_at, Pledge.account_id),
            (Donation.received_at, Donation.account_id),
            (Account.created_at, Account.id),
        )
    ]
    return min(one for one in moments if one is not None) - timedelta(days=1)


def _told(erasure_id: uuid.UUID, now: datetime) -> bool:
    """Owe the last letter, and say whether it has gone or never will; commits."""
    erasure = db.session.get_one(Erasure, erasure_id, populate_existing=True)
    letters.owe(DONE, erasure_id, erasure.account_id, now=now, urgency=letters.AT_ONCE)
    db.session.commit()
    letter = db.session.scalars(
        select(Letter)
        .where(Letter.kind == DONE, Letter.matter == str(erasure_id))
        .execution_options(populate_existing=True)
    ).one()
    waits = letter.due_at is not None and letter.attempts < MAX_ATTEMPTS
    if waits and now < letter.created_at + LETTER_WITHIN:
        erasure.ask_again(now + LOOK_AGAIN)
        db.session.commit()
        return False
    return True


def _finish(erasure_id: uuid.UUID, now: datetime) -> None:
    """Let name and address go, and with them whatever came since the steps were done; commits."""
    ids = accounts_of(erasure_id)
    erasure = erasures.locked(erasure_id)
    if erasure_outside.plan(erasure, ids):
        # Something was begun meanwhile: Stripe is asked first.
        erasure.ask_again(now)
        enqueue_after_commit(Job.ERASE)
        db.session.commit()
        return
    _empty_all(erasure, ids, now)
    erasure.state, erasure.done_at = ErasureState.DONE, now
    erasure.done()
    # From now on it counts how often what comes late could not be followed up.
    erasure.attempts = 0
    audit.note(None, "erasure_done", "erasure", erasure_id, account_id=erasure.account_id, now=now)
    # The list of supporters is made of names: it is brought up to date at once.
    enqueue_after_commit(Job.FOLLOW_ROLLUPS)
    db.session.commit()
    log.info("erasure_done", erasure=str(erasure_id))


def _empty_all(erasure: Erasure, ids: Sequence[int], now: datetime) -> None:
    """Empty whatever there is now, and look out for what comes; the caller commits."""
    erasure_steps.allow(erasure.id)
    erasure_steps.begin_exports_anew()
    for name, act in erasure_steps.STEPS.items():
        _note(erasure.id, name, act(ids), now)
    _note(erasure.id, "events", _empty_events(erasure.id), now)
    _note(erasure.id, "account", erasure_steps.accounts(ids), now)
    erasure_traces.sums(ids)
    # What has come and is not settled yet is looked at again.
    erasure.watched_at = erasure_events.settled_up_to(now)
    erasure.watch_until = now + erasure_events.WATCHED


def follow_up(gateway: PaymentGateway, *, now: datetime) -> int:
    """Empty what came about people after they were erased; commits; return about how many.

    A page that was open may have been paid, and its pledge would go on for ever, of nobody. Raises
    nothing for Stripe; what it refuses stays on the row and is tried again, less and less often.
    """
    found = erasure_outside.came_late(now=now)
    db.session.commit()
    for erasure_id in found:
        try:
            _ask_stripe(erasure_id, gateway, now)
            erasure = erasures.locked(erasure_id)
            _empty_all(erasure, accounts_of(erasure_id), now)
            erasure.books_cut_at = None
            erasure.attempts, erasure.error, erasure.again_at = 0, None, None
            db.session.commit()
            log.info("erasure_followed_up", erasure=str(erasure_id))
        except GatewayUnavailable as error:
            # It would be silent to the others as well, and let the worker wait for each.
            not_now(erasure_id, f"{type(error).__name__}: {error}", now)
            break
        except (GatewayError, BeingCounted) as error:
            not_now(erasure_id, f"{type(error).__name__}: {error}", now)
        except Exception as error:
            # One that cannot be followed up must not stop the others, nor what comes after them.
            log.exception("erasure_not_followed_up", erasure=str(erasure_id))
            not_now(erasure_id, f"{type(error).__name__}: {error}", now)
    return len(found)


def not_now(erasure_id: uuid.UUID, why: str, now: datetime) -> None:
    """Keep why it did not go on; it is tried again, and owners are told when that takes long."""
    db.session.rollback()
    erasure = erasures.locked(erasure_id)
    if erasure.state == ErasureState.DONE:
        # What is followed up is not claimed, which would have counted and set when to try again.
        erasure.again_at = now + min(FOLLOWED_AGAIN * 2**erasure.attempts, AT_LAST_EVERY)
        erasure.attempts += 1
    erasure.failed(why)
    if erasure.attempts >= STUCK_AFTER:
        # Again each month while it lasts: a pledge that nobody holds may go on.
        owners = db.session.scalars(select(Account.id).where(Account.role == Role.OWNER)).all()
        matters = [(f"{erasure_id}:{one}:{now:%Y-%m}", one) for one in owners]
        letters.owe_each(STUCK, matters, now=now)
    db.session.commit()
    log.warning("erasure_waits", erasure=str(erasure_id), why=why.partition(":")[0])
