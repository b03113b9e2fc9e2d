"""Sums of several currencies in one, in words: the sum, the rates it was made with, what lacks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from app.localisation import format_money, format_month
from app.reports.rates import Rate, Rates, Together, several
from app.reports.shape import Figure, Table, Value

#: More rates than this are not told one by one: they stand on a page of their own.
MOST = 4


def rate(of: Rate) -> str:
    """Write a rate with its month and where it is from."""
    if of.own:
        where = _("set by the newsroom for %(month)s", month=format_month(of.month))
    else:
        where = ngettext(
            "%(month)s, from %(num)s payment",
            "%(month)s, from %(num)s payments",
            of.payments,
            month=format_month(of.month),
        )
    return str(
        _(
            "1 %(currency)s = %(rate)s %(into)s (%(where)s)",
            currency=of.currency,
            rate=number(of),
            into=of.into,
            where=where,
        )
    )


def source(of: Rate) -> str:
    """Write briefly where a rate is from."""
    if of.own:
        return str(_("set here"))
    return str(ngettext("%(num)s payment", "%(num)s payments", of.payments))


def number(of: Rate) -> str:
    """Write how much one whole unit is worth."""
    return str(format_decimal(of.whole, "#,##0.######"))


def brief(of: Rate, month: date) -> str:
    """Write a rate that stands beside a month: only another month than that is named."""
    if of.month != month:
        return rate(of)
    return f"1 {of.currency} = {number(of)} {of.into} ({source(of)})"


def used(of: Together) -> str:
    """Write the rates of a sum, or for what there is none."""
    if of.missing:
        lacks = ", ".join(
            f"{currency} {format_month(month)}" for month, currency in of.missing[:MOST]
        )
        return str(_("No sum, for there is no rate: %(which)s. Finance can set one.", which=lacks))
    if len(of.used) > MOST:
        return str(_("Each month at its own rate; all of them stand on the page of rates."))
    return "; ".join(rate(one) for one in of.used)


def sentence(of: Together, parts: int = 1) -> str:
    """Write a sum with its rates as it stands below the currencies' own."""
    money = of.money(parts)
    if money is None:
        return used(of)
    return str(_("Together %(amount)s, at %(rates)s.", amount=format_money(money), rates=used(of)))


def figure(label: str, of: Together, parts: int = 1) -> Figure:
    """The sum as a figure that tells its rates."""
    return Figure(f"{label}, {of.into}", [of.money(parts)], used(of))


def figures(label: str, rates: Rates, sums: Mapping[tuple[date, str], int]) -> Sequence[Figure]:
    """The figure of sums by month and currency; none where there is but one currency."""
    if not several(currency for _month, currency in sums):
        return ()
    return (figure(label, rates.together(sums)),)


def table(
    into: str,
    heads: Sequence[str],
    rows: Iterable[tuple[date, Sequence[tuple[Together, int]]]],
    note: str = "",
) -> Table:
    """Sums of months in one currency: a row for each month, a column for each head, the rates.

    A cell is a sum and into how many parts it is divided.
    """
    found: list[Sequence[Value]] = []
    for month, cells in rows:
        rates = max((of for of, _parts in cells), key=lambda of: (len(of.missing), len(of.used)))
        told = used(rates) if rates.missing else "; ".join(brief(one, month) for one in rates.used)
        found.append([format_month(month), *(of.money(parts) for of, parts in cells), told])
    caption = _("Together in %(currency)s, each month at its own rate", currency=into)
    return Table(caption, [_("Month"), *heads, _("Rates")], found, note)
