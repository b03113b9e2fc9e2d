"""Who agreed to which letters: a log that is added to, of which the newest entry holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.orm import InstrumentedAttribute

from app.extensions import db
from app.letters import categories
from app.letters.categories import CONSENTED, Category
from app.letters.models import Consent


class Act(StrEnum):
    """What an entry says."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    #: Goes on getting what was sent before consent was asked for.
    CARRIED = "carried"


class How(StrEnum):
    """Where somebody said so."""

    FORM = "form"
    PAGE = "page"
    LETTER = "letter"
    STAFF = "staff"
    MERGE = "merge"
    IMPORT = "import"


#: What names an account in a statement.
Column = ColumnElement[Any] | InstrumentedAttribute[Any]
#: An entry of these lets letters go out.
LETS = (Act.GIVEN.value, Act.CARRIED.value)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said of a category: where, when, beside which words, in which language."""

    act: Act
    how: How
    at: datetime
    locale: str
    wording: str = ""


def agreed(category: Category, account_id: Column) -> ColumnElement[bool]:
    """Tell in SQL whether the account of a column gets letters of a category."""
    newest = (
        select(Consent.act)
        .where(Consent.account_id == account_id, Consent.category == category.value)
        .order_by(Consent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return newest.in_(LETS)


def may_get(kind: str, account_id: Column) -> ColumnElement[bool]:
    """Tell in SQL whether an account may get a kind of letter. Raises `KeyError`."""
    category = categories.to_agree_to(kind)
    return literal(True) if category is None else agreed(category, account_id)


def among(kind: str, account_ids: Iterable[int]) -> set[int]:
    """Return who of some accounts may get a kind of letter, in one statement."""
    ids = set(account_ids)
    if categories.to_agree_to(kind) is None or not ids:
        return ids
    asked = func.unnest(cast(list(ids), ARRAY(BigInteger))).column_valued("asked")
    return set(db.session.scalars(select(asked).where(may_get(kind, asked))))


def lets(kind: str, account_id: int) -> bool:
    """Whether an account may get a kind of letter now."""
    return bool(among(kind, [account_id]))


def newest(account_id: int) -> dict[Category, Consent]:
    """Return what holds for an account, for each category it ever said anything of."""
    rows = db.session.scalars(
        select(Consent)
        .where(Consent.account_id == account_id)
        .ext(distinct_on(Consent.category))
        .order_by(Consent.category, Consent.id.desc())
    )
    return {Category(row.category): row for row in rows}


def wanted(account_id: int) -> list[Category]:
    """Return the categories of letters that an account gets, in their order."""
    found = newest(account_id)
    return [each for each in CONSENTED if each in found and found[each].act in LETS]


def enter(account_id: int, category: Category, said: Said, *, now: datetime) -> bool:
    """Enter what a person said, unless that holds already; tell whether it was entered.

    Somebody who is carried on and agrees is entered: from then on it is their own word. The caller
    commits. The account is held until then, so that two entries of one category have an order.
    """
    if category not in CONSENTED:
        raise ValueError(f"{category} needs no consent")
    _hold(account_id)
    held = newest(account_id).get(category)
    if said.act is Act.WITHDRAWN and (held is None or held.act not in LETS):
        return False
    if said.act is not Act.WITHDRAWN and held is not None and held.act in (said.act, Act.GIVEN):
        return False
    db.session.add(_row(account_id, category, said, now))
    db.session.flush()
    return True


def take_back(account_id: int, category: Category, *, now: datetime) -> bool:
    """Let hold again what a letter's link has ended; tell whether there was something.

    In the words that were agreed to then: nobody reads new ones beside this button. What was ended
    in another way stays so. The caller commits.
    """
    _hold(account_id)
    said = [one for one in history(account_id) if one.category == category][:2]
    if len(said) < 2 or said[1].act not in LETS:
        return False
    ended, before = said
    if ended.act != Act.WITHDRAWN or ended.how != How.LETTER:
        return False
    again = Said(Act(before.act), How.LETTER, now, before.locale, before.wording)
    db.session.add(_row(account_id, category, again, now))
    db.session.flush()
    return True


def join(kept_id: int, merged_id: int, *, now: datetime) -> None:
    """Let what two accounts of one person said hold for the one that is kept; the later word wins.

    The caller commits.
    """
    kept = newest(kept_id)
    for category, theirs in newest(merged_id).items():
        own = kept.get(category)
        if own is None or own.at < theirs.at:
            said = Said(Act(theirs.act), How.MERGE, theirs.at, theirs.locale, theirs.wording)
            db.session.add(_row(kept_id, category, said, now))
    db.session.flush()


def history(account_id: int) -> Sequence[Consent]:
    """Return everything an account said, the newest first."""
    return db.session.scalars(
        select(Consent).where(Consent.account_id == account_id).order_by(Consent.id.desc())
    ).all()


def _row(account_id: int, category: Category, said: Said, now: datetime) -> Consent:
    return Consent(
        account_id=account_id,
        category=category.value,
        act=said.act.value,
        wording=said.wording,
        locale=said.locale,
        how=said.how.value,
        at=said.at,
        entered_at=now,
    )


def _hold(account_id: int) -> None:
    # By the table's name: accounts stand to the right of letters.
    account = Consent.metadata.tables["account"]
    db.session.execute(
        select(account.c.id).where(account.c.id == account_id).with_for_update(key_share=True)
    ).all()
