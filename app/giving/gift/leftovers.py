"""Attempts to give that led to nothing, and the accounts that only they had made."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Account, SignIn
from app.extensions import db
from app.giving.models import Checkout, Donation, FailedPayment, Pledge, PledgeChange
from app.giving.rules import PledgeStatus
from app.letters.models import Letter

#: How long an account is kept whose address nobody proved and that gave nothing.
KEPT = timedelta(days=7)
#: How long an attempt is kept that was never paid, of an account that stays.
UNPAID = timedelta(days=90)
#: Stripe tells for thirty days what became of a page; until then a lost event may still come.
TOLD = timedelta(days=31)
#: How many accounts go in one transaction, and how many of these one run makes.
BATCH, BATCHES = 100, 1000
#: What goes with an account. Whatever else is about one keeps it: a letter about a mistake, a
#: request to reprint, a suggestion, an entry of the log.
GO_WITH_IT = (Letter, SignIn, Checkout, Pledge)


def forget(*, now: datetime) -> int:
    """Remove accounts that robots, or readers who thought better of it, left; return how many.

    Such an account has no proved address, role, gift or begun pledge, and nothing else is about it.
    Its checkouts, pledges, letters and requests to sign in go with it. Commits by batches; what one
    run leaves the next takes.
    """
    gone = 0
    for _turn in range(BATCHES):
        taken = _forget_some(now)
        db.session.commit()
        gone += taken
        if taken < BATCH:
            break
    return gone


def _forget_some(now: datetime) -> int:
    left = _left_over(now)
    keys = db.session.scalars(select(Account.id).where(left).order_by(Account.id).limit(BATCH))
    found = list(keys)
    # In the order in which payments are settled; then nobody can begin a gift until the commit,
    # and a second look tells who has begun one since the first.
    _lock(Checkout, found)
    _lock(Pledge, found)
    locked = select(Account.id).where(Account.id.in_(found)).order_by(Account.id).with_for_update()
    db.session.execute(locked).all()
    still = db.session.scalars(select(Account.id).where(left, Account.id.in_(found))).all()
    _remove(still)
    return len(still)


def _lock(model: type[Checkout] | type[Pledge], account_ids: Sequence[int]) -> None:
    db.session.execute(
        select(model.id)
        .where(model.account_id.in_(account_ids))
        .order_by(model.id)
        .with_for_update()
    ).all()


def _remove(account_ids: Sequence[int]) -> None:
    for model in GO_WITH_IT:
        db.session.execute(
            delete(model)
            .where(model.account_id.in_(account_ids))
            .execution_options(synchronize_session=False)
        )
    db.session.execute(
        delete(Account)
        .where(Account.id.in_(account_ids))
        .execution_options(synchronize_session=False)
    )


def _left_over(now: datetime) -> ColumnElement[bool]:
    merged = aliased(Account)
    waits = and_(
        Checkout.status == "open",
        Checkout.stripe_session_id.is_not(None),
        Checkout.created_at > now - TOLD,
    )
    young = now - KEPT
    return and_(
        Account.confirmed_at.is_(None),
        Account.role.is_(None),
        Account.merged_into_id.is_(None),
        Account.created_at < young,
        ~exists().where(merged.merged_into_id == Account.id),
        *(~exists().where(column == Account.id) for column in _points_here()),
        ~exists().where(
            Checkout.account_id == Account.id,
            or_(Checkout.status == "paid", waits, Checkout.created_at >= young),
        ),
        ~exists().where(Pledge.account_id == Account.id, _begun()),
        ~exists().where(SignIn.account_id == Account.id, SignIn.created_at >= young),
    )


def _points_here() -> Iterator[Column[object]]:
    """Every column by which a row of any room holds an account, but for what goes with it.

    Asked of the tables themselves: the rooms that have them stand to the right of this one, and one
    account that cannot go would hold up all the others.
    """
    account = Account.__table__.c.id
    going = {Account.__table__, *(model.__table__ for model in GO_WITH_IT)}
    for table in Account.metadata.sorted_tables:
        for column in table.columns:
            if table not in going and any(key.column is account for key in column.foreign_keys):
                yield column


def forget_unpaid(*, before: datetime) -> int:
    """Remove attempts that were begun before a moment and never paid; return how many.

    With each goes how its reader came, and the pledge that only it would have begun. For accounts
    that stay; `forget` takes the others sooner. Commits by batches.
    """
    gone = 0
    while taken := _forget_attempts(before):
        gone += taken
    return gone


def _forget_attempts(before: datetime) -> int:
    old = db.session.execute(
        select(Checkout.id, Checkout.pledge_id)
        .where(
            Checkout.status != "paid",
            Checkout.created_at < before,
            ~exists().where(Donation.checkout_id == Checkout.id),
        )
        .order_by(Checkout.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    pledges = [row.pledge_id for row in old if row.pledge_id is not None]
    unsynchronised = {"synchronize_session": False}
    db.session.execute(
        delete(Checkout).where(Checkout.id.in_([row.id for row in old])),
        execution_options=unsynchronised,
    )
    db.session.execute(
        delete(Pledge).where(
            Pledge.id.in_(pledges),
            ~_begun(),
            ~exists().where(Checkout.pledge_id == Pledge.id),
            ~exists().where(Donation.pledge_id == Pledge.id),
        ),
        execution_options=unsynchronised,
    )
    db.session.commit()
    return len(old)


def _begun() -> ColumnElement[bool]:
    """Whether a pledge ever was more than an attempt."""
    return or_(
        Pledge.status.not_in((PledgeStatus.PENDING, PledgeStatus.ABANDONED)),
        Pledge.started_at.is_not(None),
        Pledge.stripe_subscription_id.is_not(None),
        exists().where(FailedPayment.pledge_id == Pledge.id),
        exists().where(PledgeChange.pledge_id == Pledge.id),
    )
