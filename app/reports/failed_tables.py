"""The shares and tables of renewals that failed at first; every count opens its list."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext as _

from app.desk import money_lines
from app.localisation import format_month
from app.money import Money
from app.payments.facts import Remedy
from app.reports.failed import By, Failed, Outcome
from app.reports.periods import ALL
from app.reports.shape import Asked, Behind, Share, Table, Value


def count(ones: Sequence[Failed], what: str) -> int:
    """Count the renewals whose row says `what`, a key of the lists behind cells."""
    return sum(one.count for one in ones if _is(one, what))


def _is(one: Failed, what: str) -> bool:
    match what:
        case "failed":
            return True
        case "closed" | "open":
            return one.closed == (what == "closed")
    return one.closed and one.outcome == what


def cell(ones: Sequence[Failed], what: str, key: str) -> Value:
    """The same, which opens its list."""
    return Behind(count(ones, what), f"{key}:{what}")


def failing(ones: Sequence[Failed], at_once: int, *, key: str = "") -> Value:
    """Return the share of renewals tried whose first attempt failed."""
    part = count(ones, "failed")
    share = Share(part, part + at_once)
    return Behind(share, key) if key else share


def recovered(ones: Sequence[Failed], *, key: str = "") -> Value:
    """Return the share that was won back, of those whose window is over."""
    share = Share(count(ones, Outcome.RECOVERED), count(ones, "closed"))
    return Behind(share, f"{key}:{Outcome.RECOVERED}") if key else share


def money(ones: Sequence[Failed]) -> list[Value]:
    """Return the same in money, by currency."""
    return [
        _of_money(same, currency)
        for currency, same in sorted(_grouped(ones, lambda one: one.currency).items())
        if count(same, "closed")
    ]


def _of_money(ones: Sequence[Failed], currency: str) -> Share:
    def total(what: str) -> int:
        return sum(one.amount_minor for one in ones if _is(one, what))

    return Share(total(Outcome.RECOVERED), total("closed"), currency)


def _grouped(ones: Sequence[Failed], by: Callable[[Failed], Any]) -> dict[Any, list[Failed]]:
    grouped: defaultdict[Any, list[Failed]] = defaultdict(list)
    for one in ones:
        grouped[by(one)].append(one)
    return dict(sorted(grouped.items()))


def _heads() -> list[str]:
    return [
        _("28 days over"),
        _("Recovered in them"),
        _("Paid later"),
        _("Not paid"),
        _("28 days not over yet"),
    ]


def _cells(ones: Sequence[Failed], key: str) -> list[Value]:
    return [
        cell(ones, "closed", key),
        recovered(ones, key=key),
        cell(ones, Outcome.LATE, key),
        cell(ones, Outcome.LOST, key),
        cell(ones, "open", key),
    ]


def _table(
    caption: str,
    head: Sequence[str],
    groups: Sequence[tuple[Sequence[Value], Sequence[Failed]]],
    note: str = "",
) -> Table:
    """A table of groups of renewals; those of too few whose window is over are grey."""
    few = frozenset(
        place for place, (_row, ones) in enumerate(groups) if count(ones, "closed") < Share.SMALL
    )
    grey = _("Grey: fewer than %(count)s whose 28 days are over.", count=Share.SMALL) if few else ""
    notes = " ".join(word for word in (note, grey) if word)
    return Table(caption, head, [row for row, _ones in groups], notes, few)


def months_table(asked: Asked, found: Sequence[Failed], at_once: dict[Any, int]) -> Table:
    """What was tried in each month, and what became of what failed."""
    groups: list[tuple[Sequence[Value], Sequence[Failed]]] = []
    for month, _since, _until in asked.spans():
        ones = [one for one in found if one.month == month]
        taken = sum(count for (when, _currency), count in at_once.items() if when == month)
        key = f"{month}:{ALL}:{ALL}:"
        share = failing(ones, taken, key=f"{key}:failed")
        tried = taken + count(ones, "failed")
        groups.append(([format_month(month), tried, share, *_cells(ones, key)], ones))
    return _table(
        _("Renewals by the month of their first attempt"),
        [_("Month"), _("Renewals tried"), _("First attempt failed"), *_heads()],
        groups,
    )


def money_table(found: Sequence[Failed]) -> Table:
    """The same in money, each currency apart."""
    groups: list[tuple[Sequence[Value], Sequence[Failed]]] = []
    for (month, currency), ones in _grouped(found, lambda one: (one.month, one.currency)).items():
        key = f"{month}:{currency}:{ALL}:"
        amount = Money(sum(one.amount_minor for one in ones), currency)
        share = _of_money(ones, currency)
        cells = [cell(ones, "failed", key), amount, cell(ones, "closed", key), share]
        groups.append(([format_month(month), currency, *cells], ones))
    return _table(
        _("The same in money"),
        [
            _("Month"),
            _("Currency"),
            _("First attempt failed"),
            _("To be paid"),
            _("28 days over"),
            _("Recovered in them"),
        ],
        groups,
    )


def remedies(found: Sequence[Failed]) -> Table:
    """What failed, by what would help."""
    groups: list[tuple[Sequence[Value], Sequence[Failed]]] = []
    for (remedy, currency), ones in _grouped(found, lambda one: (one.remedy, one.currency)).items():
        key = f"{ALL}:{currency}:remedy:{remedy}"
        name = money_lines.remedy(Remedy(remedy))
        cells = [cell(ones, "failed", key), *_cells(ones, key), _of_money(ones, currency)]
        groups.append(([name, currency, *cells], ones))
    return _table(
        _("By what would help, as the first attempt told"),
        [_("What helps"), _("Currency"), _("First attempt failed"), *_heads(), _("Of the money")],
        groups,
    )


def codes(found: Sequence[Failed]) -> Table:
    """What failed, by the bank's word for it."""
    groups: list[tuple[Sequence[Value], Sequence[Failed]]] = []
    for code, ones in _grouped(found, lambda one: one.decline_code or "").items():
        key = f"{ALL}:{ALL}:decline_code:{code}"
        name = code.replace("_", " ") or _("unknown")
        groups.append(([name, cell(ones, "failed", key), *_cells(ones, key)], ones))
    groups.sort(key=lambda group: -count(group[1], "failed"))
    head = [_("The bank's word"), _("First attempt failed"), *_heads()]
    return _table(_("By the bank's word for it"), head, groups)


def ways(found: Sequence[Failed]) -> Table:
    """What was recovered, by what made it good."""
    won = [one for one in found if _is(one, Outcome.RECOVERED)]
    rows: list[Sequence[Value]] = []
    for (by, currency), ones in _grouped(won, lambda one: (one.by or "", one.currency)).items():
        key = f"{ALL}:{currency}:by:{by}"
        amount = Money(sum(one.amount_minor for one in ones), currency)
        rows.append([way(By(by)), currency, cell(ones, Outcome.RECOVERED, key), amount])
    return Table(
        _("What made recovered payments good, as far as the card and the hour tell"),
        [_("Paid by"), _("Currency"), _("Recovered"), _("Amount")],
        rows,
        _(
            "Whether a letter moved somebody to act is not known: letters go out after every "
            "failed attempt."
        ),
    )


def way(by: By) -> str:
    """Write what made a failed payment good."""
    return {
        By.OTHER_CARD: _("another card"),
        By.RETRY: _("the same card, when it was tried again"),
        By.BY_HAND: _("the same card at another time: paid or approved by hand"),
        By.UNKNOWN: _("unknown, for no card is known"),
    }[by]
