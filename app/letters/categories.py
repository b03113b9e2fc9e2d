"""What each kind of letter is for, and whether it goes only to who agreed to such letters. Pure."""

from enum import StrEnum


class Category(StrEnum):
    """What a letter is for. The place of a category in this list stands in links: only add."""

    #: Receipts and what else concerns a person's own money.
    MONEY = "money"
    #: What a person just asked for, and what the law has us tell.
    ANSWER = "answer"
    #: To staff, for their work.
    STAFF = "staff"
    #: A vote opens, is about to close, has a result, is void.
    VOTES = "votes"
    #: What became of a topic one suggested, or of a vote one took part in.
    TOPICS = "topics"


#: What is written only to who agreed; each is asked for and stopped by itself.
CONSENTED = (Category.VOTES, Category.TOPICS)

#: Every kind of letter, in exactly one category.
KINDS: dict[Category, frozenset[str]] = {
    Category.MONEY: frozenset(
        {
            "card_expiring",
            "pause_ending",
            "payment_failed",
            "pledge_changed",
            "pledge_ending",
            "pledge_paused",
            "pledge_resumed",
            "pledge_staying",
            "receipt",
            "receipt_again",
            "refund",
            "renewal_reminder",
            "second_pledge",
            "yearly_statement",
        }
    ),
    Category.ANSWER: frozenset(
        {
            "ballot_receipt",
            "confirm_gift",
            "correction_answer",
            "data_ready",
            "erasure_coming",
            "erasure_confirm",
            "erasure_done",
            "erasure_undone",
            "reprint_granted",
            "reprint_refused",
            "reprint_withdrawn",
            "sign_in",
        }
    ),
    Category.STAFF: frozenset(
        {
            "approval_wanted",
            "dispute_closed",
            "dispute_opened",
            "erasure_stuck",
            "export_file",
            "fraud_warning",
            "monday",
            "promise_late",
            "refund_failed",
            "round_approval",
            "round_counted",
            "round_not_ready",
            "shield_lowered",
            "shield_raised",
            "staff_invitation",
        }
    ),
    Category.VOTES: frozenset({"round_opened", "round_reminder", "round_result", "round_void"}),
    Category.TOPICS: frozenset({"promise_published", "proposal_step"}),
}

_OF = {kind: category for category, kinds in KINDS.items() for kind in kinds}


def of(kind: str) -> Category:
    """Return the category of a kind of letter. Raises `KeyError`."""
    return _OF[kind]


def to_agree_to(kind: str) -> Category | None:
    """Return what a reader of this kind of letter must have agreed to; None for nothing."""
    category = of(kind)
    return category if category in CONSENTED else None
