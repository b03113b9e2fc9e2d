"""One person as staff see them: the account, what was merged into it, pledges, sums, notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, or_, select, union_all

from app.accounts import audit
from app.accounts.models import Account, AuditEntry
from app.desk import origin_words
from app.desk.timeline import LOOKED
from app.extensions import db
from app.giving import pledges, words
from app.giving.models import (
    Checkout,
    Dispute,
    Donation,
    FailedPayment,
    Pledge,
    Receipt,
    Refund,
)
from app.giving.reversals import returns
from app.giving.reversals.returns import Returned
from app.giving.rules import FINAL, ChangeKind
from app.giving.wishes import cards, changes, wish_words
from app.money import Money

#: Whoever opens the same page again within this time is not entered again.
LOOKS_APART = timedelta(hours=1)


class UnknownPerson(LookupError):
    """There is no such account, or no such gift or pledge of it."""


@dataclass(frozen=True, slots=True)
class PledgeView:
    """One pledge as staff see it."""

    pledge: Pledge
    terms: str
    state: str
    tag: str
    #: When money is taken next; None where none will be, as far as is known.
    next_at: datetime | None
    card: str
    may: frozenset[ChangeKind]
    #: What led to it, in words; empty for unknown.
    origin: str


@dataclass(frozen=True, slots=True)
class Sum:
    """What was given in one currency, and what of it went back."""

    gifts: int
    given: Money
    returned: Money

    @property
    def kept(self) -> Money:
        """What is left."""
        return self.given - self.returned


@dataclass(frozen=True, slots=True)
class Gift:
    """One gift with what belongs to it."""

    donation: Donation
    receipt: Receipt
    returned: Returned


def find(account_id: int) -> Account:
    """Return an account. Raises `UnknownPerson`."""
    account = db.session.get(Account, account_id)
    if account is None:
        raise UnknownPerson(str(account_id))
    return account


def accounts_of(account_id: int) -> list[int]:
    """Return a person's accounts: the one that is kept, then those merged into it."""
    merged = select(Account.id).where(Account.merged_into_id == account_id).order_by(Account.id)
    return [account_id, *db.session.scalars(merged)]


def looked(account_id: int, *, by: int, now: datetime) -> None:
    """Enter in the audit log that a member of staff opened a person's page; commits."""
    lately = select(AuditEntry.id).where(
        AuditEntry.account_id == account_id,
        AuditEntry.by_account_id == by,
        AuditEntry.act == LOOKED,
        AuditEntry.at > now - LOOKS_APART,
    )
    if not db.session.scalar(select(lately.exists())):
        audit.note(by, LOOKED, "account", account_id, account_id=account_id, now=now)
    db.session.commit()


def pledges_of(account_id: int, *, now: datetime) -> list[PledgeView]:
    """Return every pledge that ever brought money, those that go on first."""
    found = sorted(pledges.given_by(account_id), key=lambda pledge: pledge.status in FINAL)
    origins = origin_words.of_pledges(found)
    return [_view(pledge, origins[pledge.id], now) for pledge in found]


def _view(pledge: Pledge, origin: str, now: datetime) -> PledgeView:
    state, tag = words.state(pledge)
    ended = pledge.status in FINAL
    return PledgeView(
        pledge,
        wish_words.terms(pledge.amount, pledge.interval),
        state,
        "plain" if tag == "quiet" else tag,
        None if ended or pledge.ends_at else pledge.next_payment_at,
        "" if ended else cards.name(pledge),
        changes.possible(pledge, now),
        origin,
    )


def pledge_of(account_id: int, pledge_id: object) -> Pledge:
    """Return a pledge of a person. Raises `UnknownPerson`."""
    pledge = db.session.get(Pledge, pledge_id)
    if pledge is None or pledge.account_id != account_id or pledge.started_at is None:
        raise UnknownPerson(str(pledge_id))
    return pledge


def sums_of(account_id: int) -> list[Sum]:
    """Return what a person gave, currency by currency."""
    rows = db.session.execute(
        select(
            Donation.currency,
            func.count(),
            func.sum(Donation.amount_minor),
            func.array_agg(Donation.id),
        )
        .where(Donation.account_id == account_id)
        .group_by(Donation.currency)
        .order_by(Donation.currency)
    ).all()
    sums = []
    for currency, gifts, minor, keys in rows:
        went = sum(one.minor for one in returns.of_each(keys).values())
        sums.append(Sum(gifts, Money(int(minor), currency), Money(went, currency)))
    return sums


def gift_of(account_id: int, donation_id: int) -> Gift:
    """Return a gift of a person with its receipt. Raises `UnknownPerson`."""
    row = db.session.execute(
        select(Donation, Receipt)
        .join(Receipt, Receipt.donation_id == Donation.id)
        .where(Donation.id == donation_id, Donation.account_id == account_id)
    ).one_or_none()
    if row is None:
        raise UnknownPerson(str(donation_id))
    return Gift(row[0], row[1], returns.of(donation_id))


def name(account: Account) -> str:
    """Write what a person is called."""
    return account.name or _("(no name)")


def merged_into(account_id: int) -> Sequence[Account]:
    """Return the accounts that were merged into this one."""
    return db.session.scalars(
        select(Account).where(Account.merged_into_id == account_id).order_by(Account.id)
    ).all()


def of_stripe(object_id: str | None) -> int | None:
    """Return whose account an object at Stripe belongs to; None for none of ours."""
    if not object_id:
        return None
    in_gifts = or_(
        Donation.stripe_charge_id == object_id,
        Donation.stripe_payment_intent_id == object_id,
        Donation.stripe_invoice_id == object_id,
    )
    asked = (
        select(Donation.account_id).where(in_gifts),
        select(Pledge.account_id).where(Pledge.stripe_subscription_id == object_id),
        select(Pledge.account_id).where(Pledge.stripe_customer_id == object_id),
        select(Checkout.account_id).where(Checkout.stripe_session_id == object_id),
        select(Donation.account_id)
        .join(Refund, Refund.donation_id == Donation.id)
        .where(Refund.stripe_refund_id == object_id),
        select(Donation.account_id)
        .join(Dispute, Dispute.donation_id == Donation.id)
        .where(Dispute.stripe_dispute_id == object_id),
        select(Pledge.account_id)
        .join(FailedPayment, FailedPayment.pledge_id == Pledge.id)
        .where(FailedPayment.stripe_invoice_id == object_id),
    )
    return db.session.scalars(union_all(*asked).limit(1)).first()
