"""Taking part: turnout round by round, who votes again, what patrons suggest, what was kept."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy import Row, func, select

from app.accounts.models import Role
from app.extensions import db
from app.reports import promised, report_words, stays, votes
from app.reports.listing import AtHand, Found
from app.reports.promised import DUE, Promised
from app.reports.shape import (
    Answer,
    Asked,
    Behind,
    Chart,
    Figure,
    Group,
    Listing,
    Plain,
    Report,
    Share,
    Table,
    Value,
)
from app.reports.votes import Held
from app.topics import words as topic_words
from app.topics.models import Proposal
from app.voting.roll import Reason

#: Keys of the lists.
ROLL, SUGGESTED, DUE_KEY, TOLD, AGAIN = "roll:", "suggested", "due", "published", "again"


def build(asked: Asked) -> Answer:
    """Tell of each round that closed how many took part, and what else patrons did and got."""
    held, due, out = votes.held(asked), promised.due(asked), promised.published(asked)
    earlier = asked.before()
    told_before = promised.published(earlier)
    suggested, patrons = _suggested(asked), _patrons(asked)
    return Answer(
        [
            Figure(
                _("Turnout of these rounds together"),
                [_turnout(held)],
                _("Who voted, of all who could: a person counts once in each round."),
                [_turnout(votes.held(earlier))],
            ),
            _again(asked, earlier),
            Figure(
                _("Topics that patrons suggested"),
                [Behind(suggested, SUGGESTED)],
                before=[_suggested(earlier)],
            ),
            Figure(
                _("Suggestions for each 100 patrons"),
                [_per_hundred(suggested, patrons)],
                _("Of %(patrons)s patrons at the end of the period.", patrons=patrons),
                [_per_hundred(_suggested(earlier), _patrons(earlier))],
            ),
            Figure(
                _("Promises kept in time"),
                [_kept(due)],
                _("Of those whose first date has passed; late ones and dropped ones are not."),
                [_kept(promised.due(earlier))],
            ),
            Figure(
                _("Days from the vote to the story"),
                [Behind(promised.middle(out), TOLD) if out else None],
                _("The median: half of the stories took no longer. Stories: %(n)s.", n=len(out)),
                [promised.middle(told_before)],
            ),
        ],
        _chart(held, asked.zone),
        [_rounds(held), _promises(due)],
    )


def _turnout(held: Sequence[Held]) -> Share:
    counted = [one for one in held if one.counted]
    return Share(sum(one.voted for one in counted), sum(one.roll for one in counted))


def _again(asked: Asked, earlier: Asked) -> Figure:
    def share(of: Sequence[int] | None) -> Plain:
        return Share(sum(of[votes.AGAIN :]), sum(of)) if of else None

    return Figure(
        _("Voted in at least two of the last three rounds"),
        [Behind(now, AGAIN) if (now := share(votes.again(asked.until))) else None],
        _("Of those who could vote in all three that were counted last; none with fewer rounds."),
        [share(votes.again(earlier.until))],
    )


def _per_hundred(suggested: int, patrons: int) -> Plain:
    return str(format_decimal(round(suggested * 100 / patrons, 1))) if patrons else None


def _kept(due: Sequence[Promised]) -> Share:
    were = [one.way for one in due if one.way in DUE]
    return Share(were.count(promised.KEPT), len(were))


def _rounds(held: Sequence[Held]) -> Table:
    rows: list[list[Value]] = []
    for one in held:
        key, counted = f"{ROLL}{one.id}", one.counted
        rows.append(
            [
                one.title,
                one.closed_at,
                Behind(one.voted, f"{key}:voted") if counted else None,
                Behind(one.roll, key) if counted else None,
                Share(one.voted, one.roll) if counted else None,
                _("void") if one.void else (_("counted") if counted else _("not counted yet")),
            ]
        )
    return Table(
        _("Turnout of each round that closed in this time"),
        [_("Round"), _("Closed"), _("Voted"), _("Could vote"), _("Turnout"), _("State")],
        rows,
        _("Rounds that were declared void or are not counted yet have no turnout."),
        frozenset(i for i, one in enumerate(held) if not one.counted),
    )


def _chart(held: Sequence[Held], zone: tzinfo) -> Chart | None:
    if not any(one.counted for one in held):
        return None
    return Chart(
        _("How many voted in each round"),
        [
            (report_words.short_month(one.closed_at.astimezone(zone)), one.title, one.voted)
            for one in held
            if one.counted
        ],
    )


def _promises(due: Sequence[Promised]) -> Table:
    def count(way: str) -> int:
        return sum(one.way == way for one in due)

    return Table(
        _("Promises whose first date came in this time and has passed"),
        [_("How they count"), _("Promises")],
        [[_way(way), Behind(count(way), f"{DUE_KEY}:{way}")] for way in (*DUE, promised.OVERTAKEN)],
        _("Those that a corrected count no longer took up are in no rate."),
    )


def _way(way: str | None) -> str:
    return {
        promised.KEPT: _("Kept in time"),
        promised.LATE: _("Kept late"),
        promised.MISSED: _("Late, and nothing is published"),
        promised.DROPPED: _("Dropped"),
        promised.OVERTAKEN: _("No longer taken up"),
    }[way or promised.MISSED]


def _suggested(asked: Asked) -> int:
    return (
        db.session.scalar(
            select(func.count()).where(
                Proposal.created_at >= asked.since, Proposal.created_at < asked.until
            )
        )
        or 0
    )


def _patrons(asked: Asked) -> int:
    return stays.standing(asked.until, asked)


def listed(asked: Asked, key: str) -> Listing:
    """List what is behind a figure, without any person. Raises `KeyError` for an unknown key."""
    if key == SUGGESTED:
        return _suggestions(asked)
    if key == AGAIN:
        return _voting_again(asked)
    if key == TOLD:
        return _promise_list(_("Stories that came out"), promised.published(asked))
    kind, _colon, way = key.partition(":")
    if kind == DUE_KEY and way in (*DUE, promised.OVERTAKEN):
        return _promise_list(_way(way), [one for one in promised.due(asked) if one.way == way])
    for one in votes.held(asked):
        if one.counted and key in (f"{ROLL}{one.id}", f"{ROLL}{one.id}:voted"):
            return _roll(one, only_voted=key.endswith(":voted"))
    raise KeyError(key)


def _suggestions(asked: Asked) -> Listing:
    query = (
        select(Proposal.title, Proposal.created_at, Proposal.state)
        .where(Proposal.created_at >= asked.since, Proposal.created_at < asked.until)
        .order_by(Proposal.created_at.desc(), Proposal.id.desc())
    )
    return Listing(
        _("Topics that patrons suggested"),
        [_("Topic"), _("Suggested"), _("State")],
        Found(query, lambda row: [row.title, row.created_at, topic_words.state(row.state)[0]]),
    )


def _promise_list(caption: str, found: Sequence[Promised]) -> Listing:
    return Listing(
        caption,
        [_("Topic"), _("First date"), _("Published"), _("Days from the vote")],
        AtHand([[one.title, one.due_on, one.published_on, one.days] for one in found]),
    )


def _voting_again(asked: Asked) -> Listing:
    """Who votes again and again, without names."""
    return Listing(
        _("Voted in at least two of the last three rounds"),
        [_("Number"), _("Rounds of the three")],
        Found(votes.voting_again(asked.until), lambda row: [row.place, row.times]),
        _nameless(),
    )


def _nameless() -> str:
    return str(_("Names are left out here: a count can be checked without them."))


def _roll(of: Held, *, only_voted: bool) -> Listing:
    """A round's roll without names: the count can be followed, and nobody is shown."""
    reasons = {
        Reason.PATRON.value: _("patron at the close"),
        Reason.LEFT_SINCE.value: _("voted as a patron and left before the close"),
    }

    def written(row: Row[Any]) -> list[Value]:
        return [row.place, reasons.get(row.reason, row.reason), _("yes") if row.voted else _("no")]

    return Listing(
        of.title,
        [_("Number"), _("On the roll as"), _("Voted")],
        Found(votes.of_roll(of.id, only_voted=only_voted), written),
        _nameless(),
    )


REPORT = Report(
    name="participation",
    group=Group.VOTES,
    roles=(Role.EDITOR, Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Taking part"),
    definition=lambda: _(
        "How many of those who could vote did, round by round, what patrons suggested, and whether "
        "what was promised to them came out by the first date that was named."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "A turnout of few people moves a lot with each of them, so the counts stand beside it. "
        "Nobody, the newsroom included, sees here how anybody voted."
    ),
    by_currency=False,
)
