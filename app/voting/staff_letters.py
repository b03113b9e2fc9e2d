"""What staff are told of rounds: to agree to one, a draft not ready, what a count leaves them."""

from flask_babel import force_locale

from app.accounts import approvals
from app.accounts.models import Account, Approval
from app.clock import utcnow
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.voting import openings, results, rounds, words
from app.voting.announcements import COUNTED, TIED
from app.voting.models import Round, RoundStatus

#: The letter about a draft that is not ready; its matter is the round's id, "soon" or "missed",
#: and the reader's id.
NOT_READY = "round_not_ready"


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


@letters.writes(COUNTED)
def write_counted(letter: Letter) -> Draft | None:
    """Tell one of the staff what is left to do; not any more once it is done or void."""
    round_id, what, _ = letter.matter.split(":")
    round_ = db.session.get_one(Round, int(round_id), populate_existing=True)
    reader = db.session.get_one(Account, letter.account_id)
    tied = _tied(round_) if what == TIED else []
    if not reader.is_staff or not (tied or (what != TIED and round_.status == RoundStatus.TALLIED)):
        return None
    return letters.draft(
        COUNTED,
        to=reader.email,
        locale=reader.locale,
        name=reader.name,
        round=round_,
        tied=tied,
        public_from=results.public_from(round_),
    )


def _tied(round_: Round) -> list[str]:
    """The topics that wait for the newsroom's choice."""
    found = results.published(round_.slug or "", now=utcnow())
    return [] if found is None or found.decided else found.titles(found.outcome.undecided)
