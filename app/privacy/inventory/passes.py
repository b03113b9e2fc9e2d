"""What a patron's pass keeps."""

from flask_babel import lazy_gettext as _l

from app.passes.rules import ASK_LIFE, RENEWAL_LIFE
from app.privacy.inventory.shape import Ground, InBrowser, Kept, Kind, Part, Seer, Storage

KINDS = (
    Kind(
        key="passes",
        part=Part.ACCOUNT,
        title=_l("Pages that know you as a patron"),
        what=_l(
            "Which site you let know, since when, on which day it asked last, and fingerprints of "
            "the codes it holds to ask again. Never what you read there."
        ),
        why=_l("So that the site asks you for a gift no more. You pressed the button for it."),
        grounds=(Ground.CONSENT,),
        kept=Kept(_l("after the site asked last, or until you take it back"), RENEWAL_LIFE),
        seen_by=(Seer.SELF,),
        tables={
            "pass_grant": "id account_id origin granted_at asked_at",
            "pass_code": (
                "code_hash grant_id page_hash challenge session_version family expires_at used_at"
            ),
            "pass_renewal": "renewal_hash grant_id family session_version expires_at used_at",
        },
        in_browser=(
            InBrowser(
                "hromada-pass",
                _l("Whether you are a patron, since which month, your language, until when."),
                RENEWAL_LIFE,
                Storage.LOCAL,
                elsewhere=True,
            ),
            InBrowser(
                "hromada-asked",
                _l("Two random numbers by which the page knows its own question again."),
                ASK_LIFE,
                Storage.LOCAL,
                elsewhere=True,
            ),
        ),
    ),
    Kind(
        key="pass_asks",
        part=Part.ACCOUNT,
        title=_l("The page that asked while you signed in"),
        what=_l("Its address, without anything about you."),
        why=_l("To lead you back to it."),
        grounds=(Ground.CONTRACT,),
        kept=Kept(_l("after the page asked"), ASK_LIFE),
        seen_by=(Seer.NOBODY,),
        tables={"pass_ask": "id return_to challenge state asked_at"},
    ),
)

NOT_PERSONAL = {"pass_key": "id public private_sealed made_at signs_from"}
