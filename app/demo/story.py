"""What happened to each made-up supporter: pledges begun, renewed, changed, ended. Pure.

The same seed and day tell the same story. Every moment lies before the day it is told on.
"""

import calendar
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from random import Random
from zlib import crc32

from app.demo.names import Person, people
from app.giving.rules import EndReason, Interval, PledgeStatus, fee_cover
from app.money import Money

#: How far back the story goes, and how many people it is about.
MONTHS = 18
PEOPLE = 560
#: So many of a hundred people cover the fee.
COVERS = 27
#: Stripe tries a failed renewal for so long before it ends the pledge.
RETRIES = timedelta(days=21)

#: Amounts in major units, each as often as people give it.
GIVEN = {
    ("EUR", Interval.MONTH): ((3, 5), (5, 45), (8, 4), (10, 30), (15, 5), (20, 9), (50, 2)),
    ("UAH", Interval.MONTH): ((50, 6), (100, 42), (150, 8), (200, 28), (300, 6), (500, 10)),
    ("EUR", Interval.YEAR): ((50, 50), (100, 38), (200, 12)),
    ("UAH", Interval.YEAR): ((1000, 52), (2000, 38), (5000, 10)),
    ("EUR", Interval.ONCE): ((10, 35), (25, 35), (50, 22), (100, 8)),
    ("UAH", Interval.ONCE): ((200, 40), (500, 38), (1000, 22)),
}
#: Articles that bring readers, the more often the further up.
ARTICLES = (
    "power-plants-before-winter",
    "letters-from-the-dnipro-bank",
    "who-builds-the-shelters",
    "the-teacher-who-stayed-in-kupiansk",
    "where-the-aid-convoys-go",
    "anatomy-of-a-drone-night",
    "the-bakers-of-kherson",
    "what-brussels-asks-of-kyiv",
    "a-judge-and-her-apartments",
    "learning-to-walk-again",
    "the-last-train-from-pokrovsk",
    "mines-under-the-sunflowers",
)
#: New supporters of each month out of a hundred in all; the start and two campaigns stand out.
ARRIVALS = (16, 9, 5, 4, 4, 4, 5, 9, 6, 4, 4, 4, 5, 4, 4, 5, 5, 4)


@dataclass(slots=True)
class PledgeStory:
    """One pledge from its beginning to where it stands, with every payment it brought."""

    id: uuid.UUID
    checkout_id: uuid.UUID
    interval: Interval
    amount: Money
    article: str | None
    started_at: datetime
    payments: list[tuple[datetime, Money]] = field(default_factory=list)
    status: PledgeStatus = PledgeStatus.ACTIVE
    paid_until: datetime | None = None
    past_due_since: datetime | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: EndReason | None = None


@dataclass(slots=True)
class OnceStory:
    """One gift given once."""

    checkout_id: uuid.UUID
    at: datetime
    amount: Money
    article: str | None


@dataclass(slots=True)
class Life:
    """Everything one supporter did."""

    person: Person
    card: tuple[str, str]
    came_at: datetime
    listed: bool
    confirmed: bool
    pledges: list[PledgeStory] = field(default_factory=list)
    once: list[OnceStory] = field(default_factory=list)
    #: What of a payment covers the fee, by the whole of it; empty for who covers none.
    covers: dict[Money, int] = field(default_factory=dict)

    def patron_at(self, moment: datetime) -> bool:
        """Whether a pledge of this person stood at a moment."""
        return any(
            pledge.started_at <= moment and (pledge.ended_at is None or pledge.ended_at > moment)
            for pledge in self.pledges
        )


