"""Renewals that failed: each attempt entered once, and the letter that is owed for it."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import force_locale
from sqlalchemy import ColumnElement, String, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from app.accounts.models import Account
from app.clock import utcnow
from app.current import settings
from app.extensions import db
from app.giving import pledges
from app.giving.failing import failure_words
from app.giving.failing.failure_words import Notice, Stage, Vote
from app.giving.models import Dispute, Donation, FailedPayment, Pledge
from app.giving.rules import EndReason, Interval, PledgeStatus, grace_ends
from app.giving.wishes import links
from app.giving.wishes.links import Purpose
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.money import Money
from app.payments.facts import PaymentFailed, Remedy

KIND = "payment_failed"
#: The matter of the letter about an end that no attempt's letter tells of.
END = "end"
#: What follows the matter of an attempt in that of the letter that reminds of it.
WAITING = "waiting"
#: So long after an attempt that was announced and never made, its patron is reminded.
PATIENCE = timedelta(days=1)
#: Ends older than this are told of no more, should the letter never have become owed.
LATE = timedelta(days=14)


def record(failed: PaymentFailed, *, now: datetime) -> None:
    """Enter one failed attempt and owe its letter, once for ever. The caller commits.

    Raises `UnknownPledge` when the pledge is not in this database.
    """
    pledge = db.session.get(Pledge, failed.pledge_id)
    if pledge is None:
        raise pledges.UnknownPledge(str(failed.pledge_id))
    db.session.execute(
        insert(FailedPayment)
        .values(
            pledge_id=pledge.id,
            stripe_invoice_id=failed.invoice_id,
            attempt=failed.attempt,
            amount_minor=failed.amount.minor,
            currency=failed.amount.currency,
            failed_at=failed.failed_at,
            next_attempt_at=failed.next_attempt_at,
            remedy=failed.remedy,
            decline_code=failed.decline_code,
            pay_url=failed.pay_url,
            entered_at=now,
        )
        .on_conflict_do_nothing(index_elements=["stripe_invoice_id", "attempt"])
    )
    matter = f"{failed.invoice_id}:{failed.attempt}"
    letters.owe(KIND, matter, pledge.account_id, now=now)


def owe_end(pledge_id: uuid.UUID, *, now: datetime) -> None:
    """Owe the letter about an end for want of payment, once for ever. The caller commits.

    It is written only where no attempt's letter says the same: Stripe makes no further attempt
    with a card that was reported lost, so the pledge may end without one.
    """
    pledge = db.session.get_one(Pledge, pledge_id)
    if _unpaid(pledge):
        letters.owe(KIND, f"{pledge.id}:{END}", pledge.account_id, now=now)


def owe_ends(*, now: datetime, limit: int) -> int:
    """Owe the letters about ends that have none yet; return how many. The caller commits."""
    matter = func.concat(cast(Pledge.id, String), f":{END}")
    rows = db.session.execute(
        select(matter, Pledge.account_id)
        .where(
            Pledge.status == PledgeStatus.LAPSED,
            Pledge.end_reason == EndReason.UNPAID,
            Pledge.started_at.is_not(None),
            Pledge.ended_at > now - LATE,
            ~exists().where(Letter.kind == KIND, Letter.matter == matter),
        )
        .limit(limit)
    ).all()
    letters.owe_each(KIND, [(row[0], row[1]) for row in rows], now=now)
    return len(rows)


def owe_waiting(*, now: datetime, limit: int) -> int:
    """Owe the letters about gifts that wait for their patron; return how many. The caller commits.

    A card that was refused for good is not tried again, so the attempt that was announced goes by
    without another: then its patron is reminded, once.
    """
    later = aliased(FailedPayment)
    matter = func.concat(
        FailedPayment.stripe_invoice_id,
        ":",
        cast(FailedPayment.attempt, String),
        f":{WAITING}",
    )
    rows = db.session.execute(
        select(matter, Pledge.account_id)
        .join(Pledge, Pledge.id == FailedPayment.pledge_id)
        .where(
            Pledge.status == PledgeStatus.PAST_DUE,
            FailedPayment.remedy != Remedy.WAIT,
            FailedPayment.next_attempt_at < now - PATIENCE,
            ~exists().where(
                later.stripe_invoice_id == FailedPayment.stripe_invoice_id,
                later.attempt > FailedPayment.attempt,
            ),
            ~exists().where(Donation.stripe_invoice_id == FailedPayment.stripe_invoice_id),
            ~exists().where(Letter.kind == KIND, Letter.matter == matter),
        )
        .limit(limit)
    ).all()
    letters.owe_each(KIND, [(row[0], row[1]) for row in rows], now=now)
    return len(rows)


@letters.writes(KIND)
def write(letter: Letter) -> Draft | None:
    """Tell a patron of a failed attempt or of the end; not any more when it is untrue by now."""
    subject, which, *waiting = letter.matter.split(":")
    if which == END:
        case = _of_end(uuid.UUID(subject))
    else:
        case = _of_attempt(subject, int(which), waiting=bool(waiting))
    if case is None:
        return None
    account = db.session.get_one(Account, letter.account_id)
    with force_locale(account.locale):
        told = failure_words.of(case.known)
    return letters.draft(
        KIND,
        to=account.email,
        locale=account.locale,
        name=account.name,
        told=told,
        url=case.url or links.for_letter(letter, case.pledge, case.way)[case.way],
    )


@dataclass(frozen=True, slots=True)
class _Case:
    """What a letter is about: what is known, the pledge, and where its one button leads."""

    known: Notice
    pledge: Pledge
    #: What the signed link does, unless the button leads to Stripe's page.
    way: Purpose
    url: str | None = None


def _of_attempt(invoice_id: str, attempt: int, *, waiting: bool) -> _Case | None:
    """Return what an attempt's letter says; None when it is made good, overtaken or left."""
    failed = db.session.scalars(
        select(FailedPayment)
        .where(FailedPayment.stripe_invoice_id == invoice_id, FailedPayment.attempt >= attempt)
        .order_by(FailedPayment.attempt.desc())
    ).first()
    if failed is None or failed.attempt > attempt or _paid(invoice_id):
        return None
    pledge = db.session.get_one(Pledge, failed.pledge_id)
    last = failed.next_attempt_at is None
    ended = last and _unpaid(pledge) and not _end_was_told(pledge)
    tried = pledge.status == PledgeStatus.PAST_DUE or (
        pledge.status == PledgeStatus.PAUSED and not last
    )
    if pledge.started_at is None or not (ended or tried) or _contested(pledge):
        return None
    if last:
        return _the_end(pledge, failed.amount, pledge.ended_at or failed.failed_at)
    remedy = Remedy(failed.remedy)
    vote, until = _vote(pledge, utcnow())
    notice = Notice(
        stage=Stage.WAITING if waiting else _stage(attempt),
        remedy=remedy,
        amount=failed.amount,
        pledged=pledge.amount,
        interval=Interval(pledge.interval),
        at=failed.failed_at,
        next_attempt_at=failed.next_attempt_at,
        vote=vote,
        vote_until=until,
    )
    return _Case(notice, pledge, Purpose.CARD, failed.pay_url if remedy is Remedy.APPROVE else None)


