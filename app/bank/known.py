"""Which lines of a statement are here already, whichever file or format they came in."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from sqlalchemy import func, select

from app.bank.models import StatementLine
from app.bank.statement import Entry, content, identity, numbered, placed
from app.extensions import db
from app.sealing import keyed_hash

#: What the hashes of lines and of accounts are for.
LINE, ACCOUNT = "bank line", "payer account"
#: Hashes asked for in one statement.
CHUNK = 2000


def marked(entries: Sequence[Entry]) -> list[tuple[Entry, bool, str]]:
    """Return each line, whether it is here already, and its key.

    A line is known by its key: its bank's reference, or what it says, counted within the file. In
    another format the same line may have no reference; then what it says is compared, and each line
    here stands for one line of the file at most.
    """
    lines = [
        (entry, key, keyed_hash(key, LINE), keyed_hash(content(entry), LINE))
        for entry, key in numbered(entries)
    ]
    here = _fingerprints(fingerprint for _, _, fingerprint, _ in lines)
    counts = _counts({said: content(entry) for entry, *_, said in lines})
    for entry, _, fingerprint, said in lines:
        # What the file names by its key is spoken for, and stands for no other line of it.
        if fingerprint in here:
            counts[said, bool(identity(entry))] -= 1
    return [
        (entry, fingerprint in here or _claim(counts, said, bool(identity(entry))), key)
        for entry, key, fingerprint, said in lines
    ]


def _claim(counts: Counter[tuple[bytes, bool]], said: bytes, has_reference: bool) -> bool:
    """Take one line that says the same and has no contrary reference, if there is one left."""
    # Two lines with two references are two payments, whatever they say.
    for with_reference in (False,) if has_reference else (False, True):
        if counts[said, with_reference] > 0:
            counts[said, with_reference] -= 1
            return True
    return False


def _fingerprints(prints: Iterable[bytes]) -> set[bytes]:
    found: set[bytes] = set()
    for chunk in _chunks(prints):
        found.update(
            db.session.scalars(
                select(StatementLine.fingerprint).where(StatementLine.fingerprint.in_(chunk))
            )
        )
    return found


def _counts(contents: Mapping[bytes, str]) -> Counter[tuple[bytes, bool]]:
    """How many lines here say the same, apart by whether they have a bank's reference."""
    with_reference = StatementLine.bank_reference != ""
    forgotten = (StatementLine.payer + StatementLine.text + StatementLine.bank_reference) == ""
    found: Counter[tuple[bytes, bool]] = Counter()
    unsure = set()
    for chunk in _chunks(contents):
        rows = db.session.execute(
            select(
                StatementLine.content_hash, with_reference, func.count(), func.bool_or(forgotten)
            )
            .where(StatementLine.content_hash.in_(chunk))
            .group_by(StatementLine.content_hash, with_reference)
        )
        for said, referenced, count, emptied in rows:
            found[said, bool(referenced)] = count
            unsure |= {said} if emptied else set()
    _put_back(found, {said: contents[said] for said in unsure})
    return found


def _put_back(found: Counter[tuple[bytes, bool]], contents: Mapping[bytes, str]) -> None:
    """Count lines whose reference was forgotten since among those that have one.

    Only a line without one is known by what it says, whatever was forgotten of it.
    """
    marks = {
        keyed_hash(placed(text, place), LINE): said
        for said, text in contents.items()
        for place in range(1, found[said, False] + found[said, True] + 1)
    }
    without = Counter(marks[one] for one in _fingerprints(marks))
    for said in contents:
        found[said, True] += found[said, False] - without[said]
        found[said, False] = without[said]


def _chunks(hashes: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(hashes)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def account_hash(account: str) -> bytes | None:
    """Return what is kept of a payer's account number to know it again; none for no number."""
    return keyed_hash(account, ACCOUNT) if account else None
