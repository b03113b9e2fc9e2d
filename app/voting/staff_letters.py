"""What staff are told of rounds by letter: a round to agree to, and a draft that is not ready."""

from collections.abc import Sequence

from flask_babel import force_locale
from sqlalchemy import select

from app.accounts import approvals
from app.accounts.models import Account, Approval, Role
from app.clock import utcnow
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.voting import openings, rounds, words
from app.voting.models import Round, RoundStatus

#: The letter about a draft that is not ready; its matter is the round's id, "soon" or "missed",
#: and the reader's id.
NOT_READY = "round_not_ready"


def editors() -> Sequence[int]:
    """Return the accounts that look after rounds."""
    return db.session.scalars(
        select(Account.id).where(Account.role.in_((Role.EDITOR, Role.OWNER))).order_by(Account.id)
    ).all()


@letters.writes(openings.LETTER)
def write_wanted(letter: Letter) -> Draft | None:
    """Ask a colleague to look at a round or at the template; not any more once it is decided."""
    approval = db.session.get(Approval, int(letter.matter.partition(":")[0]))
    reader = db.session.get_one(Account, letter.account_id)
    if approval is None or approval.decided_at is not None:
        return None
    if not approvals.may_decide(approval, reader):
        return None
    about = approval.act == rounds.OPENING
    return letters.draft(
        openings.LETTER,
        to=reader.email,
        locale=reader.locale,
        name=reader.name,
        asked_by=db.session.get_one(Account, approval.asked_by_id).name,
        round=db.session.get(Round, int(approval.subject_id)) if about else None,
    )


@letters.writes(NOT_READY)
def write_not_ready(letter: Letter) -> Draft | None:
    """Tell one of the staff what a draft lacks; not any more once it is a draft no longer."""
    round_id, when, _ = letter.matter.split(":")
    round_ = db.session.get_one(Round, int(round_id))
    reader = db.session.get_one(Account, letter.account_id)
    if round_.status != RoundStatus.DRAFT or not reader.is_staff:
        return None
    found = rounds.problem(round_, utcnow())
    with force_locale(reader.locale):
        lacks = words.problem(found) if found else ""
    return letters.draft(
        NOT_READY,
        to=reader.email,
        locale=reader.locale,
        name=reader.name,
        round=round_,
        missed=when == "missed",
        lacks=lacks,
        awaited=openings.awaited(round_.id) is not None,
    )
