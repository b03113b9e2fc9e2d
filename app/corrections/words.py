"""What readers and staff read of corrections: states, kinds of note, what was done."""

from collections.abc import Mapping, Sequence

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from app.accounts.models import AuditEntry
from app.corrections.lists import TO_DO
from app.corrections.models import CorrectionGroup, CorrectionNoteVersion
from app.corrections.rules import Kind, State
from app.localisation import format_day


def state(of: str) -> tuple[str, str]:
    """Return how far a group has come in a word or two and the kind of tag it gets."""
    return {
        State.NEW: (_("Newly reported"), "marked"),
        State.IN_HAND: (_("In hand"), "plain"),
        State.CORRECTED: (_("Corrected"), "good"),
        State.NO_MISTAKE: (_("Not a mistake"), "plain"),
        State.SPAM: (_("Spam"), "bad"),
    }[State(of)]


def filter_of(asked: str) -> str:
    """Write what the desk's list is narrowed down to."""
    return _("To do") if asked == TO_DO else state(asked)[0]


def kind(of: str) -> str:
    """Write what kind of note it is."""
    return {Kind.CORRECTION: _("Correction"), Kind.CLARIFICATION: _("Clarification")}[Kind(of)]


def readers(count: int) -> str:
    """Say how many readers wrote."""
    return ngettext("%(num)s reader", "%(num)s readers", count)


def acts() -> Mapping[str, str]:
    """Return what the audit log says of each act of this room."""
    return {
        "correction_answered": _("answered readers who told of a mistake"),
        "correction_assigned": _("said who sees to a reader's letter"),
        "correction_joined": _("joined letters about the same passage"),
        "correction_looked_at": _("looked at what came after the decision"),
        "correction_made": _("corrected what readers found, and published a note"),
        "correction_no_mistake": _("decided that it is no mistake"),
        "correction_note_amended": _("amended a note in the log of corrections"),
        "correction_note_entered": _("published a note in the log of corrections"),
        "correction_note_withdrawn": _("withdrew a note in the log of corrections"),
        "correction_reopened": _("took the decision about a reader's letter back"),
        "correction_spam": _("took a letter for spam"),
        "correction_split": _("parted a letter from others"),
        "correction_taken": _("took a reader's letter in hand"),
    }


def history(entries: Sequence[AuditEntry], names: Mapping[int, str]) -> list[tuple[str, str]]:
    """Return the day of each act and who did what, as `timeline` shows them."""
    return [(format_day(one.at), _act(one, names)) for one in entries]


def _act(entry: AuditEntry, names: Mapping[int, str]) -> str:
    who = names.get(entry.by_account_id or 0) or _("(no name)")
    said = _("%(who)s %(did)s", who=who, did=acts().get(entry.act, entry.act.replace("_", " ")))
    reason = entry.details.get("reason")
    return f"{said}: {reason}" if reason else said


def default_answer(group: CorrectionGroup, note: CorrectionNoteVersion | None, locale: str) -> str:
    """Write what an answer says unless staff say more, in the language of who gets it."""
    with force_locale(locale):
        if group.state == State.NO_MISTAKE:
            return _(
                "Thank you for reading closely. We have checked the passage and leave it as it "
                "is: %(reason)s",
                reason=group.reason,
            )
        if note is None:
            return _("Thank you for reading closely. You were right, and the passage is corrected.")
        return _(
            "Thank you for reading closely. You were right, and the passage is corrected. "
            "It now says: “%(stands)s”",
            stands=note.stands,
        )
