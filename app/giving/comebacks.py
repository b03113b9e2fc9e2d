"""Coming back: a pledge that has ended, begun anew at the same amount and period."""

import uuid
from datetime import datetime

from app.accounts.models import Account
from app.extensions import db
from app.giving import checkouts, pay_page, pledges
from app.giving.changes import NotPossible
from app.giving.checkouts import Gift
from app.giving.models import Pledge
from app.giving.rules import FINAL, Interval
from app.payments.gateway import PaymentGateway


def possible(pledge: Pledge) -> bool:
    """Whether a pledge has ended and no other carries on for its patron."""
    if pledge.started_at is None or pledge.status not in FINAL:
        return False
    return not pledges.going_on(pledge.account_id)


def begin(
    pledge_id: uuid.UUID, gift_id: uuid.UUID, gateway: PaymentGateway, *, now: datetime
) -> str:
    """Open a page to pay a new pledge like one that has ended; return its address; commits.

    The same `gift_id` is one gift. Raises `NotPossible`, `AmountOutOfRange`, `GatewayError`.
    """
    ended = db.session.get_one(Pledge, pledge_id)
    if not possible(ended):
        raise NotPossible("it has not ended, or another goes on")
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
