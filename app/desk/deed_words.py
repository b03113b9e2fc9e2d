"""What staff read of the audit log: each act in words."""

from collections.abc import Mapping

from flask_babel import gettext as _

from app.accounts.models import AuditEntry, Role
from app.giving.reversals import reversal_words
from app.giving.rules import RefundReason
from app.localisation import format_money
from app.money import Money

#: Parts of an entry's details that are told together, and what stands for nothing to a reader.
AMOUNTS = ("amount_minor", "currency")


def act(name: str) -> str:
    """Write an act; its own name where it is a new one."""
    return {
        "accounts_merged": _("merged two accounts"),
        "audit_downloaded": _("downloaded the audit log"),
        "gift_entered": _("entered a gift outside Stripe"),
        "gift_taken_back": _("took the entry of a gift back"),
        "letter_link_used": _("used a letter's link"),
        "note_removed": _("removed a note"),
        "note_written": _("wrote a note"),
        "person_corrected": _("corrected name or address"),
        "person_seen": _("opened the person's page"),
        "pledge_change_asked": _("asked for other terms of the pledge"),
        "pledge_end_asked": _("asked for the pledge to end"),
        "pledge_end_owed": _("ended the pledge with money that went back"),
        "pledge_resume_asked": _("asked for the pause to end"),
        "pledge_stay_asked": _("took the wish to leave back"),
        "proposal_hidden": _("hid a suggested topic"),
        "proposal_merged": _("joined a suggested topic with another"),
        "proposal_moved": _("decided about a suggested topic"),
        "proposal_shown": _("showed a suggested topic again"),
        "receipt_resent": _("sent a receipt again"),
        "recovery_downloaded": _("downloaded the recovery list"),
        "refund_approved": _("agreed to a refund"),
        "refund_asked": _("asked for a refund"),
        "refund_by_rule": _("refunded by rule"),
        "refund_declined": _("declined a refund"),
        "line_put_back": _("put a bank line back"),
        "line_set_aside": _("set a bank line aside"),
        "report_dismissed": _("left a reported topic as it is"),
        "shield_lowered": _("lowered the shield"),
        "shield_raised": _("raised the shield"),
        "statement_discarded": _("discarded a bank statement"),
        "story_entered": _("entered a published story"),
        "story_removed": _("took a published story off the list"),
        "statement_taken": _("took the lines of a bank statement in"),
        "statement_uploaded": _("uploaded a bank statement"),
    }.get(name, name.replace("_", " "))


def sentence(entry: AuditEntry, names: Mapping[int, str]) -> str:
    """Write who did what."""
    return _("%(who)s %(did)s", who=who(entry.by_account_id, names), did=act(entry.act))


def who(account_id: int | None, names: Mapping[int, str]) -> str:
    """Write who acted: a member of staff, or a rule of the house."""
    if account_id is None:
        return _("A rule of the house")
    return names.get(account_id) or _("(no name)")


def details(entry: AuditEntry) -> str:
    """Write what else the log keeps of an act: amounts, reasons, ids."""
    kept = dict(entry.details)
    said = []
    if all(key in kept for key in AMOUNTS):
        said.append(format_money(Money(int(kept.pop("amount_minor")), str(kept.pop("currency")))))
    if kept.get("reason") in list(RefundReason) and entry.subject_kind == "refund":
        said.append(reversal_words.reason_label(kept.pop("reason")))
    for key, value in kept.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        said.append(f"{key.replace('_', ' ')}: {shown}")
    return "; ".join(said)


def role(of: Role) -> str:
    """Write a role of staff."""
    return {
        Role.EDITOR: _("editor"),
        Role.FUNDRAISER: _("fundraiser"),
        Role.FINANCE: _("finance"),
        Role.OWNER: _("owner"),
    }[of]


def approved(name: str) -> str:
    """Write what a second member of staff is asked to agree to; its own name where it is new."""
    return {
        "refund": _("A refund"),
        "erasure": _("An erasure"),
        "round_opening": _("The opening of a round"),
        "monthly_rounds": _("Rounds that open each month"),
    }.get(name, name.replace("_", " "))
