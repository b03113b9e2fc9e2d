"""Checkouts: a reader's attempt to give, written here before Stripe is asked for a page."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import false, or_, select

from app.accounts import accounts
from app.accounts.models import Account
from app.extensions import db
from app.giving import pledges
from app.giving.arrivals import touches
from app.giving.arrivals.touches import NOWHERE, Came
from app.giving.gift import agreements
from app.giving.models import Checkout, Donation, Pledge
from app.giving.rules import Interval, PledgeStatus, check_amount
from app.letters import letters
from app.letters.categories import Category
from app.money import Money
from app.payments.facts import CheckoutSeen
from app.payments.gateway import PaymentGateway
from app.payments.orders import CheckoutOrder, CheckoutPage
from app.shield import gate


@dataclass(frozen=True, slots=True)
class Gift:
    """What a reader filled in. `id` came with the form, so sending it twice is one gift."""

    id: uuid.UUID
    amount: Money
    interval: Interval
    email: str
    name: str
    locale: str
    listed: bool
    article: str | None
    #: What of the amount covers the fee, in minor units: the amount is the whole that is paid.
    cover_minor: int = 0
    #: The account that is signed in; none for a stranger, who may type anybody's address.
    by_account: int | None = None
    #: How the reader came to it.
    came: Came = NOWHERE
    #: Which letters were asked for.
    letters: tuple[Category, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """A gift as its giver is thanked for it."""

    amount: Money
    interval: Interval
    email: str
    #: What of the amount covers the fee; nothing where it is not covered.
    cover: Money


class UnknownCheckout(LookupError):
    """The provider speaks of a checkout that is not in this database."""


def start(gift: Gift, *, now: datetime) -> Checkout:
    """Write account, pledge and checkout, and commit; nothing has been asked of Stripe yet.

    The same gift sent twice is one checkout. A form changed after "back" is a new one, since an
    order at Stripe cannot change. What a stranger types changes an account only while nobody has
    proved its address and no gift has come: the name stands on receipts. Raises `AmountOutOfRange`.
    """
    check_amount(gift.amount - Money(gift.cover_minor, gift.amount.currency))
    account = accounts.find_or_make(
        gift.email, name=gift.name, locale=gift.locale, listed=gift.listed
    )
    if gift.by_account == account.id:
        account.name, account.listed = gift.name, gift.listed
    elif not _has_given(account) and account.confirmed_at is None:
        account.name, account.locale, account.listed = gift.name, gift.locale, gift.listed
    earlier = db.session.get(Checkout, gift.id)
    if earlier is not None and _same(earlier, gift, account):
        agreements.note(earlier, gift.letters, account, gift.by_account)
        db.session.commit()
        return earlier
    checkout = Checkout(
        id=gift.id if earlier is None else uuid.uuid4(),
        account_id=account.id,
        interval=gift.interval,
        amount_minor=gift.amount.minor,
        currency=gift.amount.currency,
        cover_minor=gift.cover_minor,
        article=gift.article,
        locale=gift.locale,
        created_at=now,
    )
    if gift.interval is not Interval.ONCE:
        pledge = pledges.make(account.id, gift.amount, gift.interval, article=gift.article, now=now)
        pledge.cover_minor = gift.cover_minor
        db.session.flush()
        checkout.pledge_id = pledge.id
    db.session.add(checkout)
    agreements.note(checkout, gift.letters, account, gift.by_account)
    touches.enter(checkout, gift.came)
    db.session.commit()
    return checkout


def _has_given(account: Account) -> bool:
    return bool(
        db.session.scalar(
            select(select(Donation.id).where(Donation.account_id == account.id).exists())
        )
    )


def _same(checkout: Checkout, gift: Gift, account: Account) -> bool:
    return (
        checkout.status == "open"
        and checkout.account_id == account.id
        and checkout.amount == gift.amount
        and checkout.cover_minor == gift.cover_minor
        and checkout.interval == gift.interval
        # These two stand in the order as well.
        and checkout.locale == gift.locale
        and checkout.article == gift.article
    )


def ask_by_letter(checkout: Checkout, *, now: datetime) -> None:
    """Owe the letter that confirms a checkout before Stripe is asked, once; commits."""
    letters.owe("confirm_gift", checkout.id, checkout.account_id, now=now, urgency=letters.AT_ONCE)
    db.session.commit()


def find(checkout_id: uuid.UUID) -> tuple[Checkout, Account]:
    """Return a checkout and whose it is. Raises `UnknownCheckout`."""
    checkout = db.session.get(Checkout, checkout_id)
    if checkout is None:
        raise UnknownCheckout(str(checkout_id))
    return checkout, db.session.get_one(Account, checkout.account_id)


def confirm(checkout_id: uuid.UUID, *, now: datetime) -> tuple[Checkout, Account]:
    """Note that the letter's link was used: its reader has proved the address; commits.

    Raises `UnknownCheckout`.
    """
    checkout, account = find(checkout_id)
    account.confirmed_at = account.confirmed_at or now
    db.session.commit()
    return checkout, account


def open_page(checkout: Checkout, order: CheckoutOrder, gateway: PaymentGateway) -> CheckoutPage:
    """Ask Stripe for the page of a checkout, note it, and commit.

    The key of the request is the checkout's id, so asking again gives the same page. Raises
    `GatewayError`.
    """
    page = gateway.open_checkout(order)
    checkout.stripe_session_id = page.session_id
    db.session.commit()
    return page


def open_besides(
    checkout: Checkout, former: uuid.UUID | None, by_account: int | None
) -> Sequence[str]:
    """Return the pages at Stripe that are still open and that this checkout takes the place of.

    They are the one the same browser opened before and those of who is signed in: what a stranger
    types is no reason to close anybody's page. Ends the transaction.
    """
    mine = [Checkout.id == former] if former else []
    mine += [Checkout.account_id == by_account] if by_account else []
    found = db.session.scalars(
        select(Checkout.stripe_session_id).where(
            or_(false(), *mine),
            Checkout.id != checkout.id,
            Checkout.status == "open",
            Checkout.stripe_session_id.is_not(None),
        )
    ).all()
    db.session.commit()
    return [session_id for session_id in found if session_id]


def summary(checkout_id: uuid.UUID) -> Summary:
    """Return what a thank-you page says of a checkout."""
    checkout = db.session.get_one(Checkout, checkout_id)
    account = db.session.get_one(Account, checkout.account_id)
    cover = Money(checkout.cover_minor, checkout.currency)
    return Summary(checkout.amount, Interval(checkout.interval), account.email, cover)


def apply(seen: CheckoutSeen, *, now: datetime) -> None:
    """Set a checkout to what the provider said of it. The caller commits.

    One that was paid stays paid. Raises `UnknownCheckout`.
    """
    checkout = db.session.get(
        Checkout, seen.checkout_id, with_for_update=True, populate_existing=True
    )
    if checkout is None:
        raise UnknownCheckout(str(seen.checkout_id))
    checkout.stripe_session_id = seen.session_id
    if seen.state == "paid":
        gate.was_paid(checkout.id, now=now)
    if checkout.status == "paid" or seen.state == "open":
        return
    checkout.status = seen.state
    checkout.closed_at = checkout.closed_at or now
    if seen.state == "paid":
        agreements.enter(checkout, now=now)
    if seen.state == "expired" and checkout.pledge_id is not None:
        pledge = db.session.get_one(
            Pledge, checkout.pledge_id, with_for_update=True, populate_existing=True
        )
        if pledge.status == PledgeStatus.PENDING:
            pledge.status = PledgeStatus.ABANDONED
