"""The letter about two pledges of one patron."""

from app.accounts.models import Account
from app.extensions import db
from app.giving import pledges
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft


@letters.writes("second_pledge")
def write_second_pledge(letter: Letter) -> Draft | None:
    """Tell a patron of two pledges; not any more when one of them has ended meanwhile."""
    both = pledges.going_on(letter.account_id)
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
