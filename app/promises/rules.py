"""Where a promise may stand, and how it counts for who looks whether promises are kept. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

LONGEST_TEXT, LONGEST_STORY_TITLE = 2000, 200
#: An editor is reminded once when a promise is late, and once more after so many days.
REMIND_AGAIN = timedelta(days=14)
#: A first date is the one that counts, unless it is put right within so long after it was named.
SLIP_OF_THE_PEN = timedelta(hours=24)


class State(StrEnum):
    """Where a promise stands."""

    CHOSEN = "chosen"
    IN_WORK = "in_work"
    PUBLISHED = "published"
    DROPPED = "dropped"


#: Where something is still to be done.
OPEN = (State.CHOSEN, State.IN_WORK)


class Entry(StrEnum):
    """What one entry in the record of a promise tells."""

    MADE = "made"
    #: Staff wrote what they are at.
    NOTE = "note"
    #: It went to another state.
    MOVED = "moved"
    #: A state that was wrong was put right.
    CORRECTED = "corrected"
    #: A date was named, or another.
    DATED = "dated"
    #: The topic is not among those taken up any more.
    OVERTAKEN = "overtaken"
    #: It is again.
    RESTORED = "restored"


class Standing(StrEnum):
    """How a promise counts. The date is the first one that was named, whatever was named later."""

    IN_TIME = "in_time"
    KEPT_LATE = "kept_late"
    #: Published, though no date had been named.
    KEPT = "kept"
    #: Its date has passed, and nothing is published.
    LATE = "late"
    NOT_DUE = "not_due"
    #: No date is named yet.
    UNDATED = "undated"
    DROPPED = "dropped"


PUBLISHED = (Standing.IN_TIME, Standing.KEPT_LATE, Standing.KEPT)
#: Promises of which one can say whether they were kept.
SETTLED = (*PUBLISHED, Standing.LATE, Standing.DROPPED)


def standing(state: str, first_due_on: date | None, published_on: date | None, today: date) -> str:
    """Return how a promise counts on a day of the newsroom's zone."""
    if state == State.DROPPED:
        return Standing.DROPPED
    if published_on is not None:
        if first_due_on is None:
            return Standing.KEPT
        return Standing.IN_TIME if published_on <= first_due_on else Standing.KEPT_LATE
    if first_due_on is None:
        return Standing.UNDATED
    return Standing.LATE if first_due_on < today else Standing.NOT_DUE


@dataclass(frozen=True, slots=True)
class Figures:
    """How many promises there are of each standing."""

    counts: dict[Standing, int]

    def __getitem__(self, of: Standing) -> int:
        return self.counts[of]

    @property
    def made(self) -> int:
        """All there are."""
        return sum(self.counts.values())

    @property
    def settled(self) -> int:
        """Those published, dropped, or past their date."""
        return sum(self.counts[one] for one in SETTLED)

    @property
    def published(self) -> int:
        """Those whose story is out, in time or not."""
        return sum(self.counts[one] for one in PUBLISHED)


def figures(standings: Iterable[str]) -> Figures:
    """Count promises by their standing."""
    counts = dict.fromkeys(Standing, 0)
    for one in standings:
        counts[Standing(one)] += 1
    return Figures(counts)
