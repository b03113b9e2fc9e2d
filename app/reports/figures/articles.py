"""Which articles bring patrons, what these give by the year, and how many of them stay."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from app.accounts.models import Role
from app.giving.arrivals.touches import Turn
from app.reports import article_names, origin_lists, origin_tables, origins
from app.reports.origin_tables import TURNS
from app.reports.origins import Brought
from app.reports.rollups.origin_rows import Origin, Word
from app.reports.shape import Answer, Asked, Chart, Group, Listing, Report

BY = Origin(Word.ARTICLE, Turn.LAST)
#: The chart has so many articles.
MOST = 20


def build(asked: Asked) -> Answer:
    """Tell of each article and currency what it brought; the sums are those of the movements."""
    brought = origins.brought_by(asked, [Origin(Word.ARTICLE, turn) for turn in TURNS])
    found = {by.turn: of for by, of in brought.items()}
    main = asked.currency or origin_tables.main_currency(found[Turn.LAST])
    found = {turn: origin_tables.ranked(of, main) for turn, of in found.items()}
    earlier = origins.in_all(asked.before(), BY)
    last = found[Turn.LAST]
    names = article_names.named(one.origin for of in found.values() for one in of)
    return Answer(
        origin_tables.figures(_("New patrons with a known article"), BY, last, earlier),
        _chart(last, main, names),
        [
            origin_tables.full(_("What each article brought"), _("Article"), BY, last, names),
            origin_tables.beside(
                _("The last article before the gift beside the first"),
                _("Article"),
                Word.ARTICLE,
                found,
                names=names,
            ),
        ],
    )


def _chart(brought: Sequence[Brought], main: str | None, names: Mapping[str, str]) -> Chart | None:
    bars = [one for one in brought if one.currency == main][:MOST]
    if not bars or main is None:
        return None
    return Chart(
        _(
            "What articles brought by the year, in the order of the table, %(currency)s",
            currency=main,
        ),
        [(str(place), names[one.origin], sum(one.yearly)) for place, one in enumerate(bars, 1)],
        main,
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the movements of a cell. Raises `KeyError` for a key no cell has."""
    return origin_lists.listed(asked, key, words=(Word.ARTICLE,))


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
        "An article is counted when its link led to the giving page. The first is the first since "
        "the browser was opened: what somebody read on other days is not known, and of many the "
        "article is not known at all."
    ),
)
