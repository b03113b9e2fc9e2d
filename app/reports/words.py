"""The figures of the Monday page in words: each says what it is, of when, and where its list is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import format_decimal, format_percent, ngettext
from flask_babel import gettext as _

from app.giving.rules import EndReason, Interval
from app.localisation import format_money
from app.money import Money
from app.reports.checks import Checks
from app.reports.movements import Movements
from app.reports.queries import Received, Standing
from app.reports.spans import PAUSED
from app.reports.supporters import Filter, Sort, State
from app.voting.models import Round
from app.voting.turnouts import Turnout


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure card. `href` is null where the reader may not see the list behind it."""

    label: str
    value: Sequence[str]
    sentence: str = ""
    change: str = ""
    href: str | None = None


def number(value: int) -> str:
    """Write a whole number as the language does."""
    return str(format_decimal(value))


def pledge(amount: Money, interval: Interval) -> str:
    """Write what is given each month or year."""
    written = format_money(amount)
    if interval is Interval.YEAR:
        return str(_("%(amount)s a year", amount=written))
    return str(_("%(amount)s a month", amount=written))


def cause(why: str | None) -> str:
    """Why somebody left, in words."""
    return {
        EndReason.LEFT.value: _("by their own wish"),
        EndReason.UNPAID.value: _("the payment failed"),
        EndReason.DISPUTED.value: _("the payment was disputed"),
        PAUSED: _("paused"),
    }.get(why or "", _("for an unknown reason"))


def period(interval: Interval | None) -> str | None:
    """How often a pledge is given; none for gifts given once."""
    if interval is None:
        return None
    return str(_("month") if interval is Interval.MONTH else _("year"))


def state(of: State) -> str:
    """Where a supporter stands, in a word or two."""
    return str(
        {
            State.PATRON: _("Patron"),
            State.AT_RISK: _("Payment failed"),
            State.LEAVING: _("Leaving"),
            State.PAUSED: _("Paused"),
            State.LEFT: _("Left"),
            State.LAPSED: _("Lapsed"),
            State.ONCE: _("Gave once"),
        }[of]
    )


#: The kind of tag that tells a state at a glance.
KINDS = {
    State.PATRON: "good",
    State.AT_RISK: "bad",
    State.LEAVING: "warn",
    State.PAUSED: "plain",
    State.LEFT: "plain",
    State.LAPSED: "plain",
    State.ONCE: "plain",
}


def filters() -> list[tuple[Filter, str]]:
    """The lists of supporters that can be asked for."""
    return [
        (Filter.ALL, _("Everyone")),
        (Filter.PATRONS, _("Patrons")),
        (Filter.AT_RISK, _("Payment failed")),
        (Filter.LEAVING, _("Leaving")),
        (Filter.LEFT, _("Left or lapsed")),
        (Filter.ONCE, _("Gave once only")),
        (Filter.TWICE, _("More than one pledge")),
    ]


def sorts() -> list[tuple[Sort, str]]:
    """The orders supporters can be listed in."""
    return [
        (Sort.NEWEST, _("Newest first")),
        (Sort.NAME, _("By name")),
        (Sort.LAST_GIFT, _("Latest gift first")),
    ]


def patrons(standing: Standing, moved: Movements, href: str | None) -> Figure:
    """How many patrons there are, and how the number came about this month."""
    return Figure(
        _("Patrons in standing today"),
        [number(standing.patrons)],
        _("People whose pledge is paid up, or whose failed payment is still being tried again."),
        _(
            "%(joined)s joined and %(left)s left this month",
            joined=number(moved.joined),
            left=number(moved.left),
        ),
        href,
    )


def recurring(standing: Standing, together: str = "") -> Figure:
    """Monthly recurring revenue by currency, how much is committed, and `together` in one."""
    committed = ", ".join(format_money(each.committed) for each in standing.recurring)
    return Figure(
        _("Recurring each month"),
        [format_money(each.monthly) for each in standing.recurring] or ["–"],
        _(
            "Pledges of all patrons, a yearly one as its twelfth. "
            "Without those that are about to end: %(committed)s.",
            committed=committed,
        )
        if committed
        else _("Counted once the first pledge has begun."),
        together,
    )


