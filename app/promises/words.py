"""Sentences about promises, in the reader's language."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from app.localisation import format_day
from app.promises.lists import Row
from app.promises.models import Promise, PromiseUpdate
from app.promises.rules import OPEN, Entry, Figures, Standing, State


def state(of: str) -> tuple[str, str]:
    """Return a state in words and the kind of its tag."""
    return {
        State.CHOSEN: (_("Chosen"), "plain"),
        State.IN_WORK: (_("In work"), "marked"),
        State.PUBLISHED: (_("Published"), "good"),
        State.DROPPED: (_("Dropped"), "bad"),
    }[State(of)]


def standing(of: Standing) -> tuple[str, str]:
    """Return how a promise counts, and the kind of its tag."""
    return {
        Standing.IN_TIME: (_("Kept in time"), "good"),
        Standing.KEPT_LATE: (_("Kept late"), "good"),
        Standing.KEPT: (_("Kept"), "good"),
        Standing.LATE: (_("Late"), "warn"),
        Standing.NOT_DUE: (_("Not yet due"), "plain"),
        Standing.UNDATED: (_("No date yet"), "plain"),
        Standing.DROPPED: (_("Dropped"), "bad"),
    }[of]


def meaning(of: Standing) -> str:
    """Say what is counted under a standing."""
    return {
        Standing.IN_TIME: _("The story was out on or before the first date we named."),
        Standing.KEPT_LATE: _("The story is out, after the first date we named."),
        Standing.KEPT: _("The story is out; we had named no date."),
        Standing.LATE: _("The first date we named has passed, and nothing is published."),
        Standing.NOT_DUE: _("The first date we named is yet to come."),
        Standing.UNDATED: _("We have not named a date yet."),
        Standing.DROPPED: _("We gave it up, or its vote was void; the reason stands with it."),
    }[of]


def tags(row: Row) -> list[tuple[str, str]]:
    """Return the tags of a promise: how it counts, and how far the work is while it is open."""
    if row.promise.state in OPEN:
        return [state(row.promise.state), standing(row.standing)]
    return [standing(row.standing)]


def dates(promise: Promise) -> str:
    """Say for when a promise was made, and what it was first; empty where no date was named."""
    if promise.due_on is None or promise.first_due_on is None:
        return ""
    if promise.due_on == promise.first_due_on:
        return _("Promised for %(day)s", day=format_day(promise.due_on))
    return _(
        "Promised for %(day)s, at first for %(first)s",
        day=format_day(promise.due_on),
        first=format_day(promise.first_due_on),
    )


def kept(of: Figures) -> str:
    """Say how many promises were kept, of how many."""
    return ngettext(
        "The time has come for %(num)s promise: %(published)s published, %(in_time)s in time.",
        "The time has come for %(num)s promises: %(published)s published, %(in_time)s in time.",
        of.settled,
        published=of.published,
        in_time=of[Standing.IN_TIME],
    )


def table(of: Figures) -> list[tuple[str, int, str]]:
    """Return each standing in words, how many promises have it, and what is counted there."""
    return [(standing(one)[0], of[one], meaning(one)) for one in Standing]


def record(entries: Sequence[PromiseUpdate]) -> list[tuple[str, str, str]]:
    """Return the day of each entry, what happened, and what staff wrote about it."""
    return [(format_day(entry.at), _entry(entry), entry.text) for entry in entries]


def _entry(entry: PromiseUpdate) -> str:
    match Entry(entry.entry):
        case Entry.MADE:
            return _("The vote was published, and the newsroom takes the topic up")
        case Entry.NOTE:
            return _("The newsroom writes")
        case Entry.DATED:
            return _("Promised for %(day)s", day=format_day(entry.due_on)) if entry.due_on else ""
        case Entry.OVERTAKEN:
            return _(
                "A corrected count, or another choice of the newsroom, took up other topics. "
                "What was promised stays on this list."
            )
        case Entry.RESTORED:
            return _("The newest result takes the topic up again")
        case Entry.CORRECTED:
            return _("Put right: it is “%(state)s” again", state=state(entry.to_state or "")[0])
        case Entry.MOVED:
            return {
                State.IN_WORK: _("Work has begun"),
                State.PUBLISHED: _("The story is published"),
                State.DROPPED: _("The newsroom drops it"),
            }.get(State(entry.to_state or ""), "")
