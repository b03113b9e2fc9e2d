"""What requests to reprint keep."""

from flask_babel import lazy_gettext as _l

from app.privacy.inventory.periods import YEAR
from app.privacy.inventory.shape import Ground, Kept, Kind, Part, Recipient, Seer
from app.reprints.rules import SPAM_KEPT, UNANSWERED_KEPT

KINDS = (
    Kind(
        key="reprint_requests",
        part=Part.WRITING,
        title=_l("Your requests to reprint"),
        what=_l(
            "Your name, organisation and address, what you want to print where and what for, when "
            "you asked, in which language, and what we answered; the address stays in your "
            "browser's session."
        ),
        why=_l("To answer you, and to know to whom we said what."),
        grounds=(Ground.CONTRACT,),
        kept=Kept(_l("after it was refused, or after the permission has ended"), 2 * YEAR),
        seen_by=(Seer.EDITORS, Seer.OWNERS),
        given_to=(Recipient.MAIL,),
        tables={
            "reprint_request": (
                "id request_key account_id asked_at locale name organisation place articles "
                "purpose state decided_at decided_by_id refusal"
            )
        },
        session_keys=("reprint_answer_to",),
    ),
    Kind(
        key="reprint_unanswered",
        part=Part.WRITING,
        title=_l("Requests to reprint that we never answered"),
        what=_l("The same, and the account that was made for it alone."),
        why=_l("To answer you after all."),
        grounds=(Ground.CONTRACT,),
        kept=Kept(_l("after you asked"), UNANSWERED_KEPT),
        seen_by=(Seer.EDITORS, Seer.OWNERS),
    ),
    Kind(
        key="reprint_spam",
        part=Part.WRITING,
        title=_l("Requests to reprint that we took for spam"),
        what=_l("The same; no letter went out for them."),
        why=_l("To find what we took for spam by mistake."),
        grounds=(Ground.INTEREST,),
        kept=Kept(_l("after we took it for spam"), SPAM_KEPT),
        seen_by=(Seer.EDITORS, Seer.OWNERS),
    ),
    Kind(
        key="reprint_permissions",
        part=Part.WRITING,
        title=_l("Permissions to reprint"),
        what=_l(
            "To whom it was given: your organisation, or you where you named none; what, where, "
            "until when, on which terms, and who of the staff withdrew it."
        ),
        why=_l("So that whoever has its number can check it."),
        grounds=(Ground.CONTRACT,),
        kept=Kept(_l("after it has ended"), 2 * YEAR),
        seen_by=(Seer.EVERYBODY,),
        given_to=(Recipient.MAIL,),
        tables={
            "reprint_permission": (
                "id request_id year check_part granted_at holder place articles valid_until "
                "credit_line changes_allowed conditions withdrawn_at withdrawn_by_id withdrawal"
            )
        },
    ),
)

NOT_PERSONAL: dict[str, str] = {}
