"""Which appeal a page shows, what it is called in links, and which goals there are. Pure."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from app.money import Money

#: What the newsroom's own file says is called this in links.
USUAL = "usual"
#: The wordings that one appeal may have.
VARIANTS = ("a", "b")
#: How appeals stand in links and counts.
TAG = re.compile(r"^(?:usual|[1-9][0-9]{0,9}-[1-9][0-9]{0,4}-[ab])$")
#: What ends a name that stands for all that begin so.
ANY = "*"


class GoalKind(StrEnum):
    """What a goal counts."""

    #: Patrons who give: whose pledge is not paused.
    PATRONS = "patrons"
    #: What these give in one currency, come to a month.
    MONTHLY = "monthly"
    #: What was given in one currency since a day, less what went back.
    RAISED = "raised"


def tag(appeal_id: int, edition: int, variant: str) -> str:
    """Return what one wording of an appeal is called in links and counts."""
    return f"{appeal_id}-{edition}-{variant}"


def closeness(
    articles: Sequence[str], sections: Sequence[str], article: str, section: str
) -> tuple[int, int] | None:
    """Return how closely an appeal is meant for a page; None where it is not for it.

    An article by name stands before the beginning of names, the longer beginning first, that
    before a section, and a section before an appeal for all pages.
    """
    found: list[tuple[int, int]] = []
    if article in articles and not article.endswith(ANY):
        found.append((3, 0))
    starts = (each.removesuffix(ANY) for each in articles if each.endswith(ANY))
    found += [(2, len(start)) for start in starts if article and article.startswith(start)]
    if section and section.casefold() in (each.casefold() for each in sections):
        found.append((1, 0))
    if not articles and not sections:
        found.append((0, 0))
    return max(found, default=None)


def typed(minor: int, currency: str) -> str:
    """Write an amount as a person would type it: "5", "7.50"."""
    major = Money(minor, currency).major
    return str(int(major)) if major == int(major) else str(major)


def names(text: str) -> list[str]:
    """Read names typed one a line or with commas between them; each once, in their order."""
    return list(
        dict.fromkeys(filter(None, (" ".join(n.split()) for n in re.split(r"[\n,]", text))))
    )


def written(names: Iterable[str]) -> str:
    """Write names as they are typed."""
    return "\n".join(names)
