"""What an erasure asks of Stripe: each object is a row of ours before it is asked for."""

import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import AccountNote
from app.bank.models import StatementLine
from app.extensions import db
from app.giving import pledges, settlement
from app.giving.models import Checkout, Donation, FailedPayment, Pledge, PledgeChange
from app.giving.rules import FINAL, ChangeKind, Interval
from app.letters.models import Letter
from app.payments.facts import Ending, PledgeSeen, Standing
from app.payments.gateway import GatewayError, PaymentGateway, UnknownObject
from app.privacy.erasure_models import Erasure, ErasureState, ErasureStep
from app.privacy.erasures import OWN
from app.sealing import seal, unseal

#: Stands in place of a customer's id; a payment that is told late does not put another there.
NOBODY = "erased"
CUSTOMERS = "erased-customers"
#: The kinds of steps in the order in which they are done: "kind:which".
PLEDGE, PAGE, PAYER, CUSTOMER = "pledge", "page", "payer", "customer"
ORDER = (PLEDGE, PAGE, PAYER, CUSTOMER)


def plan(erasure: Erasure, account_ids: Sequence[int]) -> int:
    """Write down what is to be asked of Stripe and is not written yet; the caller commits.

    Returns how many steps are new. What a form or an event brought meanwhile is found by asking
    again.
    """
    wanted = [
        {"erasure_id": erasure.id, "name": name, "subject": subject}
        for name, subject in _wanted(account_ids)
    ]
    if not wanted:
        return 0
    new = db.session.scalars(
        insert(ErasureStep).on_conflict_do_nothing().returning(ErasureStep.name), wanted
    ).all()
    return len(new)


def _wanted(account_ids: Sequence[int]) -> Iterator[tuple[str, str]]:
    for pledge in db.session.scalars(
        select(Pledge)
        .where(Pledge.account_id.in_(account_ids))
        .order_by(Pledge.created_at, Pledge.id)
        .execution_options(populate_existing=True)
    ):
        if pledge.status not in FINAL and pledge.stripe_subscription_id:
            yield f"{PLEDGE}:{pledge.id.hex}", pledge.stripe_subscription_id
        if pledge.stripe_customer_id not in (None, NOBODY):
            yield customer_step(str(pledge.stripe_customer_id)), str(pledge.stripe_customer_id)
    for checkout_id, session_id in db.session.execute(
        select(Checkout.id, Checkout.stripe_session_id).where(
            Checkout.account_id.in_(account_ids),
            Checkout.status == "open",
            Checkout.stripe_session_id.is_not(None),
        )
    ):
        yield f"{PAGE}:{checkout_id.hex}", str(session_id)
    for donation_id, intent in db.session.execute(
        select(Donation.id, Donation.stripe_payment_intent_id).where(
            Donation.account_id.in_(account_ids),
            Donation.pledge_id.is_(None),
            Donation.stripe_payment_intent_id.is_not(None),
        )
    ):
        yield f"{PAYER}:{donation_id}", str(intent)


def came_late(*, now: datetime) -> Sequence[uuid.UUID]:
    """Return the erasures that are done and of whose person Stripe has told since.

    A pledge that goes on, the customer of one, a page to pay on, or a gift whose payer was not
    asked for; or of whom staff have entered something since. Those that could not be followed up
    lately have their moment.
    """
    looked_up = func.concat(PAYER, ":", Donation.id)
    came = (
        exists().where(
            Pledge.account_id == Erasure.account_id,
            Pledge.stripe_customer_id != NOBODY,
        ),
        exists().where(
            Pledge.account_id == Erasure.account_id,
            Pledge.status.not_in(FINAL),
            Pledge.stripe_subscription_id.is_not(None),
        ),
        exists().where(
            Checkout.account_id == Erasure.account_id, Checkout.stripe_session_id.is_not(None)
        ),
        exists().where(
            Pledge.account_id == Erasure.account_id,
            FailedPayment.pledge_id == Pledge.id,
            FailedPayment.pay_url.is_not(None),
        ),
        exists().where(
            Donation.account_id == Erasure.account_id,
            Donation.pledge_id.is_(None),
            Donation.stripe_payment_intent_id.is_not(None),
            ~exists().where(ErasureStep.erasure_id == Erasure.id, ErasureStep.name == looked_up),
        ),
        # What staff entered for somebody of whom they did not see that nobody is left.
        exists().where(AccountNote.account_id == Erasure.account_id),
        exists().where(
            Donation.account_id == Erasure.account_id,
            # No gift that came through Stripe has one; those of staff are found by an index.
            Donation.entered_by_id.is_not(None),
            Donation.reference.is_not(None),
        ),
        exists().where(
            Donation.account_id == Erasure.account_id,
            StatementLine.donation_id == Donation.id,
            StatementLine.payer != "",
        ),
    )
    return db.session.scalars(
        select(Erasure.id)
        .where(
            Erasure.state == ErasureState.DONE.value,
            or_(Erasure.again_at.is_(None), Erasure.again_at <= now),
            or_(*came),
        )
        .order_by(Erasure.done_at, Erasure.id)
    ).all()


def customer_step(customer_id: str) -> str:
    """Return the name of the step that deletes a customer: the same for the same one."""
    return f"{CUSTOMER}:{hashlib.sha256(customer_id.encode()).hexdigest()[:24]}"


