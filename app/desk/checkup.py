"""The signs a doctor looks at: Stripe, mail, workers, database. Looks and changes nothing."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.desk import differences, pulse
from app.desk.models import Comparison
from app.desk.pulse import Pulse
from app.extensions import db, migrate
from app.giving.books import movement_checks, payouts
from app.giving.models import Donation, Payout, PayoutLook, PledgeChange, Refund
from app.letters.models import Letter
from app.mailer import Mailer, NotSent
from app.owed import MAX_ATTEMPTS, Owed
from app.payments.gateway import PaymentGateway
from app.payments.models import InboxEvent
from app.payments.orders import Inspection
from app.promises.models import Promise
from app.voting.models import Round
from app.voting.plans import RoundTemplate
from config.settings import Environment, Settings

T = TypeVar("T")

#: Nobody waits for the outside world longer than this many seconds.
LONGEST = 12.0


@dataclass(frozen=True, slots=True)
class Owing:
    """What one kind of row owes: rows due, since when the longest, and those given up."""

    due: int
    since: datetime | None
    given_up: int


NOTHING = Owing(0, None, 0)


@dataclass(frozen=True, slots=True)
class Signs:
    """Everything the doctor looks at, as it was at `now`."""

    now: datetime
    livemode: bool
    production: bool
    webhook_url: str
    #: None when Stripe let us wait too long.
    stripe: Inspection | None
    #: Why no letter could be handed over; None when one could.
    mail_error: str | None
    pulse: Pulse
    schema_current: bool
    last_event_at: datetime | None
    last_gift_at: datetime | None
    events: Owing
    letters: Owing
    fees: Owing
    refunds: Owing
    changes: Owing
    votes: Owing
    compared_at: datetime | None
    differences: int
    #: The newest proof that the movements add up, and how many pledges they did not add up to.
    proven_at: datetime | None = None
    unproven: int = 0
    #: Payouts of which Stripe has not said what they hold.
    payouts: Owing = NOTHING
    #: The last look at all payouts, where Stripe refused it or was silent.
    payout_look: PayoutLook | None = None


def gather(
    app: Flask,
    settings: Settings,
    gateway: PaymentGateway,
    mailer: Mailer,
    *,
    now: datetime,
    longest: float = LONGEST,
) -> Signs:
    """Look at everything; takes no longer than `longest` seconds and little more.

    Holds no connection to the database while the outside world is asked. Raises nothing for what is
    down, but for the database itself.
    """
    db.session.commit()
    webhook_url = f"{settings.site_url}/webhooks/stripe"
    pool = ThreadPoolExecutor(3, thread_name_prefix="checkup")
    stripe = pool.submit(gateway.inspect, webhook_url)
    mail = pool.submit(_greeted, mailer)
    felt = pool.submit(_felt, app)
    inspection = _within(stripe, longest, lambda: None)
    mail_error = _within(mail, longest, lambda: "timeout")
    beat = _within(felt, longest, lambda: Pulse(queue=False, workers=(), last=None))
    # A call that hangs ends by itself; nobody waits for it here.
    pool.shutdown(wait=False, cancel_futures=True)
    proof = movement_checks.latest()
    signs = Signs(
        now=now,
        livemode=settings.livemode,
        production=settings.environment is Environment.PRODUCTION,
        webhook_url=webhook_url,
        stripe=inspection,
        mail_error=mail_error,
        pulse=beat,
        schema_current=_schema_is_current(),
        last_event_at=db.session.scalar(select(func.max(InboxEvent.received_at))),
        last_gift_at=db.session.scalar(
            select(func.max(Donation.entered_at)).where(Donation.source == "stripe")
        ),
        events=_owing(InboxEvent, now),
        letters=_owing(Letter, now),
        fees=_owing(Donation, now),
        refunds=_owing(Refund, now),
        changes=_owing(PledgeChange, now),
        votes=_together(_owing(model, now) for model in (RoundTemplate, Round, Promise)),
        compared_at=db.session.scalar(
            select(func.max(Comparison.finished_at)).where(Comparison.error.is_(None))
        ),
        differences=differences.count(),
        proven_at=proof.at if proof else None,
        unproven=proof.differing if proof else 0,
        payouts=_owing(Payout, now),
        payout_look=payouts.unanswered_look(),
    )
    db.session.commit()
    return signs


def _within(future: "Future[T]", seconds: float, otherwise: Callable[[], Any]) -> Any:
    try:
        return future.result(timeout=seconds)
    except TimeoutError:
        return otherwise()


def _greeted(mailer: Mailer) -> str | None:
    try:
        mailer.greet()
    except NotSent as error:
        return str(error)
    return None


def _felt(app: Flask) -> Pulse:
    with app.app_context():
        return pulse.feel(app.extensions["redis"])


def _owing(model: type[Owed], now: datetime) -> Owing:
    waiting = (model.due_at <= now) & (model.attempts < MAX_ATTEMPTS)
    row = db.session.execute(
        select(
            func.count().filter(waiting),
            func.min(model.due_at).filter(waiting),
            func.count().filter(model.given_up()),
        )
        .select_from(model)
        .where(model.due_at.is_not(None))
    ).one()
    return Owing(*row)


def _together(owings: Iterable[Owing]) -> Owing:
    found = list(owings)
    since = [one.since for one in found if one.since is not None]
    return Owing(
        sum(one.due for one in found),
        min(since, default=None),
        sum(one.given_up for one in found),
    )


def _schema_is_current() -> bool:
    try:
        return db.session.scalar(text("SELECT version_num FROM alembic_version")) == _head()
    except SQLAlchemyError:
        db.session.rollback()
        return False


@cache
def _head() -> str | None:
    return ScriptDirectory.from_config(migrate.get_config()).get_current_head()
