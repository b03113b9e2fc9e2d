"""The way to a gift: how many visits reached each step of it, and where they went no further."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row

from app.accounts.models import Role
from app.giving.arrivals.steps import OTHERS, Device, Step
from app.giving.rules import Interval
from app.localisation import format_day
from app.money import Money
from app.reports import article_names, beginnings, funnels, stay_words
from app.reports.beginnings import opened
from app.reports.funnels import STEPS, Funnel, Reached
from app.reports.listing import Found
from app.reports.rollups.reached_days import PAID, Side
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
from config.newsroom import LANGUAGES

#: A table has so many rows; what is beyond them is one row more.
MOST = 100


def build(asked: Asked) -> Answer:
    """Tell how far the visits of the period went: in all, and by language, device and origin."""
    found, earlier = funnels.counted(asked), funnels.counted(asked.before())
    return Answer(
        _figures(found, earlier),
        _chart(found),
        [_steps(found), *(_table(side, found.sides[side]) for side in Side)],
    )


def _figures(found: Funnel, earlier: Funnel) -> list[Figure]:
    labels = (
        (_("Paid, of all visits"), _("Visits to the giving page that led to a gift.")),
        (_("Sent the form"), _("Of all visits to the giving page.")),
        (_("Payment page opened"), _("Of those who sent the form.")),
        (_("Paid"), _("Of those whose payment page was opened.")),
        (
            _("Given up after the form"),
            _("Of those who sent the form: who did not pay, or not yet."),
        ),
    )
    before = _shares(earlier) if any(earlier.whole) else None
    return [
        Figure(label, [value], sentence, [before[place]] if before else [])
        for place, (value, (label, sentence)) in enumerate(zip(_shares(found), labels, strict=True))
    ]


def _shares(of: Funnel) -> tuple[Share, ...]:
    seen, sent, page, paid = of.whole
    return (
        Share(paid, seen),
        Share(sent, seen),
        Share(page, sent),
        Share(paid, page),
        Share(sent - paid, sent),
    )


def _step(step: str) -> str:
    return {
        Step.SEEN.value: _("Saw the giving page"),
        Step.SENT.value: _("Sent the form"),
        Step.OPENED.value: _("Payment page opened"),
        PAID: _("Paid"),
    }[step]


def _steps(found: Funnel) -> Table:
    rows: list[list[Value]] = []
    for place, (step, count) in enumerate(zip(STEPS, found.whole, strict=True)):
        before = found.whole[place - 1] if place else None
        rows.append(
            [
                _step(step),
                opened(count, "paid:") if step == PAID else count,
                None if before is None else Share(count, before),
                None if before is None else Share(count, found.whole[0]),
            ]
        )
    return Table(
        _("How far visits went"),
        [_("Step"), _("Visits"), _("Of the step before"), _("Of the first step")],
        rows,
        _("Nothing has been counted yet.")
        if found.since is None
        else _("Visits have been counted since %(day)s.", day=format_day(found.since)),
    )


def _table(side: Side, reached: Sequence[Reached]) -> Table:
    ranked = sorted(
        reached, key=lambda one: (not one.name, [-count for count in one.counts], one.name)
    )
    shown = ranked[:MOST]
    names = _names(side, [one.name for one in shown])
    rows = [_row(names[one.name], one.counts, f"paid:{side}:{one.name}") for one in shown]
    if rest := ranked[MOST:]:
        together = tuple(map(sum, zip(*(one.counts for one in rest), strict=True)))
        rows.append(_row(_("%(count)s more together", count=len(rest)), together, None))
    return Table(
        _caption(side),
        [
            _head(side),
            *(_step(step) for step in STEPS),
            _("Paid, of all visits"),
            _("Given up after the form"),
        ],
        rows,
        _(
            "Grey rows are of fewer than %(count)s visits: one more or less moves them much.",
            count=Share.SMALL,
        ),
        beginnings.muted([Share(0, one.counts[0]) for one in ranked[:MOST]]),
    )


def _row(label: str, counts: Sequence[int], key: str | None) -> list[Value]:
    seen, sent, _opened, paid = counts
    return [
        label,
        *counts[:-1],
        paid if key is None else opened(paid, key),
        Share(paid, seen),
        Share(sent - paid, sent),
    ]


def _names(side: Side, of: Sequence[str]) -> dict[str, str]:
    """What each of some kinds of visit is called; articles by their titles."""
    articles = [one for one in of if one != OTHERS] if side is Side.ARTICLE else []
    titles = article_names.named(articles)
    return {one: titles[one] if one in articles else name(side, one) for one in of}


def name(side: Side, of: str) -> str:
    """Write what a side is of one kind of visit."""
    if not of:
        return str(_("unknown"))
    if of == OTHERS:
        return str(_("too many to tell apart"))
    match side:
        case Side.LANGUAGE:
            return LANGUAGES.get(of, of)
        case Side.DEVICE:
            return {Device.PHONE: _("Phone"), Device.DESKTOP: _("Computer or tablet")}[Device(of)]
    return of


def _caption(side: Side) -> str:
    return {
        Side.LANGUAGE: _("By the language of the page"),
        Side.DEVICE: _("By device"),
        Side.CAMPAIGN: _("By campaign, of the last touch"),
        Side.ARTICLE: _("By article, of the last touch"),
    }[side]


def _head(side: Side) -> str:
    return {
        Side.LANGUAGE: _("Language"),
        Side.DEVICE: _("Device"),
        Side.CAMPAIGN: _("Campaign"),
        Side.ARTICLE: _("Article"),
    }[side]


def _chart(found: Funnel) -> Chart | None:
    if not any(found.whole):
        return None
    under = (_("seen"), _("sent"), _("opened"), _("paid"))
    return Chart(
        _("Visits that reached each step"),
        [
            (short, _step(step), count)
            for short, step, count in zip(under, STEPS, found.whole, strict=True)
        ],
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the gifts behind a number of paid. Raises `KeyError` for a key no cell has."""
    kind, colon, rest = key.partition(":")
    of, _colon, which = rest.partition(":")
    if kind != PAID or not colon or of not in {"", *(side.value for side in Side)}:
        raise KeyError(key)
    return Listing(
        _("Gifts that were begun on the giving page and paid"),
        [_("Name"), _("Paid"), _("What"), _("Amount"), *(_head(side) for side in Side)],
        Found(funnels.people(asked, Side(of) if of else None, which), _written),
    )


def _written(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.closed_at,
        _plan(Interval(row.interval)),
        Money(row.amount_minor, row.currency),
        *(name(side, getattr(row, side)) for side in Side if side is not Side.ARTICLE),
        article_names.written(row.article, row.title),
    ]


def _plan(of: Interval) -> str:
    return str(_("Once")) if of is Interval.ONCE else stay_words.plan(of)


REPORT = Report(
    name="funnel",
    group=Group.PEOPLE,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("From the page to the gift"),
    definition=lambda: _(
        "How many visits to the giving page led to a form that was sent, to the payment page, and "
        "to a gift that was paid."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "A browser counts once a day at each step, and again when it comes by another link; one "
        "that keeps no cookies counts each time. Robots that say what they are are left out. "
        "Visits are counted on the day of each step and gifts on the day they were paid, so a gift "
        "may follow a visit of an earlier period."
    ),
    by_currency=False,
)
