"""What staff read of letters: what each is about, and how far it has come."""

from flask_babel import gettext as _

from app.letters.models import Letter
from app.owed import MAX_ATTEMPTS


def kind(name: str) -> str:
    """Write what a kind of letter is about; its own name where it is a new one."""
    return {
        "approval_wanted": _("an act waits for approval"),
        "ballot_receipt": _("the receipt of a vote"),
        "card_expiring": _("the card is about to expire"),
        "confirm_gift": _("confirm a gift"),
        "correction_answer": _("answer about a mistake a reader found"),
        "data_ready": _("the file of one's own data"),
        "dispute_closed": _("a dispute is over"),
        "dispute_opened": _("a gift is contested"),
        "erasure_coming": _("an erasure has its day"),
        "erasure_confirm": _("confirm an erasure"),
        "erasure_done": _("an erasure is done"),
        "erasure_stuck": _("an erasure does not go on"),
        "erasure_undone": _("an erasure was taken back"),
        "export_file": _("a file of many rows"),
        "fraud_warning": _("a bank warns of fraud"),
        "monday": _("the week in figures"),
        "pause_ending": _("the pause ends soon"),
        "payment_failed": _("a payment failed"),
        "pledge_changed": _("the pledge changed"),
        "pledge_ending": _("the pledge ends"),
        "pledge_paused": _("the pledge is paused"),
        "pledge_resumed": _("the pledge goes on"),
        "pledge_staying": _("the wish to leave is taken back"),
        "promise_late": _("a promise to patrons is late"),
        "promise_published": _("the story that patrons chose is out"),
        "proposal_step": _("what becomes of a suggested topic"),
        "receipt": _("receipt"),
        "receipt_again": _("receipt, sent again"),
        "refund": _("a refund"),
        "refund_failed": _("a refund failed"),
        "renewal_reminder": _("the yearly gift is due soon"),
        "reprint_granted": _("a permission to reprint"),
        "reprint_refused": _("a reprint is refused"),
        "reprint_withdrawn": _("a permission to reprint is withdrawn"),
        "round_approval": _("a round's opening waits for approval"),
        "round_counted": _("a round is counted, and something is left to decide"),
        "round_not_ready": _("a round is not ready to open"),
        "round_opened": _("a vote is open"),
        "round_reminder": _("a vote closes soon"),
        "round_result": _("the result of a vote"),
        "round_void": _("a vote was declared void"),
        "second_pledge": _("there are two pledges"),
        "shield_lowered": _("the shield is down"),
        "shield_raised": _("the shield is up"),
        "sign_in": _("sign in"),
        "staff_invitation": _("welcome to the staff"),
        "yearly_statement": _("statement of a year"),
    }.get(name, name.replace("_", " "))


def state(letter: Letter) -> tuple[str, str]:
    """Return how far a letter has come in a word or two and the kind of tag it gets."""
    if letter.sent_at is not None:
        return _("Sent"), "good"
    if letter.due_at is None:
        return _("Not needed any more"), "plain"
    if letter.attempts >= MAX_ATTEMPTS:
        return _("Failed"), "bad"
    return _("Not sent yet"), "warn"
