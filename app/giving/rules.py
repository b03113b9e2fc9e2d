"""What a pledge may be and may become, and which amounts are taken. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.money import Money, exponent


class Interval(StrEnum):
    """How often a gift is given."""

    ONCE = "once"
    MONTH = "month"
    YEAR = "year"


class PledgeStatus(StrEnum):
    """Where a pledge stands; derived from what the provider last said, never stepped."""

    PENDING = "pending"
    ABANDONED = "abandoned"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    PAUSED = "paused"
    LAPSED = "lapsed"
    ENDED = "ended"


class EndReason(StrEnum):
    """Why a pledge ended; non-payment is always told apart from leaving."""

    LEFT = "left"
    UNPAID = "unpaid"
    DISPUTED = "disputed"
    UNKNOWN = "unknown"


class ChangeKind(StrEnum):
    """What a patron, a member of staff or the house may ask about a pledge."""

    AMOUNT = "amount"
    INTERVAL = "interval"
    PAUSE = "pause"
    RESUME = "resume"
    LEAVE = "leave"
    LEAVE_NOW = "leave_now"
    STAY = "stay"


class MovementKind(StrEnum):
    """How what recurs changed."""

    #: Somebody who never gave before, or who gave before and had stopped.
    NEW = "new"
    RETURNING = "returning"
    #: More or less of somebody who goes on giving.
    UP = "up"
    DOWN = "down"
    PAUSED = "paused"
    RESUMED = "resumed"
    #: Ended by the patron's own will, for want of payment, or for a reason nobody knows.
    LEFT = "left"
    LAPSED = "lapsed"
    ENDED = "ended"
    #: What had been entered otherwise than it was; it moves nothing between patrons and newsroom.
    CORRECTION = "correction"


class MovementCause(StrEnum):
    """What brought a movement about, where it is no end."""

    #: The first money of a pledge, of somebody with no other pledge and of somebody with one.
    FIRST_GIFT = "first_gift"
    ANOTHER_PLEDGE = "another_pledge"
    #: Another amount or interval.
    TERMS = "terms"
    PAUSE = "pause"
    RESUME = "resume"
    #: Grace was over and nothing had been paid; and the payment that came after all.
    GRACE_OVER = "grace_over"
    RECOVERED = "recovered"
    #: Money of an earlier day became known later.
    EARLIER_GIFT = "earlier_gift"
    #: Staff set the movements right after the nightly check.
    CHECK = "check"


class LeaveReason(StrEnum):
    """Why a patron leaves, when the patron says so."""

    TOO_EXPENSIVE = "too_expensive"
    FOR_A_WHILE = "for_a_while"
    MEANT_ONCE = "meant_once"
    CONTENT = "content"
    TECHNICAL = "technical"
    OTHER = "other"


class RefundReason(StrEnum):
    """Why money goes back."""

    ASKED_FOR = "asked_for"
    DUPLICATE = "duplicate"
    MISTAKE = "mistake"
    FRAUD = "fraud"
    #: Made at Stripe itself, which keeps no reason of ours.
    AT_STRIPE = "at_stripe"


class RefundStatus(StrEnum):
    """How far a refund has come."""

    #: Waits for a second member of staff.
    ASKED = "asked"
    #: Stripe is to be asked, or did not answer yet.
    APPROVED = "approved"
    #: The second member of staff said no.
    DECLINED = "declined"
    #: Stripe said no.
    REFUSED = "refused"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    #: The bank sent it back: the newsroom has the money again and the giver does not.
    FAILED = "failed"
    CANCELLED = "cancelled"


#: States from which nothing follows: a late event about an ended pledge changes nothing.
FINAL = frozenset({PledgeStatus.LAPSED, PledgeStatus.ENDED})


@dataclass(frozen=True, slots=True)
class Range:
    """The amounts offered and taken in one currency, in minor units, ascending."""

    least: int
    most: int
    monthly: tuple[int, int, int]
    yearly: tuple[int, int, int]
    once: tuple[int, int, int]

    def suggested(self, interval: Interval) -> tuple[int, int, int]:
        """The three amounts on the cards; the lowest monthly one is a cup of coffee."""
        return {
            Interval.MONTH: self.monthly,
            Interval.YEAR: self.yearly,
            Interval.ONCE: self.once,
        }[interval]


def _range(scale: int, least: int, most: int, *cards: tuple[int, int, int]) -> Range:
    monthly, yearly, once = (tuple(v * scale for v in three) for three in cards)
    return Range(least * scale, most * scale, monthly, yearly, once)  # type: ignore[arg-type]


#: Every currency the product knows: in major units least, most, then the three cards for a month,
#: a year and once. The least amounts lie above Stripe's own minimum charge of each currency.
CURRENCIES: dict[str, Range] = {
    "EUR": _range(100, 2, 10_000, (5, 10, 20), (50, 100, 200), (10, 25, 50)),
    "USD": _range(100, 2, 10_000, (5, 10, 20), (50, 100, 200), (10, 25, 50)),
    "GBP": _range(100, 2, 10_000, (4, 8, 16), (40, 80, 160), (10, 20, 40)),
    "UAH": _range(100, 50, 400_000, (100, 200, 500), (1000, 2000, 5000), (200, 500, 1000)),
    "CAD": _range(100, 3, 15_000, (6, 12, 25), (60, 120, 250), (15, 30, 60)),
    "PLN": _range(100, 8, 40_000, (20, 40, 80), (200, 400, 800), (40, 100, 200)),
    "JPY": _range(1, 300, 1_500_000, (700, 1500, 3000), (7000, 15000, 30000), (1500, 4000, 8000)),
}


class AmountOutOfRange(ValueError):
    """An amount lies outside what is taken in its currency; `least` and `most` say what is."""

    def __init__(self, least: Money, most: Money) -> None:
        super().__init__(f"takes {least.minor} to {most.minor} {least.currency}")
        self.least = least
        self.most = most


def least_taken(currency: str, *, raised: bool) -> Money:
    """Return the least amount that is taken; while the shield is up, the least one suggested."""
    taken = CURRENCIES[currency]
    return Money(taken.monthly[0] if raised else taken.least, currency)


def check_amount(amount: Money, *, raised: bool = False) -> None:
    """Raise `AmountOutOfRange` unless the amount is taken; its currency must be a known one."""
    least = least_taken(amount.currency, raised=raised)
    most = CURRENCIES[amount.currency].most
    if not least.minor <= amount.minor <= most:
        raise AmountOutOfRange(least, Money(most, amount.currency))


#: What Stripe keeps of a card payment: hundredths of a percent of it, and so many minor units.
#: Of its published prices those of a local card with 0.7 % for a recurring gift; in hryvnias, in
#: which no account settles, those of a foreign card that is converted. A contract may differ.
FEES: dict[str, tuple[int, int]] = {
    "EUR": (220, 25),
    "USD": (360, 30),
    "GBP": (220, 20),
    "UAH": (595, 1200),
    "CAD": (360, 30),
    "PLN": (220, 100),
    "JPY": (430, 0),
}


def fee_cover(amount: Money) -> Money:
    """Return what must be added so that about `amount` is left when the fee has gone.

    gross = ceil((net + fixed) / (1 - share)); an estimate, for the true fee is known after the
    payment. In whole minor units throughout.
    """
    share, fixed = FEES[amount.currency]
    gross = -(-(amount.minor + fixed) * 10_000 // (10_000 - share))
    return Money(gross - amount.minor, amount.currency)


def yearly_minor(amount_minor: int, interval: Interval) -> int:
    """What an amount comes to in a year, in minor units; the unit of every recurring figure."""
    return amount_minor * {Interval.MONTH: 12, Interval.YEAR: 1}[interval]


def grace_ends(past_due_since: datetime, grace: timedelta) -> datetime:
    """To when a patron keeps standing after a renewal failed."""
    return past_due_since + grace


def whole_units(currency: str) -> bool:
    """Whether amounts of the currency are typed without decimals."""
    return exponent(currency) == 0
