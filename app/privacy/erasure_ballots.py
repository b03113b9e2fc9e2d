"""What becomes of the ballots of somebody who is erased, by how far each round has come."""

import secrets
from collections.abc import Sequence

from sqlalchemy import delete, func, select, update

from app.extensions import db
from app.voting import secrecy
from app.voting.models import Ballot, Participation, Round, RoundStatus


class BeingCounted(RuntimeError):
    """A round has closed and is not counted yet: what ties its ballots to the roll is needed."""


def sever(account_ids: Sequence[int]) -> int:
    """Withdraw ballots of rounds that are open, and cut others loose; return how many.

    In an open round the ballot is still the voter's own, to be changed at will: it goes, with the
    note that somebody voted, and turnout and roll add up without it. Once a round is counted its
    ballots are a public record that anybody may count again. There the ballot stays, and its key,
    by which it could be found until the round's secret is destroyed, becomes a random one; that
    somebody took part stays too, of an account that names nobody. The caller commits. Raises
    `BeingCounted`, for a minute or so.
    """
    rounds = db.session.scalars(
        select(Participation.round_id)
        .where(Participation.account_id.in_(account_ids))
        .distinct()
        .order_by(Participation.round_id)
    ).all()
    return sum(_sever(round_id, account_ids) for round_id in rounds)


def _sever(round_id: int, account_ids: Sequence[int]) -> int:
    # Held like a cast holds it: the close waits for this, and sees ballot and voter go together.
    row = db.session.execute(
        select(Round, (func.clock_timestamp() < Round.closes_at).label("takes_ballots"))
        .where(Round.id == round_id)
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    ).one()
    round_: Round = row[0]
    keys = secrecy.ballot_keys(round_)
    if keys is None:
        # The secret is destroyed: nobody can tell whose ballot is whose.
        return 0
    theirs = [keys.of(account_id) for account_id in account_ids]
    if round_.status == RoundStatus.OPEN and row.takes_ballots:
        return _withdraw(round_id, account_ids, theirs)
    if round_.status in (RoundStatus.OPEN, RoundStatus.CLOSED):
        raise BeingCounted(round_.slug or str(round_id))
    return sum(_cut_loose(round_id, key) for key in theirs)


def _withdraw(round_id: int, account_ids: Sequence[int], keys: Sequence[bytes]) -> int:
    unsynchronised = {"synchronize_session": False}
    db.session.execute(
        delete(Participation).where(
            Participation.round_id == round_id, Participation.account_id.in_(account_ids)
        ),
        execution_options=unsynchronised,
    )
    gone = db.session.execute(
        delete(Ballot)
        .where(Ballot.round_id == round_id, Ballot.ballot_key.in_(keys))
        .returning(Ballot.round_id),
        execution_options=unsynchronised,
    ).all()
    return len(gone)


def _cut_loose(round_id: int, key: bytes) -> int:
    loose = db.session.execute(
        update(Ballot)
        .where(Ballot.round_id == round_id, Ballot.ballot_key == key)
        .values(ballot_key=secrets.token_bytes(len(key)))
        .returning(Ballot.round_id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(loose)
