"""Letters: what was owed to people month by month, and how far each has come."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Date, Integer, Row, cast, func, select, union_all

from app.accounts.models import Account, Role
from app.desk import letter_words
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.localisation import format_month
from app.reports import periods, report_words
from app.reports.checks import LATE
from app.reports.listing import Found
from app.reports.rollups import letter_rows, sources
from app.reports.rollups.kept import whole
from app.reports.rollups.letter_rows import STATES
from app.reports.rollups.letter_tables import LetterDay
from app.reports.shape import (
    Answer,
    Asked,
    Behind,
    Chart,
    Figure,
    Group,
    Listing,
    Person,
    Report,
    Table,
    Value,
)

#: The kind that everyone who gives has a right to.
RECEIPT = "receipt"
#: Keys of the lists.
OWED, LATE_KEY, NOW = "owed", "late_receipts", "now"


@dataclass(frozen=True, slots=True)
class Counted:
    """Letters of one kind that became owed in one month, by how far they have come."""

    month: date
    kind: str
    owed: int
    states: tuple[int, ...]


def build(asked: Asked) -> Answer:
    """Tell for each month and kind how many letters were owed, and where they are now.

    Owed = sent + waiting + given up + not needed any more, in every row.
    """
    counted, earlier = _counted(asked), _counted(asked.before())
    late = db.session.scalar(select(func.count()).select_from(Letter).where(_late(asked))) or 0
    waiting, given_up = db.session.execute(
        select(func.count().filter(STATES["waiting"]), func.count().filter(STATES["given_up"]))
        .select_from(Letter)
        .where(Letter.due_at.is_not(None))
    ).one()
    return Answer(
        [
            Figure(
                _("Receipts owed and not sent"),
                [Behind(late, LATE_KEY)],
                _("Now, for more than an hour. This must be 0."),
            ),
            Figure(_("Given up"), [Behind(given_up, f"{NOW}:given_up")], _("As it stands now.")),
            Figure(_("Waiting"), [Behind(waiting, f"{NOW}:waiting")], _("As it stands now.")),
            Figure(
                _("Owed in this time"),
                [Behind(sum(one.owed for one in counted), f"{periods.ALL}::{OWED}")],
                before=[sum(one.owed for one in earlier)],
            ),
        ],
        _chart(asked, counted),
        [_months(asked, counted), _kinds(counted)],
        alarm=_("Receipts are owed that no mail server has taken: look at the doctor.")
        if late
        else "",
    )


def _late(asked: Asked) -> ColumnElement[bool]:
    return (
        (Letter.kind == RECEIPT)
        & Letter.due_at.is_not(None)
        & (Letter.created_at < asked.now - LATE)
    )


def _counted(asked: Asked) -> list[Counted]:
    spans = asked.spans()
    if not spans:
        return []
    kept = sources.read(LetterDay)
    month = cast(func.date_trunc("month", kept.c.day), Date)
    names = (OWED, *STATES)
    first, last = asked.since.astimezone(asked.zone), asked.until.astimezone(asked.zone)
    counted = select(
        month.label("month"), kept.c.kind, *(kept.c[name].label(name) for name in names)
    ).where(kept.c.day >= first.date(), kept.c.day < last.date())
    # The day on which the period ends is read raw, once: letters become owed all the while.
    day = letter_rows.days([whole(last.date())], Letter.created_at < asked.until).subquery()
    begun = select(
        cast(func.date_trunc("month", day.c.day), Date),
        day.c.kind,
        *(day.c[name] for name in names),
    )
    one = union_all(counted, begun).subquery()
    sums = [cast(func.sum(one.c[name]), Integer) for name in names]
    rows = db.session.execute(
        select(one.c.month, one.c.kind, *sums)
        .group_by(one.c.month, one.c.kind)
        .having(func.sum(one.c[OWED]) > 0)
        .order_by(one.c.month, one.c.kind)
    )
    return [Counted(month, kind, owed, tuple(states)) for month, kind, owed, *states in rows]


def _head(first: str) -> list[str]:
    return [
        first,
        _("Owed"),
        _("Sent"),
        _("Waiting"),
        _("Given up"),
        _("Not needed any more"),
    ]


def _cells(key: str, of: Sequence[Counted]) -> list[Value]:
    cells: list[Value] = [Behind(sum(one.owed for one in of), f"{key}:{OWED}")]
    for place, state in enumerate(STATES):
        cells.append(Behind(sum(one.states[place] for one in of), f"{key}:{state}"))
    return cells


def _months(asked: Asked, counted: Sequence[Counted]) -> Table:
    by_month: dict[date, list[Counted]] = defaultdict(list)
    for one in counted:
        by_month[one.month].append(one)
    return Table(
        _("Letters by the month in which they became owed, and how far they have come by now"),
        _head(_("Month")),
        [
            [format_month(month), *_cells(f"{month}:", by_month[month])]
            for month, _since, _until in asked.spans()
        ],
    )


def _kinds(counted: Sequence[Counted]) -> Table:
    return Table(
        _("The same by kind"),
        [_("Kind"), *_head(_("Month"))],
        [
            [
                letter_words.kind(one.kind),
                format_month(one.month),
                *_cells(f"{one.month}:{one.kind}", [one]),
            ]
            for one in sorted(counted, key=lambda one: (letter_words.kind(one.kind), one.month))
        ],
    )


def _chart(asked: Asked, counted: Sequence[Counted]) -> Chart | None:
    if not counted:
        return None
    owed: dict[date, int] = defaultdict(int)
    for one in counted:
        owed[one.month] += one.owed
    return Chart(
        _("Letters owed in each month"),
        [
            (report_words.short_month(month), format_month(month), owed[month])
            for month, _since, _until in asked.spans()
        ],
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the letters behind a figure. Raises `KeyError` for a key no figure has."""
    if key == LATE_KEY:
        return _list(_("Receipts owed and not sent"), _late(asked))
    if key in (f"{NOW}:given_up", f"{NOW}:waiting"):
        state = key.removeprefix(f"{NOW}:")
        return _list(_state(state), STATES[state])
    month, kind, state = _read(key)
    when, since, until = periods.span_of(asked, month)
    which = (Letter.created_at >= since) & (Letter.created_at < until)
    if kind:
        which &= Letter.kind == kind
    if state != OWED:
        which &= STATES[state]
    name = letter_words.kind(kind) if kind else _("All kinds")
    return _list(f"{name}, {when}: {_state(state)}", which)


