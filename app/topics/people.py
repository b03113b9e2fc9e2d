"""Whose voices count for a topic, and what stays of a person whose data is erased."""

from sqlalchemy import ColumnElement, delete, func, select, update

from app.extensions import db
from app.topics.models import Proposal, Report, Seconding


def drop_own_secondings(of: ColumnElement[bool]) -> None:
    """Delete secondings by people who suggested the same topic themselves; the caller commits."""
    own = (
        select(Proposal.id)
        .where(
            func.coalesce(Proposal.merged_into_id, Proposal.id) == Seconding.proposal_id,
            Proposal.account_id == Seconding.account_id,
        )
        .exists()
    )
    db.session.execute(
        delete(Seconding).where(of, own), execution_options={"synchronize_session": False}
    )


def forget(account_id: int) -> None:
    """Part proposals from a person whose data is erased: they stay, unnamed; the caller commits.

    Their secondings go, and their reports stay without them.
    """
    db.session.execute(
        update(Proposal)
        .where(Proposal.account_id == account_id)
        .values(account_id=None, named=False)
    )
    db.session.execute(
        update(Report).where(Report.account_id == account_id).values(account_id=None)
    )
    db.session.execute(delete(Seconding).where(Seconding.account_id == account_id))
