"""Why patrons wish to leave, what became of their wish, and whether those who stayed still do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, select

from app.accounts.models import Account, Role
from app.desk import wish_lines
from app.extensions import db
from app.giving.rules import LeaveReason
from app.reports import leaving
from app.reports.beginnings import muted, opened, too_few
from app.reports.listing import Found
from app.reports.rollups.wish_rows import (
    AT_STRIPE,
    ELSEWHERE,
    LEAVING,
    LEFT,
    LOWERED,
    PAUSED,
    SAVED,
    STAYED,
    UNSAID,
)
from app.reports.shape import (
    Answer,
    Asked,
    Chart,
    Figure,
    Group,
    Listing,
    Person,
    Report,
    Share,
    Table,
    Value,
)

#: The ways of staying, in the order they are shown.
WAYS = (STAYED, LOWERED, PAUSED, ELSEWHERE)


@dataclass(frozen=True, slots=True)
class Alike:
    """How many wishes had one reason and one outcome; how many stays are old enough, and held."""

    reason: str
    became: str
    how: str | None
    wishes: int
    over: int
    held: int


def build(asked: Asked) -> Answer:
    """Tell of each reason how many gave it, left and stayed."""
    alike, earlier = _alike(asked), _alike(asked.before())
    return Answer(
        [
            Figure(
                _("Wished to leave"),
                [opened(_sum(alike), "all:all")],
                before=[_sum(earlier)],
            ),
            Figure(
                _("Stayed after all"),
                [opened(_saved(alike), f"{SAVED}:all")],
                _("Of those whose wish is decided: they left, or they took it back."),
                [_saved(earlier)],
            ),
            Figure(
                _("Still patrons 90 days after they stayed"),
                [opened(_held(alike), "held:all")],
                _("Of those who took their wish back 90 days ago or more."),
                [_held(earlier)],
            ),
        ],
        _chart(alike),
        [_reasons(alike), _ways(alike)],
    )


def _alike(asked: Asked) -> list[Alike]:
    """Count the wishes of these months; one statement."""
    if not asked.spans():
        return []
    rows = db.session.execute(leaving.alike(asked))
    return [Alike(*row) for row in rows]


def _sum(alike: Sequence[Alike], counts: Callable[[Alike], bool] = lambda _one: True) -> int:
    return sum(one.wishes for one in alike if counts(one))


def _saved(alike: Sequence[Alike]) -> Share:
    return Share(
        _sum(alike, lambda one: one.became == SAVED), _sum(alike, lambda one: one.became != LEAVING)
    )


def _held(alike: Sequence[Alike]) -> Share:
    return Share(sum(one.held for one in alike), sum(one.over for one in alike))


def _names(alike: Sequence[Alike]) -> list[str]:
    """The reasons there are to choose from, those somebody else gave, and those nobody gave."""
    known = [*(each.value for each in LeaveReason), UNSAID, AT_STRIPE]
    return known + sorted({one.reason for one in alike} - set(known))


def _name(reason: str) -> str:
    if reason == UNSAID:
        return _("No reason given")
    if reason == AT_STRIPE:
        return _("Ended at Stripe, where no reason is asked")
    return wish_lines.reason(reason)


def _reasons(alike: Sequence[Alike]) -> Table:
    rows, decided = [], []
    whole = _sum(alike)
    for reason in _names(alike):
        part = [one for one in alike if one.reason == reason]
        wished = _sum(part)
        rows.append(
            [
                _name(reason),
                opened(wished, f"all:{reason}"),
                opened(Share(wished, whole), f"all:{reason}"),
                opened(_sum(part, lambda one: one.became == LEFT), f"{LEFT}:{reason}"),
                opened(_sum(part, lambda one: one.became == LEAVING), f"{LEAVING}:{reason}"),
                opened(_saved(part), f"{SAVED}:{reason}"),
            ]
        )
        decided.append(_saved(part))
    return Table(
        _("Why they wished to leave"),
        [
            _("Reason"),
            _("Wished to leave"),
            _("Share of all"),
            _("Left"),
            _("Leave with their paid time"),
            _("Stayed after all"),
        ],
        rows,
        too_few(),
        muted(decided),
    )


def _way(how: str) -> str:
    return {
        STAYED: _("Went on as before"),
        LOWERED: _("Gave less from then on"),
        PAUSED: _("Paused"),
        ELSEWHERE: _("Taken back at Stripe, day unknown"),
    }[how]


def _ways(alike: Sequence[Alike]) -> Table:
    parts = {how: [one for one in alike if one.how == how] for how in WAYS}
    return Table(
        _("What they did who stayed after all"),
        [_("What"), _("Stayed"), _("90 days over"), _("Still patrons after 90 days")],
        [
            [
                _way(how),
                opened(_sum(part), f"how:{how}"),
                opened(sum(one.over for one in part), f"over:{how}"),
                opened(_held(part), f"held:{how}"),
            ]
            for how, part in parts.items()
        ],
        _("Pausing or giving less counts within 30 days of staying.") + " " + too_few(),
        muted([_held(part) for part in parts.values()]),
    )


def _chart(alike: Sequence[Alike]) -> Chart | None:
    if not alike:
        return None
    return Chart(
        _("Wishes to leave by reason, in the order of the table"),
        [
            (str(place), _name(name), _sum([one for one in alike if one.reason == name]))
            for place, name in enumerate(_names(alike), 1)
        ],
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the wishes of a cell. Raises `KeyError` for a key no cell has."""
    kind, _colon, of = key.partition(":")
    one = leaving.wishes(asked)
    conditions: dict[str, tuple[ColumnElement[bool], ...]]
    conditions = {"all": (), "how": (), "over": (one.c.over,), "held": (one.c.held,)}
    conditions |= {became: (one.c.became == became,) for became in (LEFT, LEAVING, SAVED)}
    where = [*conditions[kind]]
    if of in WAYS:
        where.append(one.c.how == of)
    elif of not in ("all", UNSAID, AT_STRIPE, *LeaveReason):
        raise KeyError(key)
    elif of != "all":
        where.append(one.c.reason == of)
    query = (
        select(one, Account.name)
        .join(Account, Account.id == one.c.account_id)
        .where(*where)
        .order_by(one.c.at.desc(), one.c.id)
    )
    return Listing(
        _("Wishes to leave"),
        [_("Name"), _("Day"), _("Reason"), _("Comment"), _("What became of it"), _("Until")],
        Found(query, _written),
    )


def _written(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.at,
        _name(row.reason),
        row.comment,
        _way(row.how) if row.how else _became(row.became),
        row.out_at,
    ]


def _became(of: str) -> str:
    return {LEFT: _("Left"), LEAVING: _("Leaves with the paid time")}[of]


REPORT = Report(
    name="reasons",
    group=Group.PEOPLE,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Why patrons leave, and who stays after all"),
    definition=lambda: _(
        "Every wish to end a pledge in these months by the reason the patron gave, what became of "
        "it, and of those who stayed after all how many still were patrons 90 days later."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "A wish counts once it was confirmed. Who opened the page of leaving and turned back, or "
        "chose there to pause or to give less, leaves no trace in these figures, so that more "
        "patrons are kept than it shows."
    ),
)
