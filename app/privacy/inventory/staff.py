"""What work in the newsroom leaves of those who do it, and files they take out."""

from flask_babel import lazy_gettext as _l

from app.privacy.inventory import periods
from app.privacy.inventory.shape import Ground, Kept, Kind, Part, Recipient, Seer

KINDS = (
    Kind(
        key="staff_account",
        part=Part.STAFF,
        title=_l("Accounts of our staff"),
        what=_l(
            "The role, the second factor (sealed), fingerprints of recovery codes, and whether the "
            "week's figures are wanted by letter."
        ),
        why=_l("To let only staff see what is for staff."),
        grounds=(Ground.CONTRACT, Ground.INTEREST),
        kept=Kept(_l("while somebody works here")),
        seen_by=(Seer.SELF, Seer.OWNERS),
        tables={
            "account": "role totp_sealed totp_step monday_letter",
            "recovery_code": "id account_id code_hash used_at",
        },
        session_keys=("second_factor", "awaited", "awaited_since", "awaited_next", "secret"),
    ),
    Kind(
        key="exports",
        part=Part.STAFF,
        title=_l("Files that staff take out"),
        what=_l("Lists of givers, gifts or supporters as a file, and who asked for it."),
        why=_l("For the books, and to write to supporters."),
        grounds=(Ground.INTEREST,),
        kept=Kept(_l("after the file was made"), periods.exports),
        seen_by=(Seer.FUNDRAISERS, Seer.FINANCE, Seer.OWNERS),
        given_to=(Recipient.MAIL,),
        tables={
            "export_file": (
                "id kind name words format title stem locale by_account_id asked_at anew "
                "rows_all rows_done ready_at failed_at expires_at size parts attempts due_at error"
            ),
            "export_part": "export_id place body",
        },
    ),
    Kind(
        key="staff_acts",
        part=Part.STAFF,
        title=_l("What staff entered"),
        what=_l(
            "Who of our staff raised the shield, entered an exchange rate, asked for a comparison "
            "with Stripe, drafted or changed a round, chose a topic or counted again."
        ),
        why=_l("To know whom to ask, and so that two people see to what needs two."),
        grounds=(Ground.INTEREST,),
        kept=Kept(_l("as long as what was entered is kept")),
        seen_by=(Seer.EDITORS, Seer.FUNDRAISERS, Seer.FINANCE, Seer.OWNERS),
        tables={
            "comparison": "asked_by_id",
            "editorial_pick": "picked_by",
            "own_rate": "entered_by_id",
            "promise": "editor_id",
            "promise_update": "by_account_id",
            "proposal_step": "by_account_id",
            "recount": "by_account_id",
            "round_correction": "by_account_id",
            "round_extension": "by_account_id",
            "round_template": "changed_by",
            "shield_log": "raised_by_id lowered_by_id",
            "story": "entered_by_id",
            "voting_round": "drafted_by",
        },
    ),
)

NOT_PERSONAL = {
    "own_rate": "id month currency into_currency rate entered_at",
    "comparison": (
        "id asked_at since started_at finished_at compared looked_at found attempts due_at error"
    ),
}
