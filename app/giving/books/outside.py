"""Gifts that did not come through Stripe: bank transfers, cash, and whatever else staff enter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import exists, func, or_, select, text
from sqlalchemy.sql.elements import ColumnElement

from app.accounts import accounts, audit
from app.accounts.models import Account, AccountNote
from app.current import zone
from app.extensions import db
from app.giving.books import receipts
from app.giving.models import Adjustment, Donation
from app.giving.rules import CURRENCIES
from app.money import Money

#: Entries of staff are made one after another, so that of two about one gift the second sees the
#: first. Any number will do, as long as no other lock of the database has it.
ENTRIES_LOCK = 7_031_953
#: Two entries of one gift, from a list and from a statement, rarely lie further apart.
NEAR = timedelta(days=4)
#: No gift is entered later than this.
OLDEST = timedelta(days=3653)


class Source(StrEnum):
    """How a gift outside Stripe came."""

    BANK = "bank"
    CASH = "cash"
    OTHER = "other"


class NotToday(ValueError):
    """The day of a gift lies in the future, or too long ago."""


class UnknownCurrency(ValueError):
    """No gifts are taken in this currency."""


class NotOutside(LookupError):
    """There is no such gift outside Stripe."""


class TakenBack(ValueError):
    """The gift was taken back before."""


class EnteredBefore(ValueError):
    """The same gift seems to be entered already; `twins` are the entries."""

    def __init__(self, twins: Sequence[Donation]) -> None:
        super().__init__(f"{len(twins)} like it")
        self.twins = twins


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gave: an account, or a person by name, with an address where the newsroom has one."""

    account_id: int | None = None
    name: str = ""
    email: str = ""
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Gift:
    """One gift outside Stripe, as staff enter it."""

    giver: Giver
    source: Source
    amount: Money
    received_on: date
    #: What the giver or the bank wrote beside it.
    reference: str = ""
    #: For staff, on the giver's page.
    note: str = ""


def enter(gift: Gift, *, by: int, sure: bool, like: int | None = None, now: datetime) -> Donation:
    """Enter a gift with its receipt and letter; commits.

    Raises `EnteredBefore` when the same giver, day, amount and reference stand in the ledger,
    unless `sure`; `NotToday` and `UnknownCurrency`. `like` is how many such entries whoever is sure
    has seen: were there more by now, the same page would have been sent twice.
    """
    one_at_a_time()
    found = twins(gift)
    if found and not (sure and like in (None, len(found))):
        db.session.rollback()
        raise EnteredBefore(found)
    donation = record(gift, by=by, now=now)
    db.session.commit()
    return donation


def one_at_a_time() -> None:
    """Wait until no other entry is being made; until the caller commits, none is."""
    db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ENTRIES_LOCK})


def record(gift: Gift, *, by: int, now: datetime) -> Donation:
    """Enter a gift with its receipt and letter. The caller commits.

    A giver without an address has a receipt and no letter. Raises `NotToday`, `UnknownCurrency`.
    """
    today = now.astimezone(zone()).date()
    if not today - OLDEST <= gift.received_on <= today:
        raise NotToday(gift.received_on.isoformat())
    if gift.amount.currency not in CURRENCIES:
        raise UnknownCurrency(gift.amount.currency)
    account = _account(gift.giver)
    donation = Donation(
        account_id=account.id,
        source=gift.source.value,
        amount_minor=gift.amount.minor,
        currency=gift.amount.currency,
        received_at=_moment(gift.received_on, now),
        entered_at=now,
        reference=gift.reference or None,
        entered_by_id=by,
        attempts=0,
    )
    db.session.add(donation)
    db.session.flush()
    receipts.owe(donation, now=now)
    if gift.note:
        db.session.add(
            AccountNote(account_id=account.id, by_account_id=by, text=gift.note, written_at=now)
        )
    audit.note(
        by,
        "gift_entered",
        "donation",
        donation.id,
        account_id=account.id,
        now=now,
        source=gift.source.value,
        amount_minor=gift.amount.minor,
        currency=gift.amount.currency,
        received_on=gift.received_on,
    )
    return donation


def _account(giver: Giver) -> Account:
    if giver.account_id is not None:
        # Merged between being chosen and being booked: the gift goes to the person all the same.
        return accounts.locked(giver.account_id)
    if giver.email:
        return accounts.find_or_make(
            giver.email, name=giver.name, locale=giver.locale, listed=False
        )
    return accounts.make_without_address(name=giver.name, locale=giver.locale)


