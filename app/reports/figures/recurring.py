"""What recurs at the end of each month: monthly recurring revenue, and how much of it is sure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row, func, or_, select

from app.accounts.models import Account, Role
from app.extensions import db
from app.giving.books.movements import counted_minor
from app.giving.models import Pledge
from app.giving.rules import Interval, PledgeStatus
from app.localisation import format_month
from app.money import Money
from app.reports import giver_words, givers, rate_words, rates, recurring, report_words, words
from app.reports.givers import monthly
from app.reports.listing import Found
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

#: The lists: who gives, and of that which pledges are in grace or about to end.
GIVERS, GRACE, ENDING = "givers", "grace", "ending"
IN_GRACE = Pledge.status == PledgeStatus.PAST_DUE
IS_ENDING = Pledge.ends_at.is_not(None)


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Of what recurs now: what a failed payment may take, and what is about to end, by the year."""

    grace_minor: int = 0
    ending_minor: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of one month in one currency; `doubtful` is null where it is not known any more."""

    month: date
    currency: str
    yearly_minor: int
    people: int
    doubtful: Doubtful | None

    def money(self, yearly_minor: int) -> Money:
        """A yearly sum by the month."""
        return Money(monthly(yearly_minor), self.currency)


def build(asked: Asked) -> Answer:
    """Tell what recurs by the month at the end of each month, in each currency."""
    both = ends_of(givers.with_before(asked))
    ends = [one for one in both if one.month >= asked.first]
    last = [one for one in ends if one.month == ends[-1].month]
    before = [one for one in both if one.month == asked.before().last]
    figures, tables = _together(asked, ends)
    return Answer(
        [*_figures(last, before), *figures], _chart(asked, ends, last), [_table(ends), *tables]
    )


def _together(asked: Asked, ends: Sequence[Ended]) -> tuple[list[Figure], list[Table]]:
    """The same of all currencies in one, each month at its own rate; nothing where there is one."""
    if not rates.several(one.currency for one in ends):
        return [], []
    of = rates.of(asked)
    sums = {
        month: of.together(
            {(month, one.currency): one.yearly_minor for one in ends if one.month == month}
        )
        for month in dict.fromkeys(one.month for one in ends)
    }
    last = sums[ends[-1].month]
    return [rate_words.figure(_("Monthly recurring revenue, together"), last, 12)], [
        rate_words.table(
            of.into,
            [_("Monthly recurring revenue"), _("By the year")],
            [(month, [(sum_, 12), (sum_, 1)]) for month, sum_ in sums.items()],
            _("A change from month to month may be one of the rate."),
        )
    ]


def ends_of(asked: Asked) -> list[Ended]:
    """Read the ends of all months; the running month ends now."""
    spans = asked.spans()
    moments = [until for _month, _since, until in spans]
    sums, people = recurring.at(moments), givers.counts(moments)
    running = bool(moments) and moments[-1] == asked.now
    doubtful = _doubtful(asked.now) if running else {}
    currencies = sorted({currency for _at, currency in sums if asked.currency in (None, currency)})
    return [
        Ended(
            month,
            currency,
            sums.get((until, currency), 0),
            people.get((until, currency), 0),
            doubtful.get(currency, Doubtful()) if until == asked.now else None,
        )
        for month, _since, until in spans
        for currency in currencies
    ]


def _doubtful(now: datetime) -> dict[str, Doubtful]:
    counted = counted_minor(now)
    rows = db.session.execute(
        select(
            Pledge.currency,
            func.coalesce(func.sum(counted).filter(IN_GRACE), 0),
            func.coalesce(func.sum(counted).filter(IS_ENDING), 0),
        )
        .where(or_(IN_GRACE, IS_ENDING), counted > 0)
        .group_by(Pledge.currency)
    )
    return {currency: Doubtful(int(grace), int(ending)) for currency, grace, ending in rows}


def _figures(last: Sequence[Ended], before: Sequence[Ended]) -> list[Figure]:
    now = [one for one in last if one.doubtful is not None]
    figures = [
        Figure(
            _("Monthly recurring revenue"),
            [one.money(one.yearly_minor) for one in last],
            _("What all who give promise by the month, at the end of the period."),
            [one.money(one.yearly_minor) for one in before],
        )
    ]
    if now:
        figures.append(
            Figure(
                _("Committed"),
                [_committed(one) for one in now],
                _("The same without what is about to end by the patron's wish."),
            )
        )
    figures += [
        Figure(
            _("By the year"),
            [Money(one.yearly_minor, one.currency) for one in last],
            before=[Money(one.yearly_minor, one.currency) for one in before],
        ),
        *(
            Figure(
                giver_words.in_currency(_("Patrons who give"), one.currency),
                [Behind(one.people, _key(one, GIVERS))],
                _("Who is paused gives nothing and is not counted."),
                [each.people for each in before if each.currency == one.currency],
            )
            for one in last
        ),
    ]
    return figures


def _committed(one: Ended) -> Value:
    if one.doubtful is None:
        return None
    return one.money(one.yearly_minor - one.doubtful.ending_minor)


def _table(ends: Sequence[Ended]) -> Table:
    rows: list[list[Value]] = []
    for one in ends:
        grace: Value = None
        ending: Value = None
        if one.doubtful is not None:
            grace = Behind(one.money(one.doubtful.grace_minor), _key(one, GRACE))
            ending = Behind(one.money(one.doubtful.ending_minor), _key(one, ENDING))
        rows.append(
            [
                format_month(one.month),
                one.currency,
                one.money(one.yearly_minor),
                grace,
                ending,
                _committed(one),
                Money(one.yearly_minor, one.currency),
                Behind(one.people, _key(one, GIVERS)),
            ]
        )
    return Table(
        _("What recurs at the end of each month; the running month as it is now"),
        [
            _("Month"),
            _("Currency"),
            _("Monthly recurring revenue"),
            _("of it: payment failed"),
            _("of it: about to end"),
            _("Committed"),
            _("By the year"),
            _("Patrons who give"),
        ],
        rows,
        _("What was at risk or about to end on an earlier day is not kept, so it is told of now."),
    )


def _key(one: Ended, part: str) -> str:
    return f"{one.month}:{one.currency}:{part}"


def _chart(asked: Asked, ends: Sequence[Ended], last: Sequence[Ended]) -> Chart | None:
    """The currency that was asked for, or the one in which most people give."""
    if not last:
        return None
    currency = asked.currency or max(last, key=lambda one: one.people).currency
    return Chart(
        _("Monthly recurring revenue at the end of each month, %(currency)s", currency=currency),
        [
            (
                report_words.short_month(one.month),
                format_month(one.month),
                monthly(one.yearly_minor),
            )
            for one in ends
            if one.currency == currency
        ],
        currency,
    )


def listed(asked: Asked, key: str) -> Listing:
    """List who gives, or the pledges in doubt. Raises `KeyError` for a key no cell has."""
    try:
        name, currency, part = key.split(":")
    except ValueError:
        raise KeyError(key) from None
    times = {str(month): (month, until) for month, _since, until in asked.spans()}
    month, until = times[name]
    if part == GIVERS:
        giving = givers.at(until, asked)
        return giver_words.people(
            _("Patrons who give, %(month)s", month=format_month(month)),
            givers.listed(giving, giving.c.currency == currency),
        )
    if part not in (GRACE, ENDING) or until != asked.now:
        raise KeyError(key)
    return _in_doubt(asked.now, currency, part)


def _in_doubt(now: datetime, currency: str, part: str) -> Listing:
    counted = counted_minor(now)
    query = (
        select(Pledge, Account.name, counted.label("yearly_minor"))
        .join(Account, Account.id == Pledge.account_id)
        .where(counted > 0, Pledge.currency == currency, IN_GRACE if part == GRACE else IS_ENDING)
        .order_by(counted.desc(), Pledge.id)
    )

    def written(row: Row[Any]) -> list[Value]:
        pledge: Pledge = row.Pledge
        return [
            Person(pledge.account_id, row.name),
            words.pledge(pledge.amount, Interval(pledge.interval)),
            Money(int(row.yearly_minor), currency),
            pledge.past_due_since if part == GRACE else pledge.ends_at,
        ]

    return Listing(
        _("Payment failed") if part == GRACE else _("About to end"),
        [_("Name"), _("Pledge"), _("By the year"), _("Since or until")],
        Found(query, written),
    )


REPORT = Report(
    name="recurring",
    group=Group.RECURRING,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Monthly recurring revenue"),
    definition=lambda: _(
        "What everybody who gives promises, by the month: a monthly pledge as it is, a yearly one "
        "by a twelfth; with failed payments that are still being tried, without paused pledges."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "It is what is promised and not money received, and gifts given once are never in it."
    ),
)
