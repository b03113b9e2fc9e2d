"""What notes about mistakes keep."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from app.privacy.inventory.periods import YEAR
from app.privacy.inventory.shape import Ground, Kept, Kind, Part, Recipient, Seer

KINDS = (
    Kind(
        key="correction_addresses",
        part=Part.WRITING,
        title=_l("The address you left with a mistake you found"),
        what=_l("Your e-mail address, if you left one, and whether you did."),
        why=_l("To answer you once it is decided."),
        grounds=(Ground.CONSENT,),
        kept=Kept(
            _l(
                "after we answered; sixty days more after it was decided, or after you wrote if "
                "that was later, where nobody answered; a year at the most"
            ),
            timedelta(days=30),
        ),
        seen_by=(Seer.NOBODY,),
        given_to=(Recipient.MAIL,),
        tables={"correction": "account_id with_address answer_id"},
    ),
    Kind(
        key="correction_messages",
        part=Part.WRITING,
        title=_l("Mistakes you found in articles"),
        what=_l(
            "The passage you marked with the words around it, your comment, the article, the "
            "language, and when."
        ),
        why=_l("To correct what is wrong and to see what many readers found."),
        grounds=(Ground.INTEREST,),
        kept=Kept(_l("after it was decided"), 2 * YEAR),
        seen_by=(Seer.EDITORS, Seer.OWNERS),
        tables={
            "correction": (
                "id request_key group_id passage prefix suffix comment locale source sent_at"
            )
        },
    ),
    Kind(
        key="correction_spam",
        part=Part.WRITING,
        title=_l("Messages about mistakes that we took for spam"),
        what=_l("The same, with the address where one was left."),
        why=_l("To find what we took for spam by mistake."),
        grounds=(Ground.INTEREST,),
        kept=Kept(_l("after we took it for spam"), timedelta(days=30)),
        seen_by=(Seer.EDITORS, Seer.OWNERS),
    ),
    Kind(
        key="correction_staff",
        part=Part.STAFF,
        title=_l("Who of the staff saw to a mistake"),
        what=_l("Who had it in hand, who answered, and who wrote each version of a public note."),
        why=_l("To know whom to ask."),
        grounds=(Ground.INTEREST,),
        kept=Kept(_l("as long as the note stands in the public log")),
        seen_by=(Seer.EDITORS, Seer.OWNERS),
        tables={
            "correction_group": "assignee_id",
            "correction_answer": "by_account_id",
            "correction_note_version": "by_account_id",
        },
    ),
)

NOT_PERSONAL = {
    # The passage is the article's own; what a reader says of it stands with the message.
    "correction_group": (
        "id article url title passage prefix suffix locale state reason joined_into_id first_at "
        "last_at again_at settled_at"
    ),
    "correction_answer": "id group_id state texts written_at",
    "correction_note": (
        "id group_id article url title locale version created_at withdrawn_at withdrawn_reason"
    ),
    "correction_note_version": "note_id number kind stood stands day written_at",
}
