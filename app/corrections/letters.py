"""The letter that answers a reader who told us of a mistake and left an address."""

from sqlalchemy import select

from app.accounts import accounts
from app.accounts.models import Account
from app.corrections import groups
from app.corrections.answers import LETTER
from app.corrections.models import Correction, CorrectionAnswer, CorrectionGroup
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft


@letters.writes(LETTER)
def write_answer(letter: Letter) -> Draft | None:
    """Answer in the language the reader wrote from; not any more when the address was forgotten.

    It goes to the address and says no name: whoever typed the address need not own it.
    """
    answer = db.session.get_one(CorrectionAnswer, int(letter.matter.partition(":")[0]))
    account = accounts.kept(db.session.get_one(Account, letter.account_id))
    ids = select(Account.id).where(
        (Account.id == account.id) | (Account.merged_into_id == account.id)
    )
    sent = db.session.scalar(
        select(Correction)
        .where(Correction.answer_id == answer.id, Correction.account_id.in_(ids))
        .order_by(Correction.id.desc())
        .limit(1)
    )
    if sent is None or sent.locale not in answer.texts:
        return None
    group = db.session.get_one(CorrectionGroup, sent.group_id)
    return letters.draft(
        LETTER,
        to=account.email,
        locale=sent.locale,
        sent=sent,
        group=group,
        text=answer.texts[sent.locale],
        note=groups.standing_note(group.id),
    )
