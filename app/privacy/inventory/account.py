"""What signing in and an account leave."""

from flask_babel import lazy_gettext as _l

from app.accounts import sign_ins
from app.desk import notes
from app.privacy.inventory import periods
from app.privacy.inventory.shape import Ground, Kept, Kind, Part, Recipient, Seer

STAFF = (Seer.SELF, Seer.EDITORS, Seer.FUNDRAISERS, Seer.FINANCE, Seer.OWNERS)
MONEY = (Seer.SELF, Seer.FUNDRAISERS, Seer.FINANCE, Seer.OWNERS)

KINDS = (
    Kind(
        key="account",
        part=Part.ACCOUNT,
        title=_l("Your account"),
        what=_l(
            "Your e-mail address, name and language, since when, whether you proved the address, "
            "whether your name may stand on the list of patrons, and how you want receipts."
        ),
        why=_l("To send you receipts and letters, to let you sign in, and to know you again."),
        grounds=(Ground.CONTRACT,),
        kept=Kept(_l("until you have your account erased")),
        seen_by=STAFF,
        given_to=(Recipient.STRIPE, Recipient.MAIL),
        tables={
            "account": (
                "id email name locale listed receipt_letters merged_into_id confirmed_at "
                "session_version created_at"
            )
        },
        session_keys=("_user_id", "_fresh", "_id", "since"),
    ),
    Kind(
        key="sign_in",
        part=Part.ACCOUNT,
        title=_l("Requests to sign in"),
        what=_l(
            "That a letter to sign in was asked for, when, whether it was used, and fingerprints "
            "of its link and code; the address you typed stays in your browser's session."
        ),
        why=_l("To let in who owns the address and nobody else."),
        grounds=(Ground.CONTRACT, Ground.INTEREST),
        kept=Kept(_l("after it was asked for"), sign_ins.KEPT),
        seen_by=(Seer.NOBODY,),
        given_to=(Recipient.MAIL,),
        tables={
            "sign_in": (
                "id account_id token_hash code_hash wrong_codes next_path created_at expires_at "
                "used_at"
            )
        },
        session_keys=("sign_in", "sign_in_address"),
    ),
    Kind(
        key="consent",
        part=Part.ACCOUNT,
        title=_l("Which letters you agreed to"),
        what=_l(
            "Each time you agreed to a kind of letters or took that back: when, where, which words "
            "stood beside the box, and in which language."
        ),
        why=_l("To write to you only as you wish, and to be able to show that."),
        grounds=(Ground.LAW,),
        kept=Kept(_l("until you have your account erased")),
        seen_by=STAFF,
        tables={"consent": "id account_id category act wording locale how at entered_at"},
    ),
    Kind(
        key="letters",
        part=Part.ACCOUNT,
        title=_l("Letters we sent you"),
        what=_l("Which letter went to you about what, and when; never its words."),
        why=_l("To send each once, and to answer when you ask what became of one."),
        grounds=(Ground.CONTRACT, Ground.INTEREST),
        kept=Kept(_l("after the letter was due"), periods.letters),
        seen_by=STAFF,
        given_to=(Recipient.MAIL,),
        tables={
            "letter": ("id kind matter account_id urgency created_at sent_at attempts due_at error")
        },
    ),
    Kind(
        key="notes",
        part=Part.ACCOUNT,
        title=_l("Notes of our staff"),
        what=_l("What staff wrote down about a talk with you, so that a colleague knows of it."),
        why=_l("To answer you well when you write again."),
        grounds=(Ground.INTEREST,),
        kept=Kept(
            _l("after staff took it back; else until you have your account erased"), notes.KEPT
        ),
        seen_by=STAFF,
        tables={"account_note": "id account_id by_account_id text written_at removed_at"},
    ),
    Kind(
        key="audit",
        part=Part.ACCOUNT,
        title=_l("What staff did with your account"),
        what=_l(
            "Who of our staff did what to your account, money or suggestions, when and why; with "
            "numbers and reasons, without names and addresses."
        ),
        why=_l("To be able to account for money and for who looked at what."),
        grounds=(Ground.LAW, Ground.INTEREST),
        kept=Kept(_l("after it was done"), periods.audit),
        seen_by=(Seer.FUNDRAISERS, Seer.FINANCE, Seer.OWNERS),
        tables={
            "audit_entry": ("id at by_account_id act subject_kind subject_id account_id details"),
            "approval": (
                "id act subject_id asked_by_id asked_at decided_by_id decided_at approved"
            ),
        },
    ),
)

NOT_PERSONAL = {
    "limit_run": "id limit_key began_at ended_at gone error",
}
