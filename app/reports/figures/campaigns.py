"""Which campaigns and senders bring patrons and gifts, by the last touch and by the first."""

from collections.abc import Sequence

from flask_babel import gettext as _

from app.accounts.models import Role
from app.giving.arrivals.touches import Turn
from app.money import Money
from app.reports import beginnings, origin_lists, origin_tables, origins
from app.reports.beginnings import opened
from app.reports.origin_lists import ONCE
from app.reports.origin_tables import TURNS
from app.reports.origins import Brought, Once
from app.reports.rollups.origin_rows import Origin, Word
from app.reports.shape import (
    Answer,
    Asked,
    Behind,
    Chart,
    Figure,
    Group,
    Listing,
    Report,
    Value,
)

BY = Origin(Word.CAMPAIGN, Turn.LAST)
SENDER = Origin(Word.SOURCE, Turn.LAST)
#: The chart has so many campaigns.
MOST = 20


def build(asked: Asked) -> Answer:
    """Tell of each campaign what it brought, in sums that are those of the movements."""
    touches = [Origin(Word.CAMPAIGN, turn) for turn in TURNS]
    brought = origins.brought_by(asked, [*touches, SENDER])
    senders = brought.pop(SENDER)
    found = {by.turn: of for by, of in brought.items()}
    once = {by.turn: of for by, of in origins.given_once_by(asked, touches).items()}
    main = asked.currency or origin_tables.main_currency(found[Turn.LAST])
    found = {turn: origin_tables.ranked(of, main) for turn, of in found.items()}
    earlier = origins.in_all(asked.before(), BY)
    last = found[Turn.LAST]
    head = _("Campaign")
    first = Origin(Word.CAMPAIGN, Turn.FIRST)
    return Answer(
        [
            *origin_tables.figures(_("New patrons with a known campaign"), BY, last, earlier),
            *_once(once[Turn.LAST], origins.given_once(asked.before(), BY)),
        ],
        _chart(last, main),
        [
            origin_tables.full(_("All that came, by the last touch"), head, BY, last),
            origin_tables.beside(
                _("The last touch before the gift beside the first"),
                head,
                Word.CAMPAIGN,
                found,
                once,
            ),
            origin_tables.full(
                _("All that came, by the first touch"), head, first, found[Turn.FIRST]
            ),
            origin_tables.full(
                _("Who sent them, by the last touch"),
                _("Sender"),
                SENDER,
                origin_tables.ranked(senders, main),
            ),
        ],
    )


def _once(given: Sequence[Once], earlier: Sequence[Once]) -> list[Figure]:
    def sums(of: Sequence[Once]) -> list[Money]:
        return [
            Money(sum(one.minor for one in of if one.currency == code), code)
            for code in sorted({one.currency for one in of})
        ]

    values: list[Value] = [
        Behind(money, origin_lists.key(BY, ONCE, money.currency)) for money in sums(given)
    ]
    count = sum(one.count for one in given)
    return [
        Figure(
            _("Gifts given once"),
            [opened(count, origin_lists.key(BY, ONCE))],
            _("On the giving page; not what came by bank or in cash."),
            [sum(one.count for one in earlier)],
        ),
        Figure(_("Sum of gifts given once"), values, _("As they were paid."), list(sums(earlier))),
    ]


def _chart(brought: Sequence[Brought], main: str | None) -> Chart | None:
    bars = [one for one in brought if one.currency == main][:MOST]
    if not bars or main is None:
        return None
    return Chart(
        _(
            "What campaigns brought by the year, by the last touch, in the order of the table, "
            "%(currency)s",
            currency=main,
        ),
        [
            (str(place), beginnings.origin(one.origin), sum(one.yearly))
            for place, one in enumerate(bars, 1)
        ],
        main,
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the movements or gifts of a cell. Raises `KeyError` for a key no cell has."""
    return origin_lists.listed(asked, key, words=(Word.CAMPAIGN, Word.SOURCE))


REPORT = Report(
    name="campaigns",
    group=Group.PEOPLE,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Campaigns and senders"),
    definition=lambda: _(
        "What came by each campaign: new patrons, returned ones and further pledges with what they "
        "give by the year, how many of these pledges still stood 3, 6 and 12 months later, and "
        "gifts given once."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "A campaign and a sender are known when the link names them, and a sender also by the site "
        "that led here. The first touch is the first since the browser was opened: what led "
        "somebody here on other days, or on another device, is not known."
    ),
)
