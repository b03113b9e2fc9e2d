"""Coming back: a pledge that has ended, begun anew at the same amount and period."""

import uuid
from datetime import datetime

from app.accounts.models import Account
from app.current import settings
from app.extensions import db
from app.giving import pledges
from app.giving.gift import checkouts, pay_page
from app.giving.gift.checkouts import Gift
from app.giving.models import Pledge
from app.giving.rules import FINAL, AmountOutOfRange, Interval, check_amount
from app.giving.wishes.changes import NotPossible
from app.money import Money
from app.payments.gateway import PaymentGateway


def possible(pledge: Pledge) -> bool:
    """Whether a pledge has ended, what it gave is still taken, and no other carries on."""
    if pledge.started_at is None or pledge.status not in FINAL or not _is_taken(pledge):
        return False
    return not pledges.going_on(pledge.account_id)


def _is_taken(pledge: Pledge) -> bool:
    """Whether the giving page takes such a gift: its currency and its amount may be of old."""
    if pledge.currency not in settings().currencies:
        return False
    try:
        check_amount(Money(pledge.amount_minor - pledge.cover_minor, pledge.currency))
    except AmountOutOfRange:
        return False
    return True


def begin(
    pledge_id: uuid.UUID, gift_id: uuid.UUID, gateway: PaymentGateway, *, now: datetime
) -> str:
    """Open a page to pay a new pledge like one that has ended; return its address; commits.

    The same `gift_id` is one gift. Raises `NotPossible`, `GatewayError`.
    """
    ended = db.session.get_one(Pledge, pledge_id)
    if not possible(ended):
        raise NotPossible("it has not ended, is not taken any more, or another goes on")
    account = db.session.get_one(Account, ended.account_id)
    gift = Gift(
        id=gift_id,
        amount=ended.amount,
        interval=Interval(ended.interval),
        email=account.email,
        name=account.name,
        locale=account.locale,
        listed=account.listed,
        article=None,
        cover_minor=ended.cover_minor,
    )
    checkout = checkouts.start(gift, now=now)
    return pay_page.lead_on(checkout, account.email, gateway, by_account=account.id)
