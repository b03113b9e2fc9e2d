"""What voting leaves."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from app.privacy.inventory.shape import Ground, InBrowser, Kept, Kind, Part, Recipient, Seer
from app.voting import receipts

KINDS = (
    Kind(
        key="participation",
        part=Part.VOTING,
        title=_l("That you took part in a vote"),
        what=_l("In which votes you could vote and whether, and on which day you first did."),
        why=_l("One patron has one ballot; and so that each count can be checked."),
        grounds=(Ground.CONTRACT, Ground.INTEREST),
        kept=Kept(_l("until you have your account erased; then only the count stays")),
        seen_by=(Seer.SELF, Seer.EDITORS, Seer.FUNDRAISERS, Seer.FINANCE, Seer.OWNERS),
        tables={
            "participation": "round_id account_id first_cast_on",
            "roll_entry": "round_id account_id eligible reason",
        },
    ),
    Kind(
        key="ballots",
        part=Part.VOTING,
        title=_l("Your ballot"),
        what=_l(
            "What was ticked, under a key that only your account and the round's secret make. "
            "No table links it to you, and once the dispute window is over the secret is "
            "destroyed: then nobody can find out whose it was."
        ),
        why=_l("To count it, to let you change it, and to prove the count."),
        grounds=(Ground.CONTRACT,),
        kept=Kept(_l("for good, as nobody's; the link to you ends with the dispute window")),
        seen_by=(Seer.SELF, Seer.NOBODY),
        given_to=(Recipient.MAIL,),
        tables={"ballot": "round_id ballot_key choices version receipt void_reason"},
    ),
    Kind(
        key="ballot_receipt",
        part=Part.VOTING,
        title=_l("The code of your ballot"),
        what=_l(
            "The code by which you find your ballot again, on its way to the page that shows it."
        ),
        why=_l("To show it to you once."),
        grounds=(Ground.CONTRACT,),
        kept=Kept(
            _l("after you voted, in your browser; it goes once it was shown"),
            timedelta(seconds=receipts.COOKIE_SECONDS),
        ),
        seen_by=(Seer.SELF,),
        in_browser=(
            InBrowser(
                receipts.COOKIE,
                _l("The code of your ballot, until the page has shown it."),
                timedelta(seconds=receipts.COOKIE_SECONDS),
            ),
        ),
    ),
)

#: Rounds, topics and counts are the newsroom's and everybody's.
NOT_PERSONAL = {
    "editorial_pick": "round_id number instead_of reason picked_at",
    "publication": "id round_id tally_id supersedes published_at",
    "recount": "id tally_id identical counted_at",
    "round_correction": "id round_id number field before after corrected_at",
    "round_extension": "id round_id before after note extended_at",
    "round_template": (
        "id is_on opens_day opens_time days_open closes_time title intro method tie_rule roll_rule "
        "max_choices seats quorum most_topics carried publish_after_hours opens_alone alone_since "
        "since attempts due_at error"
    ),
    "round_topic": (
        "round_id number title summary withdrawn_at withdrawn_reason proposal_id carried_from "
        "picture_id picture_alt"
    ),
    "tally": (
        "id round_id revision input_root params params_hash code_version result result_hash voided "
        "reason created_at"
    ),
    "topic_picture": "id content_type body created_at",
    "turnout": "round_id roll voted",
    "turnout_again": "round_id middle_id first_id times people",
    "voting_round": (
        "id slug title intro method max_choices seats tie_rule quorum roll_rule receipts "
        "export_from opens_at closes_at status seed_commit seed_sealed ballot_key_sealed "
        "ballots_root void_reason created_at frozen_at told_at closed_at tallied_at published_at "
        "voided_at shredded_at attempts due_at error template_id month edited_at amended_at "
        "warned_at remind_at reminded_at publish_after_hours"
    ),
}
