"""Random lives of pledges, made up by hypothesis and written so that a failing one can be read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from app.reports import months

DAY = timedelta(days=1)
#: Lives begin in 2026 and are looked at in the middle of a month.
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 8, 20, 12, 30, tzinfo=UTC)
#: The zone of the newsroom that tests run.
KYIV = ZoneInfo("Europe/Kyiv")


@dataclass(frozen=True)
class Begun:
    """Somebody pledges: the money came."""

    amount_minor: int
    currency: str
    interval: str
    article: str | None

    def __str__(self) -> str:
        terms = f"{self.amount_minor / 100:.2f} {self.currency} a {self.interval}"
        return f"pledges {terms}, from {self.article or 'nowhere'}"


@dataclass(frozen=True)
class Amount:
    """The pledge gives another amount from now on."""

    minor: int

    def __str__(self) -> str:
        return f"gives {self.minor / 100:.2f} from now on"


@dataclass(frozen=True)
class Interval:
    """The pledge is given in another rhythm from now on."""

    name: str

    def __str__(self) -> str:
        return f"gives by the {self.name} from now on"


@dataclass(frozen=True)
class Pause:
    """The pledge rests, paid for so many days more."""

    days: int

    def __str__(self) -> str:
        return f"pauses, paid for {self.days} days"


@dataclass(frozen=True)
class Resume:
    """The pledge is paid again, after a pause, a failure or nothing at all."""

    def __str__(self) -> str:
        return "pays again"


@dataclass(frozen=True)
class Fail:
    """A payment fails and is tried again."""

    def __str__(self) -> str:
        return "cannot pay"


@dataclass(frozen=True)
class End:
    """The pledge ends, for one of the provider's reasons."""

    why: str

    def __str__(self) -> str:
        return f"ends: {self.why}"


What = Begun | Amount | Interval | Pause | Resume | Fail | End


@dataclass(frozen=True)
class Act:
    """One thing that happens to one pledge of one person; both are counted from 0."""

    at: datetime
    person: int
    pledge: int
    what: What

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} person {self.person}, pledge {self.pledge} {self.what}"


@dataclass(frozen=True, repr=False)
class Story:
    """Everything that happens, in order."""

    acts: tuple[Act, ...]

    def __repr__(self) -> str:
        return "Story:\n" + "\n".join(f"  {act}" for act in self.acts)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """How hypothesis prints a story that fails."""
        printer.text(repr(self))

    @property
    def people(self) -> int:
        """How many people there are."""
        return max(act.person for act in self.acts) + 1


#: For what is shown by a few stories: each is driven through the services.
FEW = settings(
    max_examples=max(settings().max_examples // 16, 2),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

BEGINNINGS = st.builds(
    Begun,
    st.sampled_from([500, 300, 1000, 2500]),
    st.sampled_from(["EUR", "EUR", "EUR", "USD"]),
    st.sampled_from(["month", "month", "year"]),
    st.sampled_from([None, "winter", "aid:convoys"]),
)
TURNS = st.one_of(
    st.builds(Amount, st.sampled_from([200, 500, 800, 3000])),
    st.builds(Interval, st.sampled_from(["month", "year"])),
    st.builds(Pause, st.integers(0, 25)),
    st.just(Resume()),
    st.just(Fail()),
    st.builds(End, st.sampled_from(["by_wish", "unpaid", "disputed", "other"])),
)


@st.composite
def stories(draw: st.DrawFn, most_people: int = 8) -> Story:
    """Give people who pledge, change their minds, pause, fail to pay, go and come back by `NOW`."""
    acts: list[Act] = []
    for person in range(draw(st.integers(1, most_people))):
        for pledge in range(draw(st.sampled_from([1, 1, 2, 3]))):
            acts += _pledge(draw, person, pledge)
    return Story(tuple(sorted(acts, key=lambda act: act.at)))


def _pledge(draw: st.DrawFn, person: int, pledge: int) -> Iterator[Act]:
    at = _later(draw, FIRST, 180)
    yield Act(at, person, pledge, draw(BEGINNINGS))
    for turn in draw(st.lists(TURNS, max_size=4)):
        at = _later(draw, at, 50)
        if at >= NOW:
            return
        yield Act(at, person, pledge, turn)
        if isinstance(turn, End):
            return


def _later(draw: st.DrawFn, after: datetime, within: int) -> datetime:
    """A later moment; now and then the very first instant of one of the newsroom's months."""
    at = after + timedelta(minutes=draw(st.integers(1, within * 24 * 60)))
    first = months.start_of(months.first_day(at, KYIV), KYIV)
    return first if first > after and draw(st.integers(0, 4)) == 4 else at
