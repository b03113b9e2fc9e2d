"""What one person gave in one calendar year and currency, less what of it went back."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.accounts.models import Account
from app.current import zone
from app.extensions import db
from app.giving.models import Donation, Receipt
from app.giving.reversals import returns
from app.giving.reversals.returns import NOTHING, Returned
from app.money import Money


@dataclass(frozen=True, slots=True)
class Line:
    """One gift of a statement and what of it went back."""

    donation: Donation
    receipt: Receipt
    returned: Returned

    @property
    def gone(self) -> tuple[int, ...]:
        """What of the gift went back each way it did, in minor units, as far as there was any.

        A bank may take the whole of a gift of which a part was refunded before; no gift counts for
        less than nothing.
        """
        ways = (
            self.returned.refunded_minor,
            self.returned.disputed_minor,
            self.returned.taken_back_minor,
        )
        left, found = self.donation.amount_minor, []
        for minor in filter(None, ways):
            found.append(min(minor, left))
            left -= found[-1]
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Statement:
    """A person's gifts of one year, in the newsroom's zone, and one currency; oldest first.

    Money that went back is subtracted from the gift it belongs to, whenever it went.
    `as_of` is the day of writing, or None once the year is over.
    """

    year: int
    currency: str
    name: str
    lines: tuple[Line, ...]
    as_of: date | None

    @property
    def given(self) -> Money:
        """What was received."""
        return Money(sum(line.donation.amount_minor for line in self.lines), self.currency)

    @property
    def returned(self) -> Money:
        """What of it went back."""
        return Money(sum(sum(line.gone) for line in self.lines), self.currency)

    @property
    def kept(self) -> Money:
        """What was given in the end."""
        return self.given - self.returned

    @property
    def cover(self) -> Money:
        """What of what was received the giver added to cover fees."""
        return Money(sum(line.donation.cover_minor for line in self.lines), self.currency)


def available(account_id: int) -> list[tuple[int, str]]:
    """Return the (year, currency) of every statement of an account, the newest year first."""
    year = Receipt.year
    rows = db.session.execute(
        select(year, Donation.currency)
        .join(Donation, Donation.id == Receipt.donation_id)
        .where(Donation.account_id == account_id)
        .group_by(year, Donation.currency)
        .order_by(year.desc(), Donation.currency)
    )
    return [(row[0], row[1]) for row in rows]


def find(account_id: int, year: int, currency: str, *, now: datetime) -> Statement | None:
    """Return a statement; None for a year and currency without a gift."""
    rows = db.session.execute(
        select(Donation, Receipt)
        .join(Receipt, Receipt.donation_id == Donation.id)
        .where(
            Donation.account_id == account_id,
            Donation.currency == currency,
            Receipt.year == year,
        )
        .order_by(Donation.received_at, Donation.id)
    ).all()
    if not rows:
        return None
    went = returns.of_each([donation.id for donation, _receipt in rows])
    today = now.astimezone(zone()).date()
    return Statement(
        year,
        currency,
        db.session.get_one(Account, account_id).name,
        tuple(Line(gift, receipt, went.get(gift.id, NOTHING)) for gift, receipt in rows),
        today if today.year <= year else None,
    )
