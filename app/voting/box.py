"""The ballot box of a closed round: sealed as canonical lists, and compressed for the count.

What is published depends on the round and on how many ballots there are:

- together: one list, "receipt,choices", in the order of the receipts;
- apart: receipts in one list, choices without receipts in another, each in its own order;
- withheld: the receipts alone, because few ballots could tell how somebody voted.

Lists are UTF-8 with LF and no heading. The root is the SHA-256 of the one list; of two lists it is
that of their SHA-256, receipts first, in hexadecimal and each with LF. A list that is kept back is
hashed with a secret before it: what few ballots say could otherwise be tried out.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from operator import itemgetter

from psycopg import Connection, OperationalError
from psycopg.pq import ExecStatus
from sqlalchemy import func, select

from app.extensions import db
from app.sealing import keyed_hash
from app.voting.models import Ballot, Participation, Receipts, Round
from app.voting.secrecy import RECEIPT_LENGTH

#: Lines handled at a time, so that memory does not grow with the electorate.
PAGE = 10_000
#: Characters of "receipt," ahead of the choices.
BEFORE_CHOICES = RECEIPT_LENGTH + 1

Profile = dict[tuple[int, ...], int]

#: Lines in the order of their list. Sorted by the database's bytes, whatever its language is.
_FROM = "FROM ballot WHERE round_id = %s AND void_reason IS NULL ORDER BY"
_TOGETHER = (
    f"COPY (SELECT receipt || ',' || array_to_string(choices, ' ') {_FROM} receipt) TO STDOUT"
)
_RECEIPTS = f"COPY (SELECT receipt {_FROM} receipt) TO STDOUT"
_CHOICES = f"COPY (SELECT array_to_string(choices, ' ') {_FROM} choices) TO STDOUT"


class Lists(StrEnum):
    """How receipts and choices are published."""

    TOGETHER = "together"
    APART = "apart"
    WITHHELD = "withheld"


class CountsDiffer(RuntimeError):
    """Two ways to the same number disagree: nothing is published until somebody has looked."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """The counted ballots of a round, as they were found at one moment."""

    root: bytes
    #: How many ballots carry each set of choices.
    profile: Profile
    #: How many ballots do not count.
    voided: int
    lists: Lists
    #: SHA-256 of each list in hexadecimal, "ballots" and "receipts"; the first of them salted
    #: where it is withheld.
    hashes: dict[str, str]


def seal(round_: Round) -> Sealed:
    """Return the counted ballots of a round, hashed and added up on two ways that share no code.

    Reads in the transaction that is under way and changes nothing. Raises `CountsDiffer`.
    """
    profile, voided = _added_up(round_.id)
    lists = _published_as(round_, sum(profile.values()))
    read: Counter[bytes] = Counter()
    if lists is Lists.TOGETHER:
        root = _hash(_TOGETHER, round_.id, choices=read, skip=BEFORE_CHOICES)
        sealed = Sealed(root, profile, voided, lists, {"ballots": root.hex()})
    else:
        before = _salt(round_) if lists is Lists.WITHHELD else b""
        receipts = _hash(_RECEIPTS, round_.id).hex()
        ballots = _hash(_CHOICES, round_.id, before=before, choices=read).hex()
        root = hashlib.sha256(f"{receipts}\n{ballots}\n".encode()).digest()
        sealed = Sealed(root, profile, voided, lists, {"receipts": receipts, "ballots": ballots})
    if profile != {tuple(map(int, key.split())): n for key, n in read.items()}:
        raise CountsDiffer("the canonical list and the database's own sums")
    voted = db.session.scalar(
        select(func.count()).select_from(Participation).where(Participation.round_id == round_.id)
    )
    if voted != sum(profile.values()) + voided:
        raise CountsDiffer("people who voted and ballots")
    return sealed


def added_up(round_id: int) -> Profile:
    """Return how many counted ballots carry each set of choices, as the database sums them."""
    return _added_up(round_id)[0]


def _added_up(round_id: int) -> tuple[Profile, int]:
    """The counted ballots by their choices, and how many do not count; one scan for both."""
    counted = Ballot.void_reason.is_(None)
    rows = db.session.execute(
        select(Ballot.choices, counted, func.count())
        .where(Ballot.round_id == round_id)
        .group_by(Ballot.choices, counted)
        .order_by(Ballot.choices)
    ).all()
    profile = {tuple(choices): count for choices, counts, count in rows if counts}
    return profile, sum(count for _choices, counts, count in rows if not counts)


def pages(round_id: int, lists: Lists) -> Iterator[str]:
    """Yield the list that has receipts, with choices or without, piece by piece.

    Between two pieces no transaction is open: a reader's slow line must not hold the database.
    """
    after = ""
    while True:
        rows = db.session.execute(
            select(Ballot.receipt, Ballot.choices)
            .where(
                Ballot.round_id == round_id,
                Ballot.void_reason.is_(None),
                Ballot.receipt > after,
            )
            .order_by(Ballot.receipt)
            .limit(PAGE)
        ).all()
        db.session.rollback()
        if not rows:
            return
        if lists is Lists.TOGETHER:
            yield "".join(f"{code},{' '.join(map(str, choices))}\n" for code, choices in rows)
        else:
            yield "".join(f"{code}\n" for code, _ in rows)
        after = rows[-1].receipt


def choices_only(profile: Profile) -> Iterator[str]:
    """Yield the list of choices without receipts, of a profile in the order of its choices."""
    for choices, count in profile.items():
        line = f"{' '.join(map(str, choices))}\n"
        for done in range(0, count, PAGE):
            yield line * min(PAGE, count - done)


def _published_as(round_: Round, ballots: int) -> Lists:
    if ballots < round_.export_from:
        return Lists.WITHHELD
    return Lists.APART if round_.receipts == Receipts.INCLUSION_ONLY else Lists.TOGETHER


def _salt(round_: Round) -> bytes:
    """A secret that can be told to an auditor, and of which no table knows."""
    return keyed_hash(f"{round_.slug}", "withheld-ballots")


def _hash(
    copy: str,
    round_id: int,
    *,
    before: bytes = b"",
    choices: Counter[bytes] | None = None,
    skip: int = 0,
) -> bytes:
    """Read a list to its end and return its SHA-256, with `before` ahead of it.

    Adds to `choices` how often each stands on a line, where it begins after `skip` characters.
    """
    digest = hashlib.sha256(before)
    of_line = itemgetter(slice(skip, -1))
    lines = _streamed(copy.replace("%s", str(int(round_id))))
    while page := list(islice(lines, PAGE)):
        digest.update(b"".join(page))
        if choices is not None:
            choices.update(map(of_line, page))
    return digest.digest()


def _streamed(copy: str) -> Iterator[bytes]:
    """Yield the lines that COPY sends, which may be more than the memory of the worker holds.

    Below psycopg's own loop, which takes longer for each line than the database does. Raises
    `OperationalError` when the database breaks off.
    """
    link = db.session.connection().connection.driver_connection
    assert isinstance(link, Connection)
    wire = link.pgconn
    started = wire.exec_(copy.encode())
    if started.status != ExecStatus.COPY_OUT:
        raise OperationalError(started.error_message.decode(errors="replace"))
    size, line = wire.get_copy_data(0)
    while size > 0:
        yield bytes(line)
        size, line = wire.get_copy_data(0)
    while ended := wire.get_result():
        if ended.status != ExecStatus.COMMAND_OK:
            raise OperationalError(ended.error_message.decode(errors="replace"))
