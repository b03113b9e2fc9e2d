"""What readers and staff read of proposals: where each stands, who suggested it, where links go."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask_babel import gettext as _
from flask_babel import ngettext

from app.localisation import format_day
from app.topics.credit import Credit
from app.topics.lists import Sort
from app.topics.models import Step
from app.topics.rules import State

#: Of a link's path, so much is shown behind its host.
SHOWN_PATH = 40


def state(of: str) -> tuple[str, str]:
    """Return where a proposal stands in a word or two and the kind of tag it gets."""
    return {
        State.NEW: (_("New"), "plain"),
        State.CONSIDERING: (_("Under consideration"), "plain"),
        State.SHORTLISTED: (_("On the shortlist"), "good"),
        State.CHOSEN: (_("Taken up"), "marked"),
        State.DECLINED: (_("Declined"), "warn"),
        State.MERGED: (_("Joined with another"), "plain"),
    }[State(of)]


def act(to: State) -> str:
    """Return what a button says that moves a proposal."""
    return {
        State.CONSIDERING: _("Take under consideration"),
        State.SHORTLISTED: _("Put on the shortlist"),
        State.DECLINED: _("Decline"),
    }[to]


def sort(by: Sort) -> str:
    """Return the name of an order."""
    return {Sort.NEWEST: _("newest first"), Sort.WANTED: _("most wanted first")}[by]


def credit(of: Credit) -> str:
    """Say who suggested a topic."""
    if not of.names:
        return ngettext("Suggested by a patron", "Suggested by %(num)s patrons", max(of.unnamed, 1))
    if not of.unnamed:
        return _("Suggested by %(names)s", names=_listed(of.names))
    return ngettext(
        "Suggested by %(names)s and %(num)s patron more",
        "Suggested by %(names)s and %(num)s patrons more",
        of.unnamed,
        names=", ".join(of.names),
    )


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("%(names)s and %(last)s", names=", ".join(names[:-1]), last=names[-1])


def wanted(count: int) -> str:
    """Say how many people want a topic."""
    return ngettext("%(num)s patron wants this", "%(num)s patrons want this", count)


def history(steps: Sequence[Step]) -> list[tuple[str, str]]:
    """Return the day of each step and what happened, as `timeline` shows them."""
    return [(format_day(step.at), _step(step)) for step in steps]


def _step(step: Step) -> str:
    if step.from_state is None:
        said = _("Suggested")
    elif step.from_state == State.CHOSEN:
        said = _("What was decided after the vote has changed; back on the shortlist")
    else:
        said = {
            State.CONSIDERING: _("The newsroom takes it under consideration"),
            State.SHORTLISTED: _("The newsroom puts it on the shortlist for a vote"),
            State.CHOSEN: _("The newsroom takes it up after a vote"),
            State.DECLINED: _("The newsroom declines it"),
            State.MERGED: _("The newsroom joins it with a similar one"),
        }.get(State(step.to_state), "")
    return f"{said}: {step.reason}" if step.reason else said


def left(count: int, most: int) -> str:
    """Say how many topics one may still suggest this month."""
    return ngettext(
        "You can suggest %(num)s topic more this month (of %(most)s).",
        "You can suggest %(num)s topics more this month (of %(most)s).",
        count,
        most=most,
    )


def link(url: str) -> tuple[str, str]:
    """Return the host of a link, which must be seen, and some of what comes behind it."""
    parts = urlsplit(url)
    rest = parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return parts.netloc, rest if len(rest) <= SHOWN_PATH else rest[:SHOWN_PATH] + "…"
