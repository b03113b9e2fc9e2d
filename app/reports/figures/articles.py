"""Which articles bring patrons, what these give by the year, and how many of them stay."""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select

from app.accounts.models import Account, Role
from app.extensions import db
from app.money import Money
from app.reports import beginnings, origins
from app.reports.beginnings import opened
from app.reports.origins import Brought
from app.reports.rollups.origin_rows import CAME, KEPT, MORE, NEW, RETURNED
from app.reports.shape import (
    Answer,
    Asked,
    Behind,
    Chart,
    Figure,
    Group,
    Person,
    Report,
    Share,
    Table,
    Value,
)

#: The chart has so many articles.
MOST = 20


def build(asked: Asked) -> Answer:
    """Tell of each article and currency what it brought; the sums are those of the movements."""
    brought, earlier = origins.by_article(asked), origins.by_article(asked.before())
    main = asked.currency or _main(brought)
    brought.sort(key=lambda one: (one.currency != main, one.currency, *_rank(one)))
    return Answer(
        [
            Figure(
                _("New patrons with a known article"),
                [opened(_known(brought), "known:*:")],
                _("Of all who became patrons for the first time."),
                [_known(earlier)],
            ),
            *(_sums(place, brought, earlier) for place in range(len(CAME))),
        ],
        _chart(brought, main),
        [_table(brought)],
    )


def _rank(one: Brought) -> tuple[bool, int, str]:
    """Where an article stands: the one that brought the most money first, the unknown one last."""
    return not one.article, -sum(one.yearly), one.article


def _main(brought: Sequence[Brought]) -> str | None:
    """The currency in which the most came."""
    counts: dict[str, int] = {}
    for one in brought:
        counts[one.currency] = counts.get(one.currency, 0) + sum(one.counts)
    return max(sorted(counts), key=lambda code: counts[code], default=None)


def _known(brought: Sequence[Brought]) -> Share:
    return Share(
        sum(one.counts[0] for one in brought if one.article), sum(one.counts[0] for one in brought)
    )


def _sums(place: int, brought: Sequence[Brought], earlier: Sequence[Brought]) -> Figure:
    def values(of: Sequence[Brought], *, opens: bool) -> list[Value]:
        currencies = sorted({one.currency for one in of})
        found: list[Value] = []
        for code in currencies:
            money = Money(sum(one.yearly[place] for one in of if one.currency == code), code)
            found.append(opened_money(money, f"{CAME[place]}:{code}:*") if opens else money)
        return found

    return Figure(
        _came(CAME[place]),
        values(brought, opens=True),
        _("By the year; the same as in the movements."),
        values(earlier, opens=False),
    )


def opened_money(money: Money, key: str) -> Value:
    """A sum that opens its list; nothing has none."""
    return Behind(money, key) if money.minor else money


def _came(came: str) -> str:
    return {
        NEW: _("New patrons"),
        RETURNED: _("Returned patrons"),
        MORE: _("Another pledge of a patron"),
    }[came]


def _table(brought: Sequence[Brought]) -> Table:
    rows, shares = [], []
    for one in brought:
        key = f"{one.currency}:{one.article}"
        sums = [Money(minor, one.currency) for minor in one.yearly]
        kept = [Share(part, whole) for part, whole in zip(one.kept, one.over, strict=True)]
        pairs: list[Value] = []
        for came, count, money in zip(CAME, one.counts, sums, strict=True):
            pairs += [opened(count, f"{came}:{key}"), opened_money(money, f"{came}:{key}")]
        rows.append(
            [
                beginnings.article(one.article),
                one.currency,
                *pairs,
                opened_money(Money(sum(one.yearly), one.currency), f"all:{key}"),
                *(
                    opened(share, f"kept{count}:{key}")
                    for count, share in zip(KEPT, kept, strict=True)
                ),
            ]
        )
        shares.append(kept[0])
    return Table(
        _("What each article brought"),
        [
            _("Article"),
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
        rows,
        _("Kept: of the pledges that began so many months ago or more.")
        + " "
        + beginnings.too_few(),
        beginnings.muted(shares),
    )


def _chart(brought: Sequence[Brought], main: str | None) -> Chart | None:
    bars = [one for one in brought if one.currency == main][:MOST]
    if not bars or main is None:
        return None
    return Chart(
        _(
            "What articles brought by the year, in the order of the table, %(currency)s",
            currency=main,
        ),
        [
            (str(place), beginnings.article(one.article), sum(one.yearly))
            for place, one in enumerate(bars, 1)
        ],
        main,
    )


def listed(asked: Asked, key: str) -> Table:
    """List the movements of a cell. Raises `KeyError` for a key no cell has."""
    try:
        kind, currency, article = key.split(":", 2)
    except ValueError:
        raise KeyError(key) from None
    one = origins.moved(asked)
    kinds: dict[str, tuple[ColumnElement[bool], ...]] = {
        came: (one.c.came == came,) for came in CAME
    }
    kinds |= {f"kept{count}": (one.c[f"kept_{count}"],) for count in KEPT}
    kinds |= {"all": (), "known": (one.c.came == NEW, one.c.article != "")}
    where = [*kinds[kind]]
    if kind != "known":
        where.append(one.c.currency == currency)
        if article != "*":
            where.append(one.c.article == article)
    rows = db.session.execute(
        select(one, Account.name)
        .join(Account, Account.id == one.c.account_id)
        .where(*where)
        .order_by(one.c.at.desc(), one.c.id.desc())
    ).all()
    if not rows:
        raise KeyError(key)
    return Table(
        _("What articles brought"),
        [_("Name"), _("Day"), _("Article"), _("What"), _("By the year"), _("Until")],
        [
            [
                Person(row.account_id, row.name),
                row.at,
                beginnings.article(row.article),
                _came(row.came),
                Money(row.yearly_minor, row.currency),
                row.out_at,
            ]
            for row in rows
        ],
    )


REPORT = Report(
    name="articles",
    group=Group.PEOPLE,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Articles that bring patrons"),
    definition=lambda: _(
        "What came from each article: new patrons, returned ones and further pledges, what they "
        "give by the year, and how many of these pledges still stood 3, 6 and 12 months later."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "An article is counted when its link led to the giving page; what somebody read before is "
        "not known, and of many the article is not known at all."
    ),
)