def _read(key: str) -> tuple[str, str, str]:
    month, kind, state = periods.parts_of(key, 3)
    if state not in (OWED, *STATES) or (kind and kind not in letters.kinds()):
        raise KeyError(key)
    return month, kind, state


def _state(of: str) -> str:
    return dict(zip((OWED, *STATES), _head("")[1:], strict=True))[of]


def _list(caption: str, which: ColumnElement[bool]) -> Listing:
    query = (
        select(Letter, Account.name)
        .join(Account, Account.id == Letter.account_id)
        .where(which)
        .order_by(Letter.created_at.desc(), Letter.id)
    )
    return Listing(
        caption,
        [_("Name"), _("Letter"), _("Owed since"), _("Sent"), _("State")],
        Found(query, _written),
    )


def _written(row: Row[Any]) -> list[Value]:
    letter: Letter = row.Letter
    return [
        Person(letter.account_id, row.name),
        letter_words.kind(letter.kind),
        letter.created_at,
        letter.sent_at,
        letter_words.state(letter)[0],
    ]


REPORT = Report(
    name="letters",
    group=Group.HOUSE,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Letters"),
    definition=lambda: _(
        "Every letter that was owed to somebody, in the month it became owed, by whether a mail "
        "server has taken it."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "Sent means that a mail server took it, not that it was read; one that came back later is "
        "not known here."
    ),
    by_currency=False,
)
