"""Acts of money in the lives of pledges, made up by hypothesis: beside what `stories` tells."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from app.giving.rules import LeaveReason
from app.payments.facts import DisputeState
from tests.reports.stories import DAY, NOW, Begun

#: Lives of money begin so early that yearly gifts are given again by `NOW`.
FIRST = datetime(2025, 2, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Pays:
    """The n-th gift comes; of the fee in euro cents nothing is known where it is null."""

    number: int
    card: str | None
    fee_minor: int | None
    cover_minor: int


@dataclass(frozen=True)
class Refused:
    """An attempt at the n-th gift fails; Stripe tries again after so many days, or never."""

    number: int
    attempt: int
    code: str | None
    remedy: str
    again: int | None


@dataclass(frozen=True)
class Refunded:
    """So many percent of the n-th gift go back; `undone`: the bank could not deliver it."""

    number: int
    percent: int
    undone: bool = False


@dataclass(frozen=True)
class Contested:
    """The n-th gift is contested at the bank, and how that stands."""

    number: int
    state: DisputeState
    reason: str


@dataclass(frozen=True)
class Wishes:
    """The patron says at the page what is wished: leave, leave_now, stay, lower, pause, move."""

    what: str
    reason: LeaveReason | None = None


@dataclass(frozen=True)
class Ends:
    """Stripe ends the pledge."""

    why: str


@dataclass(frozen=True)
class Transfers:
    """Somebody gives by bank; staff may take the entry back later."""

    minor: int
    currency: str
    back_after: int | None


@dataclass(frozen=True)
class GivesOnce:
    """Somebody gives once through Stripe."""

    minor: int
    currency: str
    fee_minor: int | None


What = Begun | Pays | Refused | Refunded | Contested | Wishes | Ends | Transfers | GivesOnce


@dataclass(frozen=True)
class Act:
    """One thing that happens to one pledge of one person; both are counted from 0."""

    at: datetime
    person: int
    pledge: int
    what: What

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} person {self.person}, pledge {self.pledge}: {self.what}"


@dataclass(frozen=True, repr=False)
class Story:
    """Everything that happens, in order, and after how many days payouts follow one another."""

    acts: tuple[Act, ...]
    every: int

    def __repr__(self) -> str:
        told = "\n".join(f"  {act}" for act in self.acts)
        return f"Payouts every {self.every} days:\n{told}"

    @property
    def people(self) -> int:
        """How many people there are."""
        return max(act.person for act in self.acts) + 1


CARDS = st.sampled_from(["visa:4242", "visa:4242", "visa:1881", "amex:0005", None])
FEES = st.sampled_from([None, 25, 33, 60])
#: What somebody says one after the other.
WISHES = (
    (),
    ("leave", "stay"),
    ("leave", "stay", "lower"),
    ("leave", "stay", "pause"),
    ("leave", "leave_now"),
    ("leave", "stay", "leave"),
    ("lower", "move"),
    ("leave_now",),
)
BEGINNINGS = st.builds(
    Begun,
    st.sampled_from([500, 1000, 2501]),
    st.sampled_from(["EUR", "EUR", "USD"]),
    st.sampled_from(["month", "month", "year"]),
    st.sampled_from([None, "winter"]),
)
PAYS = {"card": CARDS, "fee_minor": FEES, "cover_minor": st.sampled_from([0, 0, 30])}


@st.composite
def stories(draw: st.DrawFn, most_people: int = 5) -> Story:
    """Give people who pledge, pay or cannot, contest, leave and stay, and give by other ways."""
    acts: list[Act] = []
    for person in range(draw(st.integers(2, most_people))):
        for pledge in range(draw(st.sampled_from([1, 1, 2]))):
            acts += [Act(at, person, pledge, what) for at, what in _pledge(draw) if at < NOW]
        for at, what in _beside(draw):
            acts.append(Act(at, person, 0, what))
    return Story(tuple(sorted(acts, key=lambda act: act.at)), draw(st.integers(3, 30)))


def _hours(draw: st.DrawFn, least: int, most: int) -> timedelta:
    return timedelta(minutes=draw(st.integers(least * 60, most * 60)))


def _pledge(draw: st.DrawFn) -> Iterator[tuple[datetime, What]]:
    at = FIRST + _hours(draw, 0, 400 * 24)
    begun = draw(BEGINNINGS)
    yield at, begun
    yield at, draw(st.builds(Pays, st.just(1), **PAYS))
    yield from _after(draw, at, 1)
    period = 30 * DAY if begun.interval == "month" else 365 * DAY
    for number in range(2, draw(st.integers(2, 7))):
        at += period
        paid_at = yield from _renewal(draw, at, number)
        if paid_at is None:
            return
        yield from _after(draw, paid_at, number)
        at = max(at, paid_at - 20 * DAY)
    yield from _wish(draw, at)


def _renewal(
    draw: st.DrawFn, at: datetime, number: int
) -> Generator[tuple[datetime, What], None, datetime | None]:
    """One renewal; return when it was paid, null where the pledge ended instead."""
    pays = draw(st.builds(Pays, st.just(number), **PAYS))
    if draw(st.integers(0, 2)):
        yield at, pays
        return at
    when = at
    for attempt in range(1, draw(st.integers(2, 4))):
        again = draw(st.sampled_from([3, 3, None]))
        refused = st.builds(
            Refused,
            st.just(number),
            st.just(attempt),
            st.sampled_from([None, "expired_card", "insufficient_funds"]),
            st.sampled_from(["wait", "new_card"]),
            st.just(again),
        )
        yield when, draw(refused)
        when += 3 * DAY
    later = draw(st.sampled_from([0, 1, 6, 20, 30, None]))
    if later is None:
        yield when + 12 * DAY, Ends("unpaid")
        return None
    when += later * DAY + _hours(draw, 0, 20)
    yield when, pays
    return when


def _after(draw: st.DrawFn, at: datetime, number: int) -> Iterator[tuple[datetime, What]]:
    """What may come after a gift."""
    way = draw(st.integers(0, 7))
    later = at + DAY + _hours(draw, 0, 25 * 24)
    if way == 0:
        percent = draw(st.sampled_from([100, 33]))
        yield later, Refunded(number, percent)
        if draw(st.booleans()):
            yield later + 5 * DAY, Refunded(number, percent, undone=True)
    if way == 1:
        reason = draw(st.sampled_from(["general", "fraudulent"]))
        state = draw(st.sampled_from([DisputeState.OPEN, DisputeState.INQUIRY]))
        yield later, Contested(number, state, reason)
        ends = [DisputeState.CLOSED]
        if state is DisputeState.OPEN:
            ends = [DisputeState.WON, DisputeState.LOST]
        if draw(st.booleans()):
            yield later + 20 * DAY, Contested(number, draw(st.sampled_from(ends)), reason)


def _wish(draw: st.DrawFn, at: datetime) -> Iterator[tuple[datetime, What]]:
    """What the patron may say in the end, while the paid time lasts."""
    for what in draw(st.sampled_from(WISHES)):
        at += DAY + _hours(draw, 0, 7 * 24)
        reason = draw(st.none() | st.sampled_from(LeaveReason))
        yield at, Wishes(what, reason)
    if draw(st.integers(0, 3)) == 0:
        yield at + 20 * DAY, Ends(draw(st.sampled_from(["by_wish", "disputed", "other"])))


def _beside(draw: st.DrawFn) -> Iterator[tuple[datetime, What]]:
    """Gifts that are on no pledge."""
    currencies = st.sampled_from(["EUR", "USD"])
    minor = st.sampled_from([700, 2000])
    if draw(st.booleans()):
        back = st.sampled_from([None, None, 9])
        at = FIRST + _hours(draw, 0, 550 * 24)
        yield at, draw(st.builds(Transfers, minor, currencies, back))
    if draw(st.booleans()):
        at = FIRST + _hours(draw, 0, 560 * 24)
        yield at, draw(st.builds(GivesOnce, minor, currencies, FEES))
