"""What each campaign raised in the days that were stated for it, and whether it paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row

from app.accounts.models import Role
from app.giving.models import Campaign
from app.localisation import format_day
from app.money import Money
from app.reports import campaign_gifts, origin_lists
from app.reports.beginnings import opened
from app.reports.campaign_gifts import Result
from app.reports.listing import Found
from app.reports.periods import currency_of, parts_of
from app.reports.rollups.origin_rows import CAME
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
    Share,
    Table,
    Value,
)

RAISED, NET = "raised", "net"
#: The chart has so many campaigns.
MOST = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One campaign in one currency; goal and cost are in the campaign's own."""

    campaign: Campaign
    currency: str
    result: Result

    @property
    def own(self) -> bool:
        """Whether it is the currency of goal and cost."""
        return self.currency == self.campaign.currency


def build(asked: Asked) -> Answer:
    """Tell of each campaign with a day in the period what it raised, and what it cost."""
    campaigns = campaign_gifts.stated(asked)
    lines = _lines(asked, campaigns, campaign_gifts.results(asked))
    return Answer(
        [
            Figure(_("Campaigns"), [len(campaigns)], _("With a day in this period.")),
            Figure(_("Raised"), _sums(lines), _("In their own days, before fees and refunds.")),
        ],
        _chart(lines, asked),
        [_raised(lines), _table(lines, asked)],
    )


def _lines(
    asked: Asked, campaigns: Sequence[Campaign], results: dict[tuple[int, str], Result]
) -> list[Line]:
    """A line for each campaign in its currency, and in others in which something came."""
    lines: list[Line] = []
    for one in campaigns:
        others = {currency for campaign_id, currency in results if campaign_id == one.id}
        lines.extend(
            Line(one, currency, results.get((one.id, currency), Result()))
            for currency in (one.currency, *sorted(others - {one.currency}))
            if asked.currency in (None, currency)
        )
    return lines


def _sums(lines: Sequence[Line]) -> list[Value]:
    return [
        Money(sum(line.result.raised for line in lines if line.currency == code), code)
        for code in sorted({line.currency for line in lines})
    ]


def _raised(lines: Sequence[Line]) -> Table:
    return Table(
        _("What each campaign raised, the newest first"),
        [_("Campaign"), _("Currency"), _("Raised"), _("Of the goal")],
        [
            [
                line.campaign.name,
                line.currency,
                _money(line, RAISED, line.result.raised),
                _of_goal(line),
            ]
            for line in lines
        ],
    )


def _of_goal(line: Line) -> Share | None:
    goal = line.campaign.goal_minor if line.own else None
    return Share(line.result.raised, goal, line.currency) if goal else None


def _table(lines: Sequence[Line], asked: Asked) -> Table:
    today = asked.now.astimezone(asked.zone).date()
    running = frozenset(
        place for place, line in enumerate(lines) if not _over(line.campaign, today)
    )
    return Table(
        _("What each campaign brought, the newest first"),
        [
            _("Campaign"),
            _("First day"),
            _("Last day"),
            _("Currency"),
            _("Raised"),
            _("Of the goal"),
            *(origin_lists.came(came) for came in CAME),
            _("Cost"),
            _("Left after a year"),
            _("Return on the cost"),
            _("Stated"),
        ],
        [_row(line) for line in lines],
        _("Grey rows: the year after the last day is not over, so the return is not known yet."),
        running,
    )


def _over(campaign: Campaign, today: date) -> bool:
    """Whether the twelve months after a campaign's last day are over."""
    end = campaign.ends_on
    return (end.year + 1, end.month, end.day) < (today.year, today.month, today.day)


def _row(line: Line) -> list[Value]:
    one, result = line.campaign, line.result
    cost = one.cost_minor if line.own else None
    return [
        one.name,
        one.starts_on,
        one.ends_on,
        line.currency,
        _money(line, RAISED, result.raised),
        _of_goal(line),
        *(opened(count, _key(line, came)) for came, count in zip(CAME, result.came, strict=True)),
        one.cost if line.own else None,
        _money(line, NET, result.net),
        Share(result.net - cost, cost, line.currency) if cost else None,
        one.stated_at,
    ]


def _key(line: Line, what: str) -> str:
    return f"{what}:{line.campaign.id}:{line.currency}"


def _money(line: Line, what: str, minor: int) -> Value:
    money = Money(minor, line.currency)
    return Behind(money, _key(line, what)) if minor else money


def _chart(lines: Sequence[Line], asked: Asked) -> Chart | None:
    """What campaigns raised in the currency asked for, or that of the newest."""
    currency = asked.currency or next((line.currency for line in lines), None)
    bars = [line for line in lines if line.currency == currency][:MOST]
    if currency is None or not any(line.result.raised for line in bars):
        return None
    return Chart(
        _(
            "What campaigns raised in their own days, the newest first, %(currency)s",
            currency=currency,
        ),
        [
            (
                str(place),
                f"{line.campaign.name}, {format_day(line.campaign.starts_on)}",
                line.result.raised,
            )
            for place, line in enumerate(bars, 1)
        ],
        currency,
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the gifts or movements of a cell. Raises `KeyError` for a key no cell has."""
    what, number, code = parts_of(key, 3)
    currency = currency_of(code)
    if currency is None or not number.isdecimal() or len(number) > 18:
        raise KeyError(key)
    if what in CAME:
        one = campaign_gifts.movements(asked)
        query = campaign_gifts.of_one(one, int(number), currency).where(one.c.came == what)
        head = [_("Name"), _("Day"), _("What"), _("By the year")]
        return Listing(_("What was brought"), head, Found(query, _movement))
    if what not in (RAISED, NET):
        raise KeyError(key)
    gift = campaign_gifts.gifts(asked)
    query = campaign_gifts.of_one(gift, int(number), currency)
    if what == RAISED:
        query = query.where(gift.c.within)
    head = [_("Name"), _("Day"), _("Amount"), _("Left of it")]
    return Listing(_("Gifts of the campaign"), head, Found(query, _gift))


def _gift(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.received_at,
        Money(row.amount_minor, row.currency),
        Money(int(row.net_minor), row.currency),
    ]


def _movement(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.at,
        origin_lists.came(row.came),
        Money(row.yearly_minor, row.currency),
    ]


REPORT = Report(
    name="campaign-results",
    group=Group.PEOPLE,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Results of campaigns"),
    definition=lambda: _(
        "What each campaign raised in the days that were stated for it, by gifts that its links "
        "led to; how much of its goal, how many patrons, and what was left a year later for what "
        "it cost."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "Only gifts are told whose last link before the gift bore the campaign's name. What people "
        "gave because of a campaign without its link is not known, and some would have given "
        "anyway. A campaign stated after it began had its days chosen with the result in sight."
    ),
)
