"""How one thing is that gifts depend on: well, doubtful or ill, and how it is mended."""

from dataclasses import dataclass
from enum import StrEnum

from app.desk.again import Work


class Health(StrEnum):
    """How one thing is."""

    WELL = "well"
    #: Looks odd and may be meant so.
    DOUBTFUL = "doubtful"
    ILL = "ill"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at: how it is, what was found, and how to mend it."""

    name: str
    health: Health
    found: str
    mend: str = ""
    #: The owed work that was given up and can be tried again from the page.
    again: Work | None = None


def well(name: str, found: str) -> Line:
    """Return that a thing is as it should be."""
    return Line(name, Health.WELL, found)


def ill(name: str, found: str, mend: str, again: Work | None = None) -> Line:
    """Return that a thing is wrong, how it is mended, and what of it can be tried again."""
    return Line(name, Health.ILL, found, mend, again)


def doubtful(name: str, found: str, mend: str) -> Line:
    """Return that a thing may be wrong."""
    return Line(name, Health.DOUBTFUL, found, mend)
