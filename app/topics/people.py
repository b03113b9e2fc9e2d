"""Whose proposals and secondings are when two accounts become one, or a person's data is erased."""

from sqlalchemy import ColumnElement, delete, func, select, update

from app.extensions import db
from app.topics.models import Proposal, Report, Seconding


def move(of: int, to: int) -> None:
    """Give an account's proposals, secondings and reports to another; the caller commits.

    For two accounts that are one person: what both second is seconded once, and nobody seconds
    what is now their own.
    """
    db.session.execute(update(Proposal).where(Proposal.account_id == of).values(account_id=to))
    for model in (Seconding, Report):
        both = select(model.proposal_id).where(model.account_id == to)
        db.session.execute(
            delete(model).where(model.account_id == of, model.proposal_id.in_(both)),
            execution_options={"synchronize_session": False},
        )
        db.session.execute(
            update(model).where(model.account_id == of).values(account_id=to),
            execution_options={"synchronize_session": False},
        )
    drop_own_secondings(Seconding.account_id == to)


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
