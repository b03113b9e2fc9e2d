"""How reports say what came from where: figures and tables by origin."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from app.giving.arrivals.touches import Turn
from app.money import Money
from app.reports import beginnings
from app.reports.beginnings import opened
from app.reports.origin_lists import ONCE, came, key
from app.reports.origins import Brought, Once
from app.reports.rollups.origin_rows import CAME, KEPT, NEW, Origin, Word
from app.reports.shape import FIRST_ROWS, Behind, Each, Figure, Share, Table, Value

#: The touches in the order in which they stand side by side.
TURNS = (Turn.LAST, Turn.FIRST)


def main_currency(brought: Sequence[Brought]) -> str | None:
    """Return the currency in which the most came."""
    counts: dict[str, int] = {}
    for one in brought:
        counts[one.currency] = counts.get(one.currency, 0) + sum(one.counts)
    return max(sorted(counts), key=lambda code: counts[code], default=None)


def ranked(brought: Sequence[Brought], main: str | None) -> list[Brought]:
    """Sort by currency, what brought the most money first and the unknown one last."""
    return sorted(
        brought,
        key=lambda one: (
            one.currency != main,
            one.currency,
            not one.origin,
            -sum(one.yearly),
            one.origin,
        ),
    )


def figures(
    label: str, by: Origin, brought: Sequence[Brought], earlier: Sequence[Brought]
) -> list[Figure]:
    """How many new patrons have a known origin, and the sums of what came, as in the movements."""
    return [
        Figure(
            label,
            [opened(_known(brought), key(by, "known"))],
            _("Of all who became patrons for the first time."),
            [_known(earlier)],
        ),
        *(
            Figure(
                came(of),
                [_opened(one, key(by, of, one.currency)) for one in _sums(place, brought)],
                _("By the year; the same as in the movements."),
                list(_sums(place, earlier)),
            )
            for place, of in enumerate(CAME)
        ),
    ]


def _known(brought: Sequence[Brought]) -> Share:
    return Share(
        sum(one.counts[0] for one in brought if one.origin), sum(one.counts[0] for one in brought)
    )


def _sums(place: int, brought: Sequence[Brought]) -> list[Money]:
    return [
        Money(sum(one.yearly[place] for one in brought if one.currency == code), code)
        for code in sorted({one.currency for one in brought})
    ]


def _opened(money: Money, of: str) -> Value:
    """A sum that opens its list; nothing has none."""
    return Behind(money, of) if money.minor else money


def full(
    caption: str,
    head: str,
    by: Origin,
    brought: Sequence[Brought],
    names: Mapping[str, str] | None = None,
) -> Table:
    """A row for each origin with all it brought, and how many of the pledges were kept.

    `names` say what origins are called, where it is not what they are counted by.
    """
    return Table(
        caption,
        [
            head,
            _("Currency"),
            _("New patrons"),
            _("New, by the year"),
            _("Returned patrons"),
            _("Returned, by the year"),
            _("More pledges"),
            _("More pledges, by the year"),
            _("Together, by the year"),
            *(_("Kept after %(count)s months", count=count) for count in KEPT),
        ],
        Each(brought, lambda one: _row(by, one, names)),
        _kept_note(),
        beginnings.muted([Share(one.kept[0], one.over[0]) for one in brought]),
        FIRST_ROWS,
    )


def _row(by: Origin, one: Brought, names: Mapping[str, str] | None) -> list[Value]:
    def of(what: str) -> str:
        return key(by, what, one.currency, one.origin)

    pairs: list[Value] = []
    for what, count, minor in zip(CAME, one.counts, one.yearly, strict=True):
        pairs += [opened(count, of(what)), _opened(Money(minor, one.currency), of(what))]
    return [
        _name(one.origin, names),
        one.currency,
        *pairs,
        _opened(Money(sum(one.yearly), one.currency), of("all")),
        *(_kept(by, one, place) for place in range(len(KEPT))),
    ]


def _name(origin: str, names: Mapping[str, str] | None) -> str:
    return beginnings.origin(origin) if names is None else names[origin]


def _kept(by: Origin, one: Brought, place: int) -> Value:
    what = key(by, f"kept{KEPT[place]}", one.currency, one.origin)
    return opened(Share(one.kept[place], one.over[place]), what)


def _kept_note() -> str:
    return f"{_kept_of()} {beginnings.too_few()}"


def _kept_of() -> str:
    return str(_("Kept: of the pledges that began so many months ago or more."))


def beside(
    caption: str,
    head: str,
    word: Word,
    brought: Mapping[Turn, Sequence[Brought]],
    once: Mapping[Turn, Sequence[Once]] | None = None,
    names: Mapping[str, str] | None = None,
) -> Table:
    """A row for each origin, the last touch beside the first; `once` adds gifts given once.

    `names` are as of `full`. In the order of what the last touch brought; what only began with a
    first touch stands after.
    """
    found = {turn: {(one.currency, one.origin): one for one in brought[turn]} for turn in TURNS}
    given = {
        turn: {(one.currency, one.origin): one for one in (once or {}).get(turn, ())}
        for turn in TURNS
    }
    order = list(found[Turn.LAST])
    others = {*found[Turn.FIRST], *given[Turn.LAST], *given[Turn.FIRST]} - {*order}
    order += sorted(others, key=lambda name: (name[0], not name[1], name[1]))

    def row(name: tuple[str, str]) -> list[Value]:
        currency, origin = name
        pairs: list[list[Value]] = []
        for turn in TURNS:
            one = found[turn].get(name, _nothing(currency, origin))
            gifts = given[turn].get(name, Once(currency, origin, 0, 0))
            pairs.append(_cells(Origin(word, turn), one, gifts if once is not None else None))
        cells = (cell for pair in zip(*pairs, strict=True) for cell in pair)
        return [_name(origin, names), currency, *cells]

    return Table(
        caption,
        [head, _("Currency"), *_heads(once=once is not None)],
        Each(order, row),
        _kept_of(),
        shown=FIRST_ROWS,
    )


def _nothing(currency: str, origin: str) -> Brought:
    none, never = (0,) * len(CAME), (0,) * len(KEPT)
    return Brought(currency, origin, none, none, never, never)


def _cells(by: Origin, one: Brought, once: Once | None) -> list[Value]:
    """What stands in a row for one of the touches."""

    def of(what: str) -> str:
        return key(by, what, one.currency, one.origin)

    cells = [
        opened(one.counts[0], of(NEW)),
        _opened(Money(one.yearly[0], one.currency), of(NEW)),
    ]
    if once is not None:
        money = Money(once.minor, once.currency)
        cells += [opened(once.count, of(ONCE)), _opened(money, of(ONCE))]
    return [*cells, _kept(by, one, len(KEPT) - 1)]


def _heads(*, once: bool) -> list[str]:
    words = [_("New patrons"), _("New, by the year")]
    words += [_("Gifts given once"), _("Their sum")] if once else []
    words.append(_("Kept after %(count)s months", count=KEPT[-1]))
    return [
        head
        for word in words
        for head in (_("%(what)s: last touch", what=word), _("%(what)s: first touch", what=word))
    ]
