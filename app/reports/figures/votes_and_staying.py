"""Votes and staying: of those on a roll, how many who voted and who did not are still patrons."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Row

from app.accounts.models import Role
from app.reports import stayers
from app.reports.listing import Found
from app.reports.rollups import round_rows
from app.reports.rollups.round_rows import GONE
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
from app.reports.stayers import Part

#: In keys: everyone but who had left before the close; voted or not; who stayed of them.
ALL, VOTED, NOT, STAYED = "all", "voted", "not", "stayed"


def build(asked: Asked) -> Answer:
    """Compare who voted with who did not, in all and in groups that are alike."""
    ripe, unripe = stayers.ripe(asked)
    if not ripe:
        return Answer(refused=_("No counted round of this time closed 90 days ago or longer."))
    found, earlier = stayers.parts(asked), stayers.parts(asked.before())
    return Answer(
        [
            Figure(
                _word(voted),
                [_share(found, voted)],
                _("Still patrons 90 days after the close."),
                [_share(earlier, voted)],
            )
            for voted in (True, False)
        ],
        Chart(
            _("Still patrons 90 days later, of each 100"),
            [
                (_word(voted), _word(voted), round(100 * share.part / share.whole))
                for voted in (True, False)
                if (share := _share(found, voted)).whole
            ],
        ),
        [_both(found, unripe), _alike(found)],
    )


def _word(voted: bool) -> str:
    return str(_("Voted") if voted else _("Did not vote"))


def _share(found: Sequence[Part], voted: bool) -> Share:
    those = [one for one in found if one.voted is voted and one.plan != GONE]
    return Share(sum(one.stayed for one in those), sum(one.people for one in those))


def _cells(key: str, of: Share) -> list[Value]:
    return [Behind(of.whole, key), Behind(of.part, f"{key}:{STAYED}"), of]


def _both(found: Sequence[Part], unripe: int) -> Table:
    shares = [_share(found, voted) for voted in (True, False)]
    return Table(
        _("All who were patrons at the close of a round, once for each round"),
        [_("Voted or not"), _("On the roll"), _("Still there after 90 days"), _("Share")],
        [
            [_word(voted), *_cells(f"{ALL}:{ALL}:{VOTED if voted else NOT}", share)]
            for voted, share in zip((True, False), shares, strict=True)
        ],
        ngettext(
            "%(num)s round that closed less than 90 days ago is left out.",
            "%(num)s rounds that closed less than 90 days ago are left out.",
            unripe,
        )
        if unripe
        else "",
        frozenset(i for i, share in enumerate(shares) if share.small),
    )


def _alike(found: Sequence[Part]) -> Table:
    return Table(
        _("The same among those who give alike and have given for as long"),
        [
            _("Pledge"),
            _("Patron for"),
            _("Voted or not"),
            _("On the roll"),
            _("Still there after 90 days"),
            _("Share"),
        ],
        [
            [
                _plan(one.plan),
                _tenure(one.tenure),
                _word(one.voted),
                *_cells(
                    f"{one.plan}:{one.tenure}:{VOTED if one.voted else NOT}",
                    Share(one.stayed, one.people),
                ),
            ]
            for one in found
        ],
        _(
            "Groups of fewer than 20 are grey: each person moves them by more than five percent. "
            "Who left before the close is in no share above."
        ),
        frozenset(i for i, one in enumerate(found) if Share(one.stayed, one.people).small),
    )


def _plan(of: str) -> str:
    return {
        round_rows.MONTH: _("monthly"),
        round_rows.YEAR: _("yearly"),
        round_rows.UNKNOWN: _("not known"),
        round_rows.GONE: _("left before the close"),
    }[of]


def _tenure(of: str) -> str:
    return {
        round_rows.NEW: _("less than 90 days"),
        round_rows.FIRST_YEAR: _("90 days to a year"),
        round_rows.LONGER: _("more than a year"),
        round_rows.NEVER: _("not known"),
    }[of]


def listed(asked: Asked, key: str) -> Listing:
    """List the people on rolls behind a cell. Raises `KeyError` for a key no cell has."""
    words = key.removesuffix(f":{STAYED}").split(":")
    if len(words) != 3 or words[2] not in (VOTED, NOT):
        raise KeyError(key)
    plan, tenure, voted = words[0], words[1], words[2] == VOTED
    everyone = plan == tenure == ALL
    if not everyone and (plan not in round_rows.PLANS or tenure not in round_rows.TENURES):
        raise KeyError(key)
    query = stayers.people(
        asked,
        None if everyone else plan,
        None if everyone else tenure,
        voted,
        stayed=key.endswith(f":{STAYED}"),
    )
    return Listing(
        _word(voted) if everyone else f"{_plan(plan)}, {_tenure(tenure)}, {_word(voted)}",
        [_("Name"), _("Round"), _("Closed"), _("Still there after 90 days")],
        Found(query, _written),
    )


def _written(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.title,
        row.closes_at,
        _("yes") if row.stays else _("no"),
    ]


REPORT = Report(
    name="votes-and-staying",
    group=Group.VOTES,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Votes and staying"),
    definition=lambda: _(
        "Of the patrons who could vote in rounds that closed 90 days ago or longer, how many were "
        "still patrons 90 days after the close: who voted and who did not."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "This shows no cause. Who votes may simply be who cares more, and would have stayed "
        "without any vote; compare only those who give alike and have given for as long."
    ),
    by_currency=False,
)
