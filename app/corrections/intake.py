"""What readers send: put to the group of its passage, or the first of a new one."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts import accounts
from app.corrections import passages
from app.corrections.articles import Article
from app.corrections.models import Correction, CorrectionGroup
from app.corrections.passages import Likeness, Passage
from app.corrections.rules import OPEN, Source, State
from app.extensions import db

#: An article has no more passages than this that anybody compares with, the newest first.
MOST_COMPARED = 300


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reader typed and highlighted, checked."""

    article: Article
    #: The article's title as its page says; empty where nobody said.
    title: str
    passage: Passage
    comment: str
    #: Empty where none was left.
    email: str
    locale: str
    source: Source


def receive(draft: Draft, *, request_key: uuid.UUID, now: datetime) -> Correction:
    """Enter what a reader sent, in the group of its passage; commits.

    The same form sent twice is one row. Readers of one article are taken one after the other, so
    that two who saw the same at the same moment are one group.
    """
    _wait_for_turn(draft.article.key)
    # Before the group, for a merge of accounts holds the account first as well.
    account = (
        accounts.find_or_make(draft.email, name="", locale=draft.locale, listed=False)
        if draft.email
        else None
    )
    sent = _sent(request_key)
    if sent is not None:
        db.session.rollback()
        return sent
    group = _group_of(draft, now)
    entered = db.session.scalar(
        insert(Correction)
        .values(
            request_key=request_key,
            group_id=group.id,
            passage=draft.passage.exact,
            prefix=draft.passage.prefix,
            suffix=draft.passage.suffix,
            comment=draft.comment,
            locale=draft.locale,
            source=draft.source,
            account_id=account.id if account else None,
            with_address=account is not None,
            sent_at=now,
        )
        .on_conflict_do_nothing()
        .returning(Correction)
    )
    if entered is None:
        # The same form about another article at the same moment: no browser sends that.
        db.session.rollback()
        return db.session.scalars(
            select(Correction).where(Correction.request_key == request_key)
        ).one()
    db.session.commit()
    return entered


def _wait_for_turn(article: str) -> None:
    name = func.hashtextextended(f"corrections of {article}", 0)
    db.session.execute(select(func.pg_advisory_xact_lock(name)))


def _sent(request_key: uuid.UUID) -> Correction | None:
    return db.session.scalar(select(Correction).where(Correction.request_key == request_key))


def _group_of(draft: Draft, now: datetime) -> CorrectionGroup:
    known = _alike(draft)
    if known is None:
        made = group_from(draft, now)
        db.session.add(made)
        db.session.flush()
        return made
    group = _held(known.joined_into_id or known.id)
    while group.joined_into_id is not None:
        # Staff have joined it with another meanwhile.
        group = _held(group.joined_into_id)
    group.last_at = max(group.last_at, now)
    group.title = group.title or draft.title
    if group.state not in OPEN:
        # Perhaps another mistake in the same passage, or a page kept by a cache: staff look.
        group.again_at = now
    return group


def _held(group_id: int) -> CorrectionGroup:
    return db.session.get_one(
        CorrectionGroup, group_id, with_for_update=True, populate_existing=True
    )


def group_from(draft: Draft, now: datetime) -> CorrectionGroup:
    """Return the group that a reader's letter is the first of; not yet in the session."""
    return CorrectionGroup(
        article=draft.article.key,
        url=draft.article.url,
        title=draft.title,
        passage=draft.passage.exact,
        prefix=draft.passage.prefix,
        suffix=draft.passage.suffix,
        locale=draft.locale,
        state=State.NEW,
        first_at=now,
        last_at=now,
    )


def _alike(draft: Draft) -> CorrectionGroup | None:
    """Return the group whose passage it is, the most alike; one that was joined stands for its own.

    What staff called spam draws nothing in: the next who writes about it may be a reader.
    """
    best: tuple[Likeness, CorrectionGroup] | None = None
    for group in of_article(draft.article.key):
        found = passages.likeness(_passage(group), draft.passage)
        if found and (best is None or found >= best[0]):
            best = (found, group)
    return best[1] if best else None


def of_article(article: str, *, joined: bool = True) -> Sequence[CorrectionGroup]:
    """Return the groups of an article that readers may have meant, the newest first."""
    asked = (
        select(CorrectionGroup)
        .where(CorrectionGroup.article == article, CorrectionGroup.state != State.SPAM)
        .order_by(CorrectionGroup.id.desc())
        .limit(MOST_COMPARED)
    )
    if not joined:
        asked = asked.where(CorrectionGroup.joined_into_id.is_(None))
    return db.session.scalars(asked).all()


def _passage(group: CorrectionGroup) -> Passage:
    return Passage(group.passage, group.prefix, group.suffix)


def waiting() -> int:
    """Return how many groups nobody has looked at, those that came again among them."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(CorrectionGroup)
            .where(
                CorrectionGroup.joined_into_id.is_(None),
                or_(
                    CorrectionGroup.state == State.NEW,
                    CorrectionGroup.again_at.is_not(None),
                ),
            )
        )
        or 0
    )
