"""A receipt's code by letter, for who asks for it: never the choices."""

from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Account
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.voting import secrecy
from app.voting.models import Ballot, Round

#: The letter; its matter is the round's id, the reader's, and a word drawn at the cast that says
#: nothing about the ballot.
LETTER = "ballot_receipt"


def send(round_id: int, account_id: int, word: str, *, now: datetime) -> None:
    """Owe a voter the code of the ballot by letter, once for each cast; commits.

    No table is told the code: the letter finds the ballot by its key when it is written, and a
    letter's text is kept nowhere.
    """
    letters.owe(LETTER, f"{round_id}:{account_id}:{word}", account_id, now=now)
    db.session.commit()


@letters.writes(LETTER)
def write(letter: Letter) -> Draft | None:
    """Write the code of the latest ballot; not any more once its key is destroyed."""
    round_ = db.session.get_one(Round, int(letter.matter.partition(":")[0]))
    account = db.session.get_one(Account, letter.account_id)
    keys = secrecy.ballot_keys(round_)
    code = keys and db.session.scalar(
        select(Ballot.receipt).where(
            Ballot.round_id == round_.id, Ballot.ballot_key == keys.of(account.id)
        )
    )
    if not code:
        return None
    return letters.draft(
        LETTER,
        to=account.email,
        locale=account.locale,
        name=account.name,
        round=round_,
        code=code,
    )