def gifts(received: Sequence[Received], month: date, href: str | None) -> Figure:
    """What came this month by currency, before refunds; after fees where they are known."""
    rows = [row for row in received if row.month == month]
    count, once = sum(row.gifts for row in rows), sum(row.once for row in rows)
    return Figure(
        _("Received this month, before refunds"),
        [format_money(each) for each in gross(rows)] or ["–"],
        _net(rows),
        ngettext(
            "%(num)s gift, %(once)s of them given once",
            "%(num)s gifts, %(once)s of them given once",
            count,
            once=number(once),
        ),
        href,
    )


def gross(rows: Sequence[Received]) -> list[Money]:
    """What was received in each currency, in alphabetical order of their codes."""
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.currency] = sums.get(row.currency, 0) + row.gross_minor
    return [Money(minor, code) for code, minor in sorted(sums.items())]


def _net(rows: Sequence[Received]) -> str:
    sums: dict[str, int] = {}
    for row in rows:
        if row.settled_in:
            sums[row.settled_in] = sums.get(row.settled_in, 0) + row.net_minor
    known = ", ".join(format_money(Money(minor, code)) for code, minor in sorted(sums.items()))
    unknown = sum(row.gifts for row in rows if row.settled_in is None)
    parts = []
    if known:
        parts.append(_("After Stripe's fees: %(net)s.", net=known))
    if unknown:
        parts.append(
            ngettext(
                "The fee of %(num)s gift is not known yet.",
                "The fees of %(num)s gifts are not known yet.",
                unknown,
            )
        )
    return " ".join(parts)


def movements(moved: Movements, href: str | None) -> Figure:
    """Who joined and who left this month; leaving told apart from failed payments."""
    told = moved.left_by_will + moved.left_for_payment + moved.left_for_dispute
    others = moved.left - told
    parts = [
        _("%(count)s left by their own wish", count=number(moved.left_by_will)),
        _("%(count)s because the payment failed", count=number(moved.left_for_payment)),
    ]
    if moved.left_for_dispute:
        parts.append(
            _("%(count)s because a payment was disputed", count=number(moved.left_for_dispute))
        )
    if others:
        parts.append(_("%(count)s for other reasons", count=number(others)))
    if moved.returned:
        parts.append(
            ngettext(
                "%(num)s who joined had been a patron before",
                "%(num)s who joined had been patrons before",
                moved.returned,
            )
        )
    return Figure(
        _("Joined and left this month"),
        [f"+{number(moved.joined)} −{number(moved.left)}"],
        "; ".join(parts) + ".",
        "",
        href,
    )


def turnout(round_: Round | None, voted: Turnout | None) -> Figure:
    """How many of those who may vote have voted in the open round."""
    if round_ is None or voted is None:
        return Figure(
            _("Turnout"),
            ["–"],
            _("No round is open now."),
            "",
            url_for("voting.index"),
        )
    return Figure(
        _("Turnout of the open round"),
        [format_percent(voted.share)],
        round_.title,
        _(
            "%(voted)s of %(eligible)s who may vote",
            voted=number(voted.voted),
            eligible=number(voted.eligible),
        ),
        url_for("voting.index"),
    )


def attention(found: Checks) -> list[str]:
    """What needs a person, a line for each kind; none where nothing does."""
    counted = (
        (found.receipts_late, _("Receipts owed for more than an hour")),
        (found.letters_given_up, _("Letters no mail server takes")),
        (found.events_given_up, _("Payment events that could not be entered")),
        (found.fees_given_up, _("Gifts whose fee could not be found")),
        (found.acts_given_up, _("Refunds and ends of pledges that Stripe never took")),
        (found.differences, _("Differences between Stripe and here")),
        (found.movements, _("Pledges that the movements do not add up to")),
        (found.payouts, _("Payouts that are not what their entries come to")),
        (found.pledged_twice, _("Patrons with more than one pledge")),
        (found.reprints_late, _("Requests to reprint without an answer for too long")),
    )
    return [f"{number(count)} – {what}" for count, what in counted if count]


def checks(found: Checks) -> tuple[Figure, list[str]]:
    """What needs a person, as a figure and in lines; the figure is 0 when nothing does."""
    lines = attention(found)
    sentence = (
        _("Receipts, letters, payment events and double pledges, as they stand now.")
        if lines
        else _("Receipts are sent, payments are entered, nobody pays twice.")
    )
    href = url_for("reports.supporters", filter=Filter.TWICE) if found.pledged_twice else None
    return Figure(_("Needs attention now"), [number(found.wrong)], sentence, "", href), lines