def _moment(day: date, now: datetime) -> datetime:
    """The middle of a day in the newsroom's zone, though never later than now."""
    return min(datetime.combine(day, time(12), zone()), now)


def twins(gift: Gift) -> Sequence[Donation]:
    """Return entries of the same giver, day, amount and reference that were not taken back."""
    same = Donation.reference == gift.reference if gift.reference else Donation.reference.is_(None)
    return _entries(gift, gift.received_on, gift.received_on, same)


def near(gift: Gift) -> Sequence[Donation]:
    """Return entries of the same giver and amount within a few days that were not taken back.

    One and the same transfer may have been entered by hand before its statement came.
    """
    return _entries(gift, gift.received_on - NEAR, gift.received_on + NEAR)


def _entries(gift: Gift, first: date, last: date, *more: ColumnElement[bool]) -> Sequence[Donation]:
    begin = datetime.combine(first, time(), zone())
    end = datetime.combine(last + timedelta(days=1), time(), zone())
    return db.session.scalars(
        select(Donation)
        .join(Account, Account.id == Donation.account_id)
        .where(
            Donation.source != "stripe",
            Donation.amount_minor == gift.amount.minor,
            Donation.currency == gift.amount.currency,
            Donation.received_at >= begin,
            Donation.received_at < end,
            _is(gift.giver),
            ~_taken_back(),
            *more,
        )
        .order_by(Donation.id)
    ).all()


def _is(giver: Giver) -> ColumnElement[bool]:
    if giver.account_id is not None:
        return or_(Account.id == giver.account_id, Account.merged_into_id == giver.account_id)
    if giver.email:
        return func.lower(Account.email) == func.lower(giver.email)
    return func.lower(Account.name) == func.lower(giver.name)


def _taken_back() -> ColumnElement[bool]:
    return exists().where(Adjustment.donation_id == Donation.id, Adjustment.kind == "correction")


def reverse(donation_id: int, reason: str, *, by: int, now: datetime) -> Donation:
    """Take a gift outside Stripe back by a counter entry with its reason. The caller commits.

    Raises `NotOutside`, `TakenBack`.
    """
    donation = db.session.scalar(
        select(Donation)
        .where(Donation.id == donation_id, Donation.source != "stripe")
        .with_for_update()
    )
    if donation is None:
        raise NotOutside(str(donation_id))
    if correction(donation_id) is not None:
        raise TakenBack(str(donation_id))
    minor = -donation.amount_minor
    db.session.add(
        Adjustment(
            donation_id=donation.id,
            kind="correction",
            amount_minor=minor,
            currency=donation.currency,
            settled_minor=minor,
            fee_minor=0,
            net_minor=minor,
            settled_currency=donation.currency,
            happened_at=now,
            entered_at=now,
            by_account_id=by,
            note=reason[:200],
        )
    )
    audit.note(
        by,
        "gift_taken_back",
        "donation",
        donation.id,
        account_id=donation.account_id,
        now=now,
        amount_minor=donation.amount_minor,
        currency=donation.currency,
        reason=reason[:200],
    )
    return donation


def correction(donation_id: int) -> Adjustment | None:
    """Return the counter entry of a gift that was taken back."""
    return db.session.scalar(
        select(Adjustment).where(
            Adjustment.donation_id == donation_id, Adjustment.kind == "correction"
        )
    )


def find(donation_id: int) -> tuple[Donation, Account]:
    """Return a gift outside Stripe and who gave it. Raises `NotOutside`."""
    row = db.session.execute(
        select(Donation, Account)
        .join(Account, Account.id == Donation.account_id)
        .where(Donation.id == donation_id, Donation.source != "stripe")
    ).one_or_none()
    if row is None:
        raise NotOutside(str(donation_id))
    return row[0], row[1]


def latest(limit: int) -> list[tuple[Donation, Account, bool]]:
    """Return the gifts entered last, with who gave them and whether they were taken back."""
    rows = db.session.execute(
        select(Donation, Account, _taken_back())
        .join(Account, Account.id == Donation.account_id)
        .where(Donation.source != "stripe")
        .order_by(Donation.id.desc())
        .limit(limit)
    )
    return [(donation, account, taken_back) for donation, account, taken_back in rows]
