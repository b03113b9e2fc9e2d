"""What the audit log keeps of an act beside who did it: amounts, days, reasons, in words."""

import re
from collections.abc import Callable
from datetime import date, datetime

from flask_babel import gettext as _

from app.accounts.models import AuditEntry
from app.bank import words as bank_words
from app.corrections import words as correction_words
from app.corrections.rules import State as CorrectionState
from app.desk import wish_lines
from app.giving.reversals import reversal_words
from app.giving.rules import RefundReason
from app.localisation import format_day, format_moment, format_money
from app.money import Money
from app.topics import words as topic_words
from app.topics.rules import State

#: Parts of an entry's details that are told together, without a label.
AMOUNTS = ("amount_minor", "currency")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d\S*")


#: How the value of a detail is written by a room this one knows nothing of, by the detail's key.
_written: dict[str, Callable[[str], str]] = {}


def named(key: str) -> Callable[[Callable[[str], str]], Callable[[str], str]]:
    """Register the function that writes the values of a detail. A room registers its own."""

    def register(writer: Callable[[str], str]) -> Callable[[str], str]:
        _written[key] = writer
        return writer

    return register


def write(entry: AuditEntry) -> str:
    """Write what else the log keeps of an act; empty for nothing."""
    kept = dict(entry.details)
    said = []
    if all(key in kept for key in AMOUNTS):
        said.append(format_money(Money(int(kept.pop("amount_minor")), str(kept.pop("currency")))))
    for key, value in kept.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else _value(entry, key, value)
        said.append(_("%(what)s: %(value)s", what=label(key), value=shown))
    return "; ".join(said)


def label(key: str) -> str:
    """Write what a detail is; its own name where it is a new one."""
    return {
        "after": _("after"),
        "approval": _("request"),
        "appeal_name": _("appeal"),
        "at": _("at"),
        "at_once": _("at once"),
        "before": _("before"),
        "campaign_name": _("campaign"),
        "checkout": _("attempts to give moved"),
        "closes_at": _("closes"),
        "account_note": _("notes moved"),
        "correction": _("letters about mistakes moved"),
        "cost_text": _("cost"),
        "count": _("how many"),
        "direction": _("direction"),
        "donation": _("gifts moved"),
        "donation_id": _("gift"),
        "due_on": _("promised for"),
        "editor": _("account of the editor"),
        "ends_pledge": _("ends the pledge"),
        "format": _("kind of file"),
        "goal_name": _("goal"),
        "goal_text": _("goal"),
        "identical": _("the same result"),
        "instead_of": _("instead of topic"),
        "interval": _("period"),
        "kept_id": _("joined with"),
        "joined": _("letters joined"),
        "kind": _("kind"),
        "known": _("lines known already"),
        "made": _("letter that stands alone"),
        "merged_id": _("merged account"),
        "note": _("note in the log"),
        "on": _("switched on"),
        "opens_at": _("opens"),
        "planned": _("planned close"),
        "pledge": _("pledges moved"),
        "proposal": _("suggested topics moved"),
        "reason": _("reason"),
        "report_name": _("report"),
        "received_on": _("received"),
        "rows": _("rows"),
        "source": _("how it came"),
        "split_from": _("parted from"),
        "taken": _("lines taken in"),
        "texts": _("texts"),
        "topic": _("topic"),
        "topics": _("topics"),
        "type": _("type"),
        "url": _("address"),
        "what": _("what"),
    }.get(key, key.replace("_", " "))


def _value(entry: AuditEntry, key: str, value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = str(value)
    if key in _written:
        return _written[key](text)
    if MOMENT.fullmatch(text):
        return format_moment(datetime.fromisoformat(text))
    if DAY.fullmatch(text):
        return format_day(date.fromisoformat(text))
    match entry.subject_kind, key:
        case "refund", "reason" if text in set(RefundReason):
            return reversal_words.reason_label(text)
        case "pledge", "reason":
            return wish_lines.reason(text)
        case "proposal", "before" | "after" if text in set(State):
            return topic_words.state(text)[0]
        case "correction", "before" if text in set(CorrectionState):
            return correction_words.state(text)[0]
        case "donation", "source":
            return bank_words.source(text)
        case _:
            return _codes().get((key, text), text)


def _codes() -> dict[tuple[str, str], str]:
    """The codes of details whose meaning hangs on nothing else."""
    return {
        ("interval", "month"): _("month"),
        ("interval", "year"): _("year"),
        ("direction", "up"): _("up"),
        ("direction", "down"): _("down"),
        **{
            (key, code): said
            for key in ("before", "after")
            for code, said in (
                ("chosen", _("Chosen")),
                ("in_work", _("In work")),
                ("published", _("Published")),
                ("dropped", _("Dropped")),
            )
        },
    }
