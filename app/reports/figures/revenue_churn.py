"""Churn of revenue: what became in a month of what recurred as it began."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import and_

from app.accounts.models import Role
from app.giving.rules import MovementKind
from app.localisation import format_month
from app.money import Money
from app.reports import giver_words, givers, recurring, report_words
from app.reports.shape import (
    Answer,
    Asked,
    Behind,
    Chart,
    Group,
    Listing,
    Report,
    Share,
    Table,
    Value,
)

#: The list of who gave as a month began; the others are of movements.
START = "start"
GAINS = (MovementKind.UP, MovementKind.RESUMED)
LOSSES = (
    MovementKind.DOWN,
    MovementKind.PAUSED,
    MovementKind.LEFT,
    MovementKind.LAPSED,
    MovementKind.ENDED,
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What recurred as a month began, and what those who gave it did in the month, by the year."""

    month: date
    currency: str
    people: int
    start_minor: int
    by_kind: dict[MovementKind, int]
    over: bool

    @property
    def lost_minor(self) -> int:
        """What was lost, as a positive number."""
        return -sum(self.by_kind.get(kind, 0) for kind in LOSSES)

    @property
    def kept_minor(self) -> int:
        """What is left of the start, with what its givers added."""
        gained = sum(self.by_kind.get(kind, 0) for kind in GAINS)
        return self.start_minor + gained - self.lost_minor


def build(asked: Asked) -> Answer:
    """Tell gross churn and net retention of revenue; what is new or returns stays out of both."""
    both = kept_of(givers.with_before(asked))
    kept = [one for one in both if one.month >= asked.first]
    earlier = [one for one in both if one.month < asked.first]
    return Answer(
        [
            *giver_words.shares(
                _("Gross revenue churn a month"),
                _("Lost of what recurred as each month began; all months that are over added up."),
                _together(kept, lost=True),
                _together(earlier, lost=True),
            ),
            *giver_words.shares(
                _("Net revenue retention a month"),
                _("Kept, with what the same people added; all of it would be one hundred percent."),
                _together(kept, lost=False),
                _together(earlier, lost=False),
            ),
        ],
        _chart(asked, kept),
        [_table(kept)],
    )


def kept_of(asked: Asked) -> list[Kept]:
    """Read every month and currency that was asked for."""
    spans = asked.spans()
    begins = [since for _month, since, _until in spans]
    starts, people = recurring.at(begins), givers.counts(begins)
    turns = givers.turns(asked)
    sums: dict[tuple[object, str], dict[MovementKind, int]] = {}
    for turn in turns:
        if turn.stood:
            kinds = sums.setdefault((turn.since, turn.currency), {})
            kinds[turn.kind] = kinds.get(turn.kind, 0) + turn.yearly_minor
    named = {currency for _at, currency in starts} | {turn.currency for turn in turns}
    return [
        Kept(
            month,
            currency,
            people.get((since, currency), 0),
            starts.get((since, currency), 0),
            sums.get((since, currency), {}),
            over=until < asked.now,
        )
        for month, since, until in spans
        for currency in sorted(named)
        if asked.currency in (None, currency)
    ]


def _together(kept: Sequence[Kept], *, lost: bool) -> dict[str, Share]:
    """The months that are over, all together: one share for each currency."""
    found: dict[str, tuple[int, int]] = {}
    for one in kept:
        if one.over:
            part, whole = found.get(one.currency, (0, 0))
            part += one.lost_minor if lost else one.kept_minor
            found[one.currency] = part, whole + one.start_minor
    return {currency: Share(part, whole, currency) for currency, (part, whole) in found.items()}


def _table(kept: Sequence[Kept]) -> Table:
    rows: list[list[Value]] = [
        [
            format_month(one.month),
            one.currency,
            Behind(one.people, f"{one.month}:{one.currency}:{START}"),
            Money(one.start_minor, one.currency),
            *(_cell(one, kind) for kind in (*GAINS, *LOSSES)),
            Money(one.kept_minor, one.currency),
            Share(one.lost_minor, one.start_minor, one.currency),
            Share(one.kept_minor, one.start_minor, one.currency),
        ]
        for one in kept
    ]
    return Table(
        _("By the year: the start and what its givers changed add up to what is kept."),
        [
            _("Month"),
            _("Currency"),
            _("Patrons who give"),
            _("Start"),
            *(report_words.kind(kind) for kind in (*GAINS, *LOSSES)),
            _("Kept of the start"),
            _("Gross churn"),
            _("Net retention"),
        ],
        rows,
        giver_words.grey(),
        frozenset(
            place for place, one in enumerate(kept) if not one.over or one.people < Share.SMALL
        ),
    )


def _cell(one: Kept, kind: MovementKind) -> Value:
    if kind not in one.by_kind:
        return None
    key = f"{one.month}:{one.currency}:{kind}"
    return Behind(Money(one.by_kind[kind], one.currency), key)


def _chart(asked: Asked, kept: Sequence[Kept]) -> Chart | None:
    """What was lost in each month, in the currency that was asked for or in which most give."""
    if not kept:
        return None
    currency = asked.currency or max(kept, key=lambda one: (one.month, one.people)).currency
    return Chart(
        _("Lost in each month, by the year, %(currency)s", currency=currency),
        [
            (report_words.short_month(one.month), format_month(one.month), one.lost_minor)
            for one in kept
            if one.currency == currency
        ],
        currency,
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the movements behind one cell. Raises `KeyError` for a key no cell has."""
    name, currency, text = key.split(":") if key.count(":") == 2 else ("", "", "")
    names = [str(month) for month, _since, _until in asked.spans()]
    if name not in names or text not in (START, *GAINS, *LOSSES):
        raise KeyError(key)
    number = names.index(name) + 1
    month, since, _until = asked.spans()[number - 1]
    if text == START:
        giving = givers.at(since, asked)
        return giver_words.people(
            _("Patrons who gave as %(month)s began", month=format_month(month)),
            givers.listed(giving, giving.c.currency == currency),
        )
    kind = MovementKind(text)
    rows = givers.rows_of(
        asked,
        lambda one: and_(
            one.c.stood, one.c.month == number, one.c.currency == currency, one.c.kind == kind.value
        ),
    )
    return giver_words.turns(
        _("%(kind)s, %(month)s", kind=report_words.kind(kind), month=format_month(month)), rows
    )


REPORT = Report(
    name="revenue-churn",
    group=Group.RECURRING,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Churn of revenue"),
    definition=lambda: _(
        "Of what recurred as a month began: how much those who gave it took away in it (gross "
        "churn), and how much of it stands at the end with what they added (net retention)."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "Whoever is new, comes back or resumes changes neither, unless the pause began in the same "
        "month; a pause counts as lost. Corrections are only among the movements."
    ),
)