def next_step(erasure_id: uuid.UUID) -> ErasureStep | None:
    """Return the first step that is still to be asked of Stripe; None when all are done."""
    owed = db.session.scalars(
        select(ErasureStep).where(
            ErasureStep.erasure_id == erasure_id,
            ErasureStep.done_at.is_(None),
            ErasureStep.subject.is_not(None),
        )
    ).all()
    return min(owed, key=lambda step: (ORDER.index(kind(step)), step.name), default=None)


def kind(step: ErasureStep) -> str:
    """Return which kind of step it is."""
    return step.name.partition(":")[0]


def do(step: ErasureStep, gateway: PaymentGateway, *, now: datetime) -> None:
    """Ask Stripe for one step and note that it was done; commits. Safe to run twice.

    No transaction is open while Stripe answers. Raises `GatewayError`.
    """
    match kind(step):
        case "pledge":
            _end_pledge(step, gateway, now)
        case "page":
            _close_page(step, gateway, now)
        case "payer":
            _find_payer(step, gateway)
        case _:
            _delete_customer(step, gateway)
    step.subject, step.rows, step.done_at = None, step.rows or 1, now
    db.session.commit()


def _end_pledge(step: ErasureStep, gateway: PaymentGateway, now: datetime) -> None:
    pledge_id = uuid.UUID(step.name.partition(":")[2])
    subscription_id = str(step.subject)
    change_id = uuid.uuid5(step.erasure_id, pledge_id.hex)
    _write_wish(change_id, pledge_id, step.erasure_id, now)
    db.session.commit()
    try:
        facts = gateway.end_now(subscription_id).facts
    except UnknownObject:
        # Stripe never had it, as of a demo, or has forgotten it: here it has ended all the same.
        facts = (_ended(pledge_id, subscription_id, now),)
    for fact in facts:
        if isinstance(fact, PledgeSeen):
            pledges.apply(fact, now=now)
    pledge = db.session.get_one(Pledge, pledge_id, populate_existing=True)
    if pledge.status not in FINAL:
        db.session.rollback()
        raise GatewayError("the subscription has not ended")
    db.session.get_one(PledgeChange, change_id).applied_at = now
    _drop_letters(pledge.account_id)


def _write_wish(
    change_id: uuid.UUID, pledge_id: uuid.UUID, erasure_id: uuid.UUID, now: datetime
) -> None:
    pledge = pledges.locked(pledge_id)
    by = db.session.get_one(Erasure, erasure_id).asked_by_id
    db.session.execute(
        insert(PledgeChange)
        .values(
            id=change_id,
            pledge_id=pledge_id,
            kind=ChangeKind.LEAVE_NOW,
            by_account_id=by or pledge.account_id,
            via="staff" if by else "page",
            asked_at=now,
            amount_before=pledge.amount_minor,
            interval_before=pledge.interval,
            attempts=0,
        )
        .on_conflict_do_nothing()
    )


def _ended(pledge_id: uuid.UUID, subscription_id: str, now: datetime) -> PledgeSeen:
    pledge = db.session.get_one(Pledge, pledge_id)
    return PledgeSeen(
        pledge_id=pledge_id,
        subscription_id=subscription_id,
        customer_id=pledge.stripe_customer_id or NOBODY,
        standing=Standing.ENDED,
        amount=pledge.amount,
        interval=Interval(pledge.interval),
        paid_until=pledge.paid_until,
        ends_at=None,
        ended_at=now,
        ending=Ending.BY_WISH,
        seen_at=now,
        cover_minor=pledge.cover_minor,
    )


def _drop_letters(account_id: int) -> None:
    """Owe no letter about what the last letter tells."""
    for letter in db.session.scalars(
        select(Letter).where(
            Letter.account_id == account_id, Letter.due_at.is_not(None), Letter.kind.not_in(OWN)
        )
    ):
        letter.done()


def _close_page(step: ErasureStep, gateway: PaymentGateway, now: datetime) -> None:
    """Close a page, and learn what was paid on it: its event may come long after this."""
    session_id = str(step.subject)
    db.session.commit()
    try:
        gateway.close_checkout(session_id)
        settlement.settle_checkout(session_id, gateway, now=now)
    except UnknownObject:
        return


def _find_payer(step: ErasureStep, gateway: PaymentGateway) -> None:
    intent = str(step.subject)
    db.session.commit()
    payer = gateway.payer_of(intent)
    if payer is not None:
        db.session.execute(
            insert(ErasureStep)
            .values(erasure_id=step.erasure_id, name=customer_step(payer), subject=payer)
            .on_conflict_do_nothing()
        )


def _delete_customer(step: ErasureStep, gateway: PaymentGateway) -> None:
    customer_id, erasure_id = str(step.subject), step.erasure_id
    erasure = db.session.get_one(Erasure, erasure_id, with_for_update=True, populate_existing=True)
    known = {*customers(erasure), customer_id}
    erasure.customers_sealed = seal(json.dumps(sorted(known)).encode(), CUSTOMERS)
    db.session.commit()
    gateway.delete_customer(customer_id)


def customers(erasure: Erasure) -> list[str]:
    """Return Stripe's ids of the customers that were deleted, while they are still known."""
    if erasure.customers_sealed is None:
        return []
    return [str(one) for one in json.loads(unseal(erasure.customers_sealed, CUSTOMERS))]
