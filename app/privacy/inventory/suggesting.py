"""What suggesting topics leaves."""

from flask_babel import lazy_gettext as _l

from app.privacy.inventory.shape import Ground, Kept, Kind, Part, Recipient, Seer

KINDS = (
    Kind(
        key="suggestions",
        part=Part.SUGGESTING,
        title=_l("Topics you suggested"),
        what=_l(
            "Your words and links, when, in which language, and whether your name stands beside "
            "them; on a ballot also as you want to be credited."
        ),
        why=_l("To let patrons choose among topics, and to tell you what became of yours."),
        grounds=(Ground.CONTRACT,),
        kept=Kept(_l("for good; once your account is erased, without your name")),
        seen_by=(Seer.EVERYBODY,),
        given_to=(Recipient.MAIL,),
        tables={
            "proposal": (
                "id request_key account_id title why links locale named trigrams state reason "
                "merged_into_id round_id created_at hidden_at hidden_reason"
            ),
            "round_topic": "credit",
        },
    ),
    Kind(
        key="seconding",
        part=Part.SUGGESTING,
        title=_l("Topics you seconded or reported"),
        what=_l("Which topic you want too, or found unfit and why, and when."),
        why=_l("To count each patron once, and to look at what was reported."),
        grounds=(Ground.CONTRACT, Ground.INTEREST),
        kept=Kept(_l("as long as the topic; until you have your account erased")),
        seen_by=(Seer.SELF, Seer.EDITORS, Seer.OWNERS),
        tables={
            "proposal_seconding": "proposal_id account_id created_at",
            "proposal_report": (
                "id proposal_id account_id reason reported_at settled_at settled_by_id"
            ),
        },
    ),
)

NOT_PERSONAL = {
    "promise": (
        "id round_id number title state due_on first_due_on dated_at story_title story_url "
        "published_on drop_reason overtaken_at made_at publications told_at attempts due_at error"
    ),
    "promise_intake": "round_id publication_id picks",
    "promise_update": "id promise_id at entry from_state to_state due_on text",
    "proposal_step": "id proposal_id at from_state to_state reason",
    "story": "id title url published_on trigrams entered_at",
}
