"""Whose a line may be: suggestions for a person to judge, each with its reasons."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import permutations

from sqlalchemy import func, select, tuple_

from app.accounts.models import Account
from app.bank.models import StatementLine
from app.extensions import db
from app.giving.books import references
from app.giving.models import Donation


class Reason(StrEnum):
    """Why somebody may be the giver, the surest first."""

    REFERENCE = "reference"
    ACCOUNT = "account"
    EMAIL = "email"
    NAME = "name"
    AMOUNT = "amount"


class Strength(StrEnum):
    """How sure a suggestion is."""

    STRONG = "strong"
    LIKELY = "likely"
    WEAK = "weak"


#: What a reason weighs when one person has it; shared by several, it weighs half.
WEIGHTS = {
    Reason.REFERENCE: 100,
    Reason.ACCOUNT: 80,
    Reason.EMAIL: 70,
    Reason.NAME: 50,
    Reason.AMOUNT: 10,
}
STRONG_FROM, LIKELY_FROM = 70, 40
#: More people than these are no suggestion.
MOST = 4
#: An amount that more people gave says nothing.
MOST_OF_AMOUNT = 3
#: Gifts before that say nothing about who gives the same today.
EARLIER = timedelta(days=400)

#: What banks and people write around a name.
NOT_A_NAME = frozenset(
    ["від", "from", "von", "od", "mr", "mrs", "ms", "dr", "herr", "frau", "pan", "pani", "фоп"]
)
ADDRESS = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{2,63})+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One person who may have given, and why."""

    account: Account
    reasons: tuple[Reason, ...]
    strength: Strength
    score: int


@dataclass(slots=True)
class _Found:
    """The accounts a reason names for each line."""

    by_line: dict[int, dict[Reason, set[int]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )

    def add(self, line: StatementLine, reason: Reason, accounts: Iterable[int]) -> None:
        self.by_line[line.id][reason].update(accounts)


def suggest(lines: Sequence[StatementLine]) -> dict[int, list[Suggestion]]:
    """Return for each line's id who may have given, the surest first; none for most strangers.

    Some five questions to the database, however many lines.
    """
    found = _Found()
    for line in lines:
        found.add(line, Reason.REFERENCE, references.within(f"{line.text} {line.bank_reference}"))
    _by_account(lines, found)
    _by_email(lines, found)
    _by_name(lines, found)
    _by_amount(lines, found)
    people = _people(
        {key for one in found.by_line.values() for keys in one.values() for key in keys}
    )
    return {line.id: _ranked(found.by_line[line.id], people) for line in lines}


def _ranked(found: dict[Reason, set[int]], people: dict[int, Account]) -> list[Suggestion]:
    reasons: dict[int, list[Reason]] = defaultdict(list)
    scores: dict[int, int] = defaultdict(int)
    for reason in Reason:
        meant = {people[key].id for key in found.get(reason, ()) if key in people}
        for key in meant:
            reasons[key].append(reason)
            scores[key] += WEIGHTS[reason] if len(meant) == 1 else WEIGHTS[reason] // 2
    by_id = {account.id: account for account in people.values()}
    ranked = sorted(scores, key=lambda key: (-scores[key], key))[:MOST]
    return [
        Suggestion(by_id[key], tuple(reasons[key]), _strength(scores[key]), scores[key])
        for key in ranked
    ]


def _strength(score: int) -> Strength:
    if score >= STRONG_FROM:
        return Strength.STRONG
    return Strength.LIKELY if score >= LIKELY_FROM else Strength.WEAK


def _people(keys: set[int]) -> dict[int, Account]:
    """Return accounts by their ids; one merged into another stands for that other."""
    accounts = _by_id(keys)
    merged = {one.merged_into_id for one in accounts.values() if one.merged_into_id is not None}
    into = _by_id(merged)
    return {
        key: account if account.merged_into_id is None else into[account.merged_into_id]
        for key, account in accounts.items()
    }


def _by_id(keys: set[int]) -> dict[int, Account]:
    rows = db.session.scalars(select(Account).where(Account.id.in_(keys)))
    return {account.id: account for account in rows}


def _by_account(lines: Sequence[StatementLine], found: _Found) -> None:
    """Whoever lines from the same bank account were booked to before."""
    hashes = {line.payer_account_hash for line in lines if line.payer_account_hash}
    rows = db.session.execute(
        select(StatementLine.payer_account_hash, Donation.account_id)
        .join(Donation, Donation.id == StatementLine.donation_id)
        .where(StatementLine.payer_account_hash.in_(hashes))
        .distinct()
    )
    seen: dict[bytes | None, set[int]] = defaultdict(set)
    for account_hash, account_id in rows:
        seen[account_hash].add(account_id)
    for line in lines:
        if line.payer_account_hash:
            found.add(line, Reason.ACCOUNT, seen[line.payer_account_hash])


def _by_email(lines: Sequence[StatementLine], found: _Found) -> None:
    typed = {line.id: _addresses(line) for line in lines}
    every = {address for addresses in typed.values() for address in addresses}
    rows = db.session.execute(
        select(func.lower(Account.email), Account.id).where(func.lower(Account.email).in_(every))
    )
    owners = {email: account_id for email, account_id in rows}  # noqa: C416 - rows are no tuples
    for line in lines:
        found.add(line, Reason.EMAIL, {owners[one] for one in typed[line.id] if one in owners})


def _addresses(line: StatementLine) -> set[str]:
    return {one.lower() for one in ADDRESS.findall(f"{line.payer} {line.text}")}


def _by_name(lines: Sequence[StatementLine], found: _Found) -> None:
    written = {line.id: names(line.payer) for line in lines}
    every = {name for variants in written.values() for name in variants}
    rows = db.session.execute(
        select(func.lower(Account.name), Account.id).where(func.lower(Account.name).in_(every))
    )
    called: dict[str, set[int]] = defaultdict(set)
    for name, account_id in rows:
        called[name].add(account_id)
    for line in lines:
        for name in written[line.id]:
            found.add(line, Reason.NAME, called.get(name, ()))


def names(payer: str) -> set[str]:
    """Return how a payer may be called here, in small letters.

    Banks write the surname first, add the patronymic, and put a title or an address around it.
    """
    plain = unicodedata.normalize("NFC", payer).lower()
    words = [word.strip(".,;:()") for word in plain.split()]
    words = [word for word in words if len(word) > 1 and word not in NOT_A_NAME][:4]
    variants = {" ".join(pair) for pair in permutations(words, 2)}
    if len(words) >= 3:
        variants |= {" ".join(three) for three in permutations(words, 3)}
    return variants


def _by_amount(lines: Sequence[StatementLine], found: _Found) -> None:
    """Whoever gave the same amount by bank before, where few did."""
    if not lines:
        return
    asked = {(line.amount_minor, line.currency) for line in lines}
    oldest = min(line.booked_on for line in lines) - EARLIER
    rows = db.session.execute(
        select(Donation.amount_minor, Donation.currency, Donation.account_id)
        .where(
            Donation.source == "bank",
            tuple_(Donation.amount_minor, Donation.currency).in_(asked),
            Donation.received_at >= oldest,
        )
        .distinct()
    )
    gave: dict[tuple[int, str], set[int]] = defaultdict(set)
    for minor, currency, account_id in rows:
        gave[minor, currency].add(account_id)
    for line in lines:
        givers = gave[line.amount_minor, line.currency]
        others = {one for each in found.by_line[line.id].values() for one in each}
        few = givers if len(givers) <= MOST_OF_AMOUNT else givers & others
        found.add(line, Reason.AMOUNT, few)
