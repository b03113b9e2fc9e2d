"""The rollup of patrons: their spans, stays and wishes, what they brought, and the rounds they had.

A key is an account, a counted round as a negative number, or stands for everything. The counts of
rounds follow from who was on a roll, which is frozen, and from the spans of these people, which go
on changing.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    false,
    insert,
    or_,
    select,
    text,
    true,
    union_all,
)

from app.extensions import Base, db
from app.giving.models import Pledge
from app.reports.rollups import brought_rows, origin_rows, people_rows, round_rows, wish_rows
from app.reports.rollups.kept import PEOPLE, Rollup
from app.reports.rollups.origin_tables import Came, CameCount
from app.reports.rollups.people_tables import (
    BegunCount,
    Brought,
    BroughtSum,
    GivingSum,
    LastingCount,
    LeaveWish,
    LeaveWishCount,
    LeftCount,
    Span,
    Stay,
    StayCount,
)
from app.reports.rollups.round_tables import StayerCount, Turnout, TurnoutAgain
from app.reports.rollups.shifting import People, differs, replace, shift
from app.voting.models import RollEntry, Round

#: The key that stands for all people and rounds.
EVERYTHING = 0
#: More than so many rounds are counted together.
FEW = 3

SPANS = People(Span, people_rows.spans, [(GivingSum, people_rows.giving)])
STAYS = People(
    Stay,
    lambda accounts: people_rows.stays(Span.__table__.alias(), accounts),
    [
        (StayCount, people_rows.stay_counts),
        (BegunCount, people_rows.begun),
        (LastingCount, people_rows.lasting),
        (LeftCount, people_rows.left),
    ],
    order="came_at",
)
WISHES = People(
    LeaveWish,
    lambda accounts: wish_rows.wishes(Span.__table__.alias(), accounts),
    [(LeaveWishCount, wish_rows.counts)],
)
BROUGHT = People(
    Brought,
    lambda accounts: brought_rows.brought(Stay.__table__.alias(), accounts),
    [(BroughtSum, brought_rows.sums)],
)
ORIGINS = People(
    Came,
    lambda accounts: origin_rows.origins(Span.__table__.alias(), accounts),
    [(CameCount, origin_rows.counts)],
    order="at",
)
#: Each is defined by what stands before it.
KEPT = (SPANS, STAYS, WISHES, BROUGHT, ORIGINS)
TABLES: tuple[type[Base], ...] = (
    *(table for one in KEPT for table in (one.table, *(counts for counts, _by in one.counts))),
    Turnout,
    TurnoutAgain,
    StayerCount,
)


def refill(keys: Sequence[int]) -> None:
    """Bring accounts up to date, and counted rounds; the caller commits."""
    if EVERYTHING in keys:
        _fill()
        return
    accounts = [key for key in keys if key > 0]
    if accounts:
        for one in KEPT:
            moved = one.moved(accounts)
            if moved:
                _refill(one, moved)
    rounds = [-key for key in keys if key < 0]
    if rounds:
        _count(rounds)


def _fill() -> None:
    """Fill every table from nothing, as the one who begins anew has left them, or nearly so."""
    db.session.execute(text("SET LOCAL work_mem = '64MB'"))
    for one in KEPT:
        one.fill()
    _count(None)


def _refill(one: People, accounts: Sequence[int]) -> None:
    if one is SPANS:
        _stayers(accounts, -1)
    one.leave(accounts)
    one.enter(accounts)
    if one is SPANS:
        _stayers(accounts, 1)


def _stayers(accounts: Sequence[int], sign: int) -> None:
    """Count people among those on the rolls of the rounds that are kept, as their spans are now."""
    kept = RollEntry.round_id.in_(select(Turnout.round_id))
    shift(StayerCount, round_rows.stayers(Span.__table__.alias(), accounts, kept), sign)


def _count(rounds: Sequence[int] | None) -> None:
    """Count rounds again, and of those of which one is one of three who votes again and again.

    All rounds for null.
    """

    def of_these(column: Any) -> ColumnElement[bool]:
        return true() if rounds is None else column.in_(rounds)

    replace(Turnout, of_these(Turnout.round_id), round_rows.turnouts(of_these(Round.id)))
    replace(
        StayerCount,
        of_these(StayerCount.round_id),
        round_rows.stayers(Span.__table__.alias(), None, of_these(RollEntry.round_id)),
    )
    three = (TurnoutAgain.round_id, TurnoutAgain.middle_id, TurnoutAgain.first_id)
    db.session.execute(
        delete(TurnoutAgain)
        .where(or_(*(of_these(one) for one in three)))
        .execution_options(synchronize_session=False)
    )
    _count_again()


def _count_again() -> None:
    """Count every three rounds that follow each other and are not kept; others are let go.

    A round that is counted late comes between two that followed each other until then.
    """
    ordered = db.session.scalars(
        select(Round.id)
        .where(Round.status.in_(round_rows.COUNTED))
        .order_by(Round.closes_at, Round.id)
    ).all()
    three = (TurnoutAgain.first_id, TurnoutAgain.middle_id, TurnoutAgain.round_id)
    kept = {tuple(one) for one in db.session.execute(select(*three).distinct())}
    in_a_row = set(zip(ordered, ordered[1:], ordered[2:], strict=False))
    for gone in kept - in_a_row:
        db.session.execute(
            delete(TurnoutAgain)
            .where(*(column == key for column, key in zip(three, gone, strict=True)))
            .execution_options(synchronize_session=False)
        )
    missing = in_a_row - kept
    # All of them at once where many are missing, or each alone.
    for rounds in [ordered] if len(missing) > FEW else sorted(missing):
        _keep_again(rounds, missing)


def _keep_again(rounds: Sequence[int], missing: Collection[tuple[int, ...]]) -> None:
    """Count every three in a row of some rounds, and keep those that are missing."""
    rows = []
    for place, times, people in db.session.execute(round_rows.again(rounds)):
        three = tuple(rounds[place - 3 : place])
        if three in missing:
            names = ("first_id", "middle_id", "round_id")
            rows.append(dict(zip(names, three, strict=True)) | {"times": times, "people": people})
    if rows:
        db.session.execute(insert(TurnoutAgain), rows)


def every() -> Select[tuple[int]]:
    """Select who was ever a patron, and every counted round."""
    people = select(Pledge.account_id).where(Pledge.started_at.is_not(None)).distinct()
    rounds = select(-Round.id).where(Round.status.in_(round_rows.COUNTED))
    key = union_all(people, rounds).subquery()
    return select(key.c[0])


def of(table: type[Base], keys: Sequence[int]) -> ColumnElement[bool]:
    """The condition that a row is of some keys; the counts of people are nobody's."""
    columns = table.__table__.c
    if "account_id" in columns:
        return columns.account_id.in_([key for key in keys if key > 0])
    if "round_id" in columns:
        return columns.round_id.in_([-key for key in keys if key < 0])
    return false()


def wrong() -> int:
    """Count the tables of counts that are not what the tables of people come to."""
    pairs = [
        (table, counted(one.table.__table__.alias()))
        for one in KEPT
        for table, counted in one.counts
    ]
    return sum(differs(table, counted) for table, counted in pairs)


ROLLUP = Rollup("people", TABLES, refill, every, of, PEOPLE, everything=EVERYTHING, wrong=wrong)
