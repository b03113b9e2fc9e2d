"""What staff read of the audit log: each act in words."""

from collections.abc import Mapping

from flask_babel import gettext as _

from app.accounts.models import AuditEntry, Role
from app.corrections import words as correction_words


def act(name: str) -> str:
    """Write an act; its own name where it is a new one."""
    return {
        "accounts_merged": _("merged two accounts"),
        "appeal_added": _("wrote an appeal"),
        "appeal_changed": _("changed an appeal"),
        "appeal_switched_off": _("switched an appeal off"),
        "appeal_switched_on": _("switched an appeal on"),
        "audit_downloaded": _("downloaded the audit log"),
        "campaign_changed": _("stated a campaign anew"),
        "campaign_removed": _("removed what was stated of a campaign"),
        "campaign_stated": _("stated a campaign in advance"),
        **correction_words.acts(),
        "difference_repaired": _("repaired a difference from Stripe"),
        "differences_repaired": _("had all differences of a kind repaired"),
        "entries_downloaded": _("downloaded the entries of a month"),
        "erasure_approved": _("agreed to an erasure"),
        "erasure_asked": _("asked for an erasure"),
        "erasure_declined": _("declined an erasure"),
        "erasure_done": _("erased the person's data"),
        "erasure_undone": _("took an erasure back"),
        "event_read": _("read an event of Stripe"),
        "event_settled_again": _("had an event entered again"),
        "events_settled_again": _("had all failed events entered again"),
        "export_asked": _("asked for a file of many rows"),
        "export_downloaded": _("downloaded a file of many rows"),
        "gift_entered": _("entered a gift outside Stripe"),
        "gift_taken_back": _("took the entry of a gift back"),
        "goal_changed": _("stated a goal anew"),
        "goal_stated": _("stated a goal"),
        "letters_ended": _("ended letters as the person asked"),
        "letter_link_used": _("used a letter's link"),
        "list_downloaded": _("downloaded the list behind a figure"),
        "line_put_back": _("put a bank line back"),
        "line_set_aside": _("set a bank line aside"),
        "monthly_rounds_approved": _("agreed to rounds that open each month"),
        "monthly_rounds_changed": _("changed the rounds that open each month"),
        "monthly_rounds_declined": _("declined rounds that open each month"),
        "movements_set_right": _("had the movements of pledges set right"),
        "note_removed": _("removed a note"),
        "note_written": _("wrote a note"),
        "other_way_added": _("added another way to give"),
        "other_way_changed": _("changed another way to give"),
        "other_way_hidden": _("hid another way to give"),
        "other_way_moved": _("moved another way to give"),
        "other_way_shown": _("showed another way to give again"),
        "person_corrected": _("corrected name or address"),
        "person_seen": _("opened the person's page"),
        "pledge_change_asked": _("asked for other terms of the pledge"),
        "pledge_end_asked": _("asked for the pledge to end"),
        "pledge_end_owed": _("ended the pledge with money that went back"),
        "pledge_resume_asked": _("asked for the pause to end"),
        "pledge_stay_asked": _("took the wish to leave back"),
        "promise_begun": _("began work on a promise to patrons"),
        "promise_corrected": _("put the state of a promise right"),
        "promise_dropped": _("dropped a promise to patrons"),
        "promise_planned": _("planned a promise to patrons"),
        "promise_published": _("published the story behind a promise"),
        "promise_updated": _("wrote about a promise to patrons"),
        "proposal_hidden": _("hid a suggested topic"),
        "proposal_merged": _("joined a suggested topic with another"),
        "proposal_moved": _("decided about a suggested topic"),
        "proposal_shown": _("showed a suggested topic again"),
        "rate_set": _("set a rate of exchange"),
        "rate_taken_back": _("took a rate of exchange back"),
        "receipt_resent": _("sent a receipt again"),
        "recovery_downloaded": _("downloaded the recovery list"),
        "refund_approved": _("agreed to a refund"),
        "refund_asked": _("asked for a refund"),
        "refund_by_rule": _("refunded by rule"),
        "refund_declined": _("declined a refund"),
        "report_downloaded": _("downloaded a report"),
        "reprint_granted": _("permitted a reprint"),
        "reprint_refused": _("refused a reprint"),
        "reprint_reopened": _("took a request to reprint for no spam after all"),
        "reprint_spam": _("took a request to reprint for spam"),
        "reprint_withdrawn": _("withdrew the permission to reprint"),
        "reprints_downloaded": _("downloaded the register of reprints"),
        "report_dismissed": _("left a reported topic as it is"),
        "round_closed": _("closed a round before its time"),
        "round_corrected": _("corrected the texts of a round"),
        "round_drafted": _("drafted a round"),
        "round_extended": _("extended a round"),
        "round_opened": _("opened a round"),
        "round_opening_asked": _("asked for a round to open"),
        "round_opening_declined": _("declined the opening of a round"),
        "round_opening_taken_back": _("took the request to open a round back"),
        "round_published": _("published the result of a round"),
        "round_recounted": _("counted a round again"),
        "round_reminder_cancelled": _("called a round's reminder off"),
        "round_reminder_planned": _("planned a round's reminder"),
        "round_taken_back": _("took a round back to its draft"),
        "round_voided": _("declared a round void"),
        "shield_lowered": _("lowered the shield"),
        "shield_raised": _("raised the shield"),
        "statement_discarded": _("discarded a bank statement"),
        "statement_taken": _("took the lines of a bank statement in"),
        "statement_uploaded": _("uploaded a bank statement"),
        "story_entered": _("entered a published story"),
        "story_removed": _("took a published story off the list"),
        "supporters_downloaded": _("downloaded the supporters"),
        "tie_decided": _("decided a tie"),
        "topic_picked": _("put the newsroom's own choice in place of the winner"),
        "topic_picture_removed": _("removed the picture of a topic"),
        "topic_picture_set": _("set the picture of a topic"),
        "topic_withdrawn": _("withdrew a topic from a round"),
        "work_tried_again": _("had work that was given up tried again"),
    }.get(name, name.replace("_", " "))


def sentence(entry: AuditEntry, names: Mapping[int, str]) -> str:
    """Write who did what."""
    return _("%(who)s %(did)s", who=who(entry.by_account_id, names), did=act(entry.act))


def who(account_id: int | None, names: Mapping[int, str]) -> str:
    """Write who acted: a member of staff, or a rule of the house."""
    if account_id is None:
        return _("A rule of the house")
    return names.get(account_id) or _("(no name)")


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
