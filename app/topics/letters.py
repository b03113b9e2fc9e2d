"""The letter that tells who suggested a topic how far it has come."""

from sqlalchemy import func, select

from app.accounts.models import Account
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.topics.models import Proposal, Step
from app.topics.rules import State
from app.topics.steps import LETTER


@letters.writes(LETTER)
def write_step(letter: Letter) -> Draft | None:
    """Tell of the last step; not of one that a later letter tells of, nor of a hidden proposal.

    The name by which the person goes stands in it, however they are shown on the page.
    """
    step = db.session.get_one(Step, int(letter.matter.partition(":")[0]))
    proposal = db.session.get_one(Proposal, step.proposal_id)
    last = db.session.scalar(select(func.max(Step.id)).where(Step.proposal_id == proposal.id))
    if step.id != last or proposal.hidden_at is not None:
        return None
    kept = db.session.get(Proposal, proposal.merged_into_id) if proposal.merged_into_id else None
    account = db.session.get_one(Account, letter.account_id)
    return letters.draft(
        LETTER,
        to=account.email,
        locale=account.locale,
        account_id=account.id,
        name=account.name,
        # The title of a suggestion joined with this one was another; its author reads both.
        proposal=proposal,
        own=_own_title(proposal, account.id),
        kept=kept,
        step=step,
        corrected=step.from_state == State.CHOSEN,
        again=step.from_state == State.DECLINED,
        State=State,
    )


def _own_title(proposal: Proposal, account_id: int) -> str:
    """Return how the person themselves worded it; as it is shown where they cannot be found."""
    if proposal.account_id == account_id:
        return proposal.title
    own = db.session.scalar(
        select(Proposal.title)
        .where(Proposal.merged_into_id == proposal.id, Proposal.account_id == account_id)
        .order_by(Proposal.id)
        .limit(1)
    )
    return own or proposal.title
