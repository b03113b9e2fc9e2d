"""What can be taken out as a file: the list behind a figure, the supporters, a month's entries."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import gettext as _

from app.accounts.models import Role
from app.current import zone
from app.desk import deed_details
from app.export import Cell
from app.localisation import format_month
from app.reports import (
    asking,
    catalogue,
    entries,
    month_words,
    months,
    report_words,
    supporters,
    tables,
)
from app.reports.rollups import following
from app.reports.shape import Value

#: Who may see people by name beside the owner, and who closes the month.
PEOPLE, BOOKS = (Role.FUNDRAISER, Role.FINANCE), (Role.FINANCE,)


class Kind(StrEnum):
    """What a file is of."""

    LIST = "list"
    SUPPORTERS = "supporters"
    ENTRIES = "entries"


#: What the audit log calls it when one is taken at once.
TAKEN = {
    Kind.LIST: "list_downloaded",
    Kind.SUPPORTERS: "supporters_downloaded",
    Kind.ENTRIES: "entries_downloaded",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which file: its kind, the name of a report where it is a list, and the address's words."""

    kind: Kind
    name: str
    words: Mapping[str, str]

    def roles(self) -> tuple[Role, ...]:
        """Who may have it beside the owner. Raises `KeyError` where there is no such report."""
        match self.kind:
            case Kind.LIST:
                return catalogue.named(self.name).roles
            case Kind.SUPPORTERS:
                return PEOPLE
            case Kind.ENTRIES:
                return BOOKS


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands in a file; `rows` begins with the heading, which is not counted."""

    title: str
    #: The name of the file, without what follows the dot.
    stem: str
    count: Callable[[], int]
    rows: Callable[[], Iterator[list[Cell]]]


def of(wanted: Wanted, now: datetime) -> Contents:
    """Return what a file holds at a moment. Raises `KeyError` for what there is not."""
    match wanted.kind:
        case Kind.LIST:
            return _list(wanted, now)
        case Kind.SUPPORTERS:
            return _supporters(wanted, now)
        case Kind.ENTRIES:
            return _entries(wanted)


def cells(head: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[list[Cell]]:
    """Write rows of a report for a file, the heading first."""
    local = zone()
    yield list(head)
    for row in rows:
        yield [report_words.cell(value, local) for value in row]


def with_a_word(rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    """Yield rows, and after them what the page would say where these do not have all there is."""
    yield from rows
    if (since := following.waiting_since()) is not None:
        yield [report_words.missing(since)]


def _list(wanted: Wanted, now: datetime) -> Contents:
    report = catalogue.named(wanted.name)
    if report.listed is None:
        raise KeyError(wanted.name)
    asked = asking.read(report, wanted.words, now, zone())
    found = report.listed(asked, wanted.words.get("of", ""))
    return Contents(
        f"{report.title()}: {found.caption}",
        f"{report.name}-{asked.first:%Y-%m}-{asked.last:%Y-%m}",
        found.rows.count,
        lambda: cells(found.head, found.rows.each()),
    )


def _supporters(wanted: Wanted, now: datetime) -> Contents:
    question = supporters.question(wanted.words)

    def rows() -> Iterator[list[Cell]]:
        local = zone()
        yield tables.csv_head()
        for supporter in supporters.each(question, now=now):
            yield tables.csv_row(supporter, local)

    day = now.astimezone(zone()).date()
    return Contents(
        _("Supporters"),
        f"supporters-{day}",
        lambda: supporters.count(question, now=now),
        rows,
    )


def _entries(wanted: Wanted) -> Contents:
    try:
        first = months.read(wanted.words["month"])
        since = months.start_of(first, zone())
        until = months.start_of(months.following(first), zone())
    except ValueError:
        raise KeyError(wanted.words["month"]) from None

    def rows() -> Iterator[list[Cell]]:
        local = zone()
        yield month_words.csv_head()
        for entry in entries.between(since, until):
            yield month_words.csv_row(entry, local)

    return Contents(
        _("Entries of %(when)s", when=format_month(first)),
        f"ledger-{first:%Y-%m}",
        lambda: entries.count(since, until),
        rows,
    )


@deed_details.named("report_name")
def title_of(name: str) -> str:
    """Write what an entry of the audit log is about; its own name where that is gone."""
    if name == Kind.SUPPORTERS:
        return _("Supporters")
    if name == Kind.ENTRIES:
        return _("Entries")
    try:
        return catalogue.named(name).title()
    except KeyError:
        return name
