"""Answers to readers who left an address: one letter each, in the language they wrote from."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from app.accounts import audit
from app.accounts.models import Account
from app.corrections import groups
from app.corrections.groups import Moved
from app.corrections.models import Correction, CorrectionAnswer
from app.corrections.rules import ANSWERED
from app.extensions import db
from app.letters import letters

#: The kind of letter that answers, by the answer's and the reader's id.
LETTER = "correction_answer"

#: One person, whichever of two joined accounts the address made.
_person = func.coalesce(Account.merged_into_id, Account.id)


class NobodyWaits(ValueError):
    """Nobody left an address who has not been answered."""


class TextMissing(ValueError):
    """A reader reads another language than those the answer is written in."""


def waiting(group_id: int) -> Sequence[str]:
    """Return the language of each reader of a group who left an address and has no answer yet."""
    return [locale for _, locale in db.session.execute(_waiting(group_id))]


def _waiting(group_id: int) -> Select[int, str]:
    """Each person once, in the language of what they wrote last; nobody a second time."""
    told = (
        select(_person)
        .join(Correction, Correction.account_id == Account.id)
        .where(Correction.group_id == group_id, Correction.answer_id.is_not(None))
    )
    return (
        select(_person, Correction.locale)
        .ext(distinct_on(_person))
        .join(Correction, Correction.account_id == Account.id)
        .where(
            Correction.group_id == group_id,
            Correction.answer_id.is_(None),
            _person.not_in(told),
        )
        .order_by(_person, Correction.id.desc())
    )


def write(group_id: int, texts: Mapping[str, str], *, seen: str, by: int, now: datetime) -> int:
    """Owe each reader of a settled group who waits for it one letter; commits. Returns how many.

    `texts` are the answer by language. Raises `UnknownGroup`, `Moved`, `NobodyWaits`,
    `TextMissing`.
    """
    group = groups.locked(group_id, seen=seen)
    if group.state not in ANSWERED:
        db.session.rollback()
        raise Moved(group_id)
    readers = db.session.execute(_waiting(group_id)).all()
    if not readers or not all(texts.get(locale) for _, locale in readers):
        db.session.rollback()
        raise TextMissing(group_id) if readers else NobodyWaits(group_id)
    spoken = {locale for _, locale in readers}
    answer = CorrectionAnswer(
        group_id=group_id,
        state=group.state,
        texts={locale: texts[locale] for locale in sorted(spoken)},
        by_account_id=by,
        written_at=now,
    )
    db.session.add(answer)
    db.session.flush()
    db.session.execute(
        update(Correction)
        .where(
            Correction.group_id == group_id,
            Correction.account_id.is_not(None),
            Correction.answer_id.is_(None),
        )
        .values(answer_id=answer.id)
        .execution_options(synchronize_session=False)
    )
    letters.owe_each(LETTER, [(f"{answer.id}:{one}", one) for one, _ in readers], now=now)
    audit.note(by, "correction_answered", "correction", group_id, now=now, count=len(readers))
    db.session.commit()
    return len(readers)


def of(group_id: int) -> Sequence[CorrectionAnswer]:
    """Return the answers that were sent to readers of a group, the newest first."""
    return db.session.scalars(
        select(CorrectionAnswer)
        .where(CorrectionAnswer.group_id == group_id)
        .order_by(CorrectionAnswer.id.desc())
    ).all()
