"""What is forgotten of readers who told of mistakes: addresses first, then what they wrote."""

from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Account
from app.corrections.answers import LETTER
from app.corrections.models import Correction, CorrectionAnswer, CorrectionGroup, CorrectionNote
from app.corrections.rules import State
from app.extensions import db
from app.letters.models import Letter

#: Where nobody answered, an address is kept for so much longer once it was decided, and so much
#: longer where nothing was ever decided.
UNANSWERED = timedelta(days=60)
UNDECIDED = timedelta(days=335)
#: So many rows at a time, so that nobody waits for a lock.
SET = 500


def addresses(*, before: datetime) -> int:
    """Forget the addresses of readers who were answered before then; commits. Returns how many.

    One that was not answered stays for `UNANSWERED` longer, from the decision or from its letter,
    whichever is later, and one never decided about for `UNDECIDED`. An account made for such an
    address that nothing else needs goes with it.
    """
    count = 0
    while pairs := _answered(before):
        # All that a reader wrote about a passage is answered by one letter, and goes together.
        count += part(tuple_(Correction.group_id, Correction.account_id).in_(pairs))
        db.session.commit()
    while ids := _unanswered(before):
        count += part(Correction.id.in_(ids))
        db.session.commit()
    return count


def messages(*, before: datetime) -> int:
    """Forget what readers wrote about what was decided before then; commits. Returns how many.

    The group with its passage and its public note stay.
    """
    return _drop_all(CorrectionGroup.settled_at < before)


def spam(*, before: datetime) -> int:
    """Forget what was called spam before then, groups and all; commits. Returns how many."""
    return _drop_all(and_(CorrectionGroup.state == State.SPAM, CorrectionGroup.settled_at < before))


def _drop_all(over: ColumnElement[bool]) -> int:
    count = 0
    while ids := _letters(over):
        _drop(ids)
        count += len(ids)
        db.session.commit()
    return count


def part(which: ColumnElement[bool]) -> int:
    """Part letters from the addresses left with them, and return how many; the caller commits.

    The accounts that only such addresses made are deleted.
    """
    of = db.session.scalars(
        select(Correction.account_id).where(which, Correction.account_id.is_not(None))
    ).all()
    db.session.execute(
        update(Correction)
        .where(which)
        .values(account_id=None)
        .execution_options(synchronize_session=False)
    )
    for account_id in sorted({one for one in of if one is not None}):
        _drop_account(account_id)
    return len(of)


def _answered(before: datetime) -> list[tuple[int, int | None]]:
    """Return some groups each with the account of a reader whose answer has gone long enough ago.

    A letter is about an answer and the account it was owed to, which may have been merged since.
    """
    gone = (
        select(
            cast(func.split_part(Letter.matter, ":", 1), BigInteger),
            func.coalesce(Account.merged_into_id, Account.id),
        )
        .join(Account, Account.id == Letter.account_id)
        .where(Letter.kind == LETTER, Letter.sent_at < before)
    )
    # It need not or cannot go, or nobody was owed one.
    old = exists().where(
        CorrectionAnswer.id == Correction.answer_id,
        CorrectionAnswer.written_at < before - UNANSWERED,
    )
    rows = db.session.execute(
        select(Correction.group_id, Correction.account_id)
        .where(
            Correction.account_id.is_not(None),
            or_(tuple_(Correction.answer_id, Correction.account_id).in_(gone), old),
        )
        .distinct()
        .limit(SET)
    )
    return [(group_id, account_id) for group_id, account_id in rows]


def _unanswered(before: datetime) -> list[int]:
    """Return some letters without an answer whose address is over, and those of a year ago."""
    # Who wrote after the decision can be answered for as long.
    settled = exists().where(
        CorrectionGroup.id == Correction.group_id,
        CorrectionGroup.settled_at.is_not(None),
        func.greatest(CorrectionGroup.settled_at, Correction.sent_at) < before - UNANSWERED,
        Correction.answer_id.is_(None),
    )
    return list(
        db.session.scalars(
            select(Correction.id)
            .where(
                Correction.account_id.is_not(None),
                or_(settled, Correction.sent_at < before - UNDECIDED),
            )
            .order_by(Correction.id)
            .limit(SET)
        )
    )


def _drop_account(account_id: int) -> None:
    """Delete an account that is nothing but an address left here; the database says whether."""
    bare = db.session.scalar(
        select(Account).where(
            Account.id == account_id,
            Account.name == "",
            Account.role.is_(None),
            Account.confirmed_at.is_(None),
            Account.merged_into_id.is_(None),
        )
    )
    if bare is None:
        return
    try:
        with db.session.begin_nested():
            db.session.execute(
                delete(Letter).where(Letter.account_id == account_id, Letter.kind == LETTER)
            )
            db.session.execute(delete(Account).where(Account.id == account_id))
    except IntegrityError:
        # It gives, votes or asked for something else since: the account is the person's.
        return


def _letters(over: ColumnElement[bool]) -> list[int]:
    return list(
        db.session.scalars(
            select(Correction.id)
            .join(CorrectionGroup, CorrectionGroup.id == Correction.group_id)
            .where(over)
            .order_by(Correction.id)
            .limit(SET)
        )
    )


def _drop(ids: list[int]) -> None:
    """Delete letters, and groups of spam that are empty then; the caller commits."""
    which = Correction.id.in_(ids)
    groups = set(db.session.scalars(select(Correction.group_id).where(which)))
    part(which)
    db.session.execute(delete(Correction).where(which))
    for group_id in groups:
        db.session.execute(
            delete(CorrectionGroup).where(
                CorrectionGroup.id == group_id,
                CorrectionGroup.state == State.SPAM,
                ~exists().where(Correction.group_id == group_id),
                ~exists().where(CorrectionAnswer.group_id == group_id),
                ~exists().where(CorrectionNote.group_id == group_id),
                CorrectionGroup.id.not_in(
                    select(CorrectionGroup.joined_into_id).where(
                        CorrectionGroup.joined_into_id.is_not(None)
                    )
                ),
            )
        )
