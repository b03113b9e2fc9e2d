"""The ballot box of a closed round: sealed as one canonical list, and compressed for the count."""

import hashlib
from collections import Counter

from sqlalchemy import ColumnElement, func, select

from app.extensions import db
from app.voting import secrecy
from app.voting.models import Ballot, Participation

#: Ballots fetched at a time, so that memory does not grow with the electorate.
PAGE = 10_000


class CountsDiffer(RuntimeError):
    """Two ways to the same number disagree: nothing is published until somebody has looked."""


def seal(round_id: int) -> tuple[bytes, dict[tuple[int, ...], int]]:
    """Return the SHA-256 of the canonical list of counted ballots, and their profile.

    The list has a line "receipt,choices" for each, in the order of the receipts, LF, UTF-8. The
    profile says how many carry each set of choices. Raises `CountsDiffer`.
    """
    root, read = _listed(round_id)
    profile = _added_up(round_id)
    if profile != dict(read):
        raise CountsDiffer("the canonical list and the database's own sums")
    voted = db.session.scalar(
        select(func.count()).select_from(Participation).where(Participation.round_id == round_id)
    )
    if voted != _count(Ballot.round_id == round_id):
        raise CountsDiffer("people who voted and ballots")
    return root, profile


def voided(round_id: int) -> int:
    """Return how many ballots of a round do not count."""
    return _count(Ballot.round_id == round_id, Ballot.void_reason.is_not(None))


def _listed(round_id: int) -> tuple[bytes, Counter[tuple[int, ...]]]:
    digest, read = hashlib.sha256(), Counter[tuple[int, ...]]()
    rows = db.session.execute(
        select(Ballot.receipt, Ballot.choices)
        .where(Ballot.round_id == round_id, Ballot.void_reason.is_(None))
        .order_by(Ballot.receipt.collate("C")),
        execution_options={"yield_per": PAGE},
    )
    for code, choices in rows:
        digest.update(f"{code},{secrecy.canonical_choices(choices)}\n".encode())
        read[tuple(choices)] += 1
    return digest.digest(), read


def _added_up(round_id: int) -> dict[tuple[int, ...], int]:
    rows = db.session.execute(
        select(Ballot.choices, func.count())
        .where(Ballot.round_id == round_id, Ballot.void_reason.is_(None))
        .group_by(Ballot.choices)
    )
    return {tuple(choices): count for choices, count in rows}


def _count(*which: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(Ballot).where(*which)) or 0