def _stage(attempt: int) -> Stage:
    if attempt + 1 >= settings().renewal_attempts:
        return Stage.BEFORE_LAST
    return Stage.FIRST if attempt == 1 else Stage.MIDWAY


def _of_end(pledge_id: uuid.UUID) -> _Case | None:
    """Return what the letter about an end says; None when the last attempt's letter says it."""
    pledge = db.session.get_one(Pledge, pledge_id)
    newest = newest_of(pledge_id)
    # A letter that was owed before the end was known may have been silent; then this one is not.
    told = (
        newest is not None
        and newest.next_attempt_at is None
        and not _paid(newest.stripe_invoice_id)
        and _is_there(
            Letter.kind == KIND,
            Letter.matter == f"{newest.stripe_invoice_id}:{newest.attempt}",
            or_(Letter.sent_at.is_not(None), Letter.due_at.is_not(None)),
        )
    )
    if told or not _unpaid(pledge) or _contested(pledge) or pledge.ended_at is None:
        return None
    return _the_end(pledge, newest.amount if newest else pledge.amount, pledge.ended_at)


def _the_end(pledge: Pledge, amount: Money, at: datetime) -> _Case:
    others = _others_stand(pledge, utcnow())
    notice = Notice(
        stage=Stage.END,
        remedy=Remedy.NEW_CARD,
        amount=amount,
        pledged=pledge.amount,
        interval=Interval(pledge.interval),
        at=at,
        next_attempt_at=None,
        vote=Vote.SAFE if others else Vote.LOST,
        vote_until=None,
    )
    return _Case(notice, pledge, Purpose.RETURN)


def _vote(pledge: Pledge, now: datetime) -> tuple[Vote, datetime | None]:
    """What becomes of the vote while the money is tried for, and to when it is kept."""
    if _others_stand(pledge, now):
        return Vote.SAFE, None
    grace = timedelta(days=settings().grace_days)
    since = pledge.past_due_since
    until = grace_ends(since, grace) if since else pledge.paid_until
    return (Vote.KEPT, until) if until is not None and until > now else (Vote.RESTS, None)


def newest_of(pledge_id: uuid.UUID) -> FailedPayment | None:
    """Return a pledge's last failed attempt."""
    return db.session.scalars(
        select(FailedPayment)
        .where(FailedPayment.pledge_id == pledge_id)
        .order_by(FailedPayment.failed_at.desc(), FailedPayment.attempt.desc())
    ).first()


def _unpaid(pledge: Pledge) -> bool:
    """Whether a pledge that once began has ended for want of payment."""
    return (
        pledge.started_at is not None
        and pledge.status == PledgeStatus.LAPSED
        and pledge.end_reason == EndReason.UNPAID
    )


def _others_stand(pledge: Pledge, now: datetime) -> bool:
    return any(other.id != pledge.id for other in pledges.in_standing(pledge.account_id, now))


def _is_there(*which: ColumnElement[bool]) -> bool:
    return bool(db.session.scalar(select(exists().where(*which))))


def _paid(invoice_id: str) -> bool:
    return _is_there(Donation.stripe_invoice_id == invoice_id)


def _contested(pledge: Pledge) -> bool:
    """Whether a gift of the pledge is disputed: then we ask for no money."""
    mine = select(Donation.id).where(Donation.pledge_id == pledge.id)
    return _is_there(Dispute.donation_id.in_(mine), Dispute.closed_at.is_(None))


def _end_was_told(pledge: Pledge) -> bool:
    matter = f"{pledge.id}:{END}"
    return _is_there(Letter.kind == KIND, Letter.matter == matter, Letter.sent_at.is_not(None))
