"""How one thing is that gifts depend on: well, doubtful or ill, and how it is mended. Pure."""

from dataclasses import dataclass
from enum import StrEnum


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


def well(name: str, found: str) -> Line:
    """Return that a thing is as it should be."""
    return Line(name, Health.WELL, found)


def ill(name: str, found: str, mend: str) -> Line:
    """Return that a thing is wrong, and how it is mended."""
    return Line(name, Health.ILL, found, mend)


def doubtful(name: str, found: str, mend: str) -> Line:
    """Return that a thing may be wrong."""
    return Line(name, Health.DOUBTFUL, found, mend)