class Teller:
    """Tells the lives; holds the dice, the clock's zone and the moment the story stops."""

    def __init__(self, seed: int, today: date, zone: tzinfo) -> None:
        self.rng = Random(seed)  # noqa: S311 - a story, not a secret
        self.zone = zone
        self.until = datetime(today.year, today.month, today.day, tzinfo=zone).astimezone(UTC)
        self.first = added(self.until, -MONTHS, zone)

    def lives(self) -> list[Life]:
        """Tell every life, the earliest supporters first."""
        told = [self._life(person) for person in people(self.rng, PEOPLE)]
        for life in told:
            if crc32(life.person.email.encode()) % 100 < COVERS:
                _cover(life)
        return sorted(told, key=lambda life: (life.came_at, life.person.email))

    def _life(self, person: Person) -> Life:
        rng = self.rng
        month = rng.choices(range(MONTHS), ARRIVALS)[0]
        begin = added(self.first, month, self.zone)
        length = added(self.first, month + 1, self.zone) - begin
        came = _whole(begin + length * rng.random() ** (1.6 if month in (0, 7) else 1))
        # People read in the morning and in the evening, in their own time.
        came = came.replace(hour=rng.choice((5, 6, 7, 9, 11, 16, 17, 18, 18, 19, 20)))
        came = min(came, self.until - timedelta(hours=2))
        life = Life(
            person,
            (rng.choices(("visa", "mastercard"), (6, 4))[0], f"{rng.randrange(10000):04d}"),
            came,
            listed=rng.random() < 0.45,
            confirmed=rng.random() < 0.7,
        )
        currency = "UAH" if person.ukrainian and rng.random() < 0.66 else "EUR"
        if rng.random() < 0.14:
            self._give_once(life, came, currency)
            if rng.random() < 0.75:
                return life
            came += timedelta(days=rng.randrange(20, 90))
        if came < self.until:
            self._begin(life, came, currency)
        if rng.random() < 0.05:
            self._give_once(life, came + timedelta(days=rng.randrange(30, 300)), currency)
        return life

    def _amount(self, currency: str, interval: Interval) -> Money:
        offered = GIVEN[currency, interval]
        major = self.rng.choices([each[0] for each in offered], [each[1] for each in offered])[0]
        return Money(major * 100, currency)

    def _article(self) -> str | None:
        if self.rng.random() < 0.35:
            return None
        weights = range(len(ARTICLES), 0, -1)
        return self.rng.choices(ARTICLES, weights)[0]

    def _id(self) -> uuid.UUID:
        return uuid.UUID(int=self.rng.getrandbits(128), version=4)

    def _give_once(self, life: Life, at: datetime, currency: str) -> None:
        if at < self.until:
            amount = self._amount(currency, Interval.ONCE)
            life.once.append(OnceStory(self._id(), at, amount, self._article()))

    def _begin(self, life: Life, at: datetime, currency: str) -> None:
        interval = Interval.YEAR if self.rng.random() < 0.13 else Interval.MONTH
        pledge = PledgeStory(
            self._id(),
            self._id(),
            interval,
            self._amount(currency, interval),
            self._article(),
            at,
        )
        life.pledges.append(pledge)
        self._live(pledge)
        if pledge.ended_at is not None and self.rng.random() < 0.22:
            back = pledge.ended_at + timedelta(days=self.rng.randrange(25, 190))
            if back < self.until:
                self._begin(life, back, currency)

    def _live(self, pledge: PledgeStory) -> None:
        """Renew a pledge period by period until it ends or the story stops."""
        step = 1 if pledge.interval is Interval.MONTH else 12
        pledge.payments.append((pledge.started_at, pledge.amount))
        for period in range(1, MONTHS + 2):
            due = added(pledge.started_at, period * step, self.zone)
            pledge.paid_until = due
            if due >= self.until:
                self._rest(pledge)
                return
            if not self._renew(pledge, due):
                return

    def _renew(self, pledge: PledgeStory, due: datetime) -> bool:
        """Let a period be paid, late, or not at all; whether the pledge goes on."""
        yearly = pledge.interval is Interval.YEAR
        chance = self.rng.random()
        if chance < (0.16 if yearly else 0.017):
            self._end(pledge, due, PledgeStatus.ENDED, EndReason.LEFT)
            return False
        paid_at = due + timedelta(minutes=self.rng.randrange(50, 70))
        if chance < (0.24 if yearly else 0.047):
            paid_at = due + timedelta(days=self.rng.randrange(2, 9), hours=3)
            if self.rng.random() < 0.4 or paid_at >= self.until:
                self._fail(pledge, due)
                return False
        self._change(pledge)
        pledge.payments.append((min(paid_at, self.until - timedelta(minutes=1)), pledge.amount))
        return True

    def _change(self, pledge: PledgeStory) -> None:
        """A few raise their gift, fewer lower it."""
        chance = self.rng.random()
        scale = (3, 2) if chance < 0.012 else (2, 1) if chance < 0.018 else None
        if scale is not None:
            raised = pledge.amount.minor * scale[0] // scale[1] // 100 * 100
            pledge.amount = Money(raised, pledge.amount.currency)
        elif chance > 0.994 and pledge.amount.minor >= 1000:
            pledge.amount = Money(pledge.amount.minor // 200 * 100, pledge.amount.currency)

    def _fail(self, pledge: PledgeStory, due: datetime) -> None:
        if due + RETRIES < self.until:
            self._end(pledge, due + RETRIES, PledgeStatus.LAPSED, EndReason.UNPAID)
        else:
            pledge.status, pledge.past_due_since = PledgeStatus.PAST_DUE, due

    def _end(
        self, pledge: PledgeStory, at: datetime, status: PledgeStatus, reason: EndReason
    ) -> None:
        pledge.status, pledge.ended_at, pledge.end_reason = status, at, reason

    def _rest(self, pledge: PledgeStory) -> None:
        """Where a paid pledge stands when the story stops."""
        chance = self.rng.random()
        if chance < 0.022:
            pledge.ends_at = pledge.paid_until
        elif chance < 0.03:
            pledge.status = PledgeStatus.PAUSED


def added(moment: datetime, count: int, zone: tzinfo) -> datetime:
    """Return the moment `count` months on by the zone's clock; a short month gives its last day."""
    local = moment.astimezone(zone)
    index = local.year * 12 + local.month - 1 + count
    year, month = index // 12, index % 12 + 1
    day = min(local.day, calendar.monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day, fold=0).astimezone(UTC)


def _cover(life: Life) -> None:
    """Add to each payment of a life what covers its fee."""

    def whole(amount: Money) -> Money:
        cover = fee_cover(amount)
        life.covers[amount + cover] = cover.minor
        return amount + cover

    for pledge in life.pledges:
        pledge.amount = whole(pledge.amount)
        pledge.payments = [(at, whole(amount)) for at, amount in pledge.payments]
    for once in life.once:
        once.amount = whole(once.amount)


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
