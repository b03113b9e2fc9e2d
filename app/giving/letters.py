"""The letters of the giving room, but for the receipt's."""

import uuid

from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.giving import pledges
from app.giving.models import Pledge
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft


@letters.writes("second_pledge")
def write_second_pledge(letter: Letter) -> Draft | None:
    """Tell a patron of two pledges; not any more when one of them has ended meanwhile."""
    both = pledges.in_standing(letter.account_id, utcnow())
    if len(both) < 2:
        return None
    account = db.session.get_one(Account, letter.account_id)
    return letters.draft(
        "second_pledge",
        to=account.email,
        locale=account.locale,
        name=account.name,
        pledges=both,
    )


@letters.writes("pledge_ending")
def write_pledge_ending(letter: Letter) -> Draft | None:
    """Confirm that a pledge ends; not any more when its patron has decided to stay."""
    pledge = db.session.get_one(Pledge, uuid.UUID(letter.matter.partition(":")[0]))
    ends_on = pledge.ends_at or pledge.ended_at
    if ends_on is None:
        return None
    account = db.session.get_one(Account, letter.account_id)
    return letters.draft(
        "pledge_ending",
        to=account.email,
        locale=account.locale,
        name=account.name,
        ends_on=ends_on,
    )
