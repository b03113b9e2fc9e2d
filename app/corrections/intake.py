"""What readers send: put to the group of its passage, or the first of a new one."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import Select, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts import accounts
from app.corrections.articles import Article
from app.corrections.models import Correction, CorrectionGroup
from app.corrections.nearest import Clock, Search, worked
from app.corrections.passages import Passage
from app.corrections.rules import OPEN, Source, State
from app.extensions import db

#: An article has no more passages than this that anybody compares with, the newest first.
MOST_COMPARED = 300
#: For so many seconds a passage is compared with those there are, and with those that came in the
#: meantime, while other readers of the article wait. What is not found by then is a group of its
#: own, which staff can join with another.
SECONDS, SECONDS_HELD = 0.5, 0.1

Columns = TypeVarTuple("Columns")


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


def receive(
    draft: Draft, *, request_key: uuid.UUID, now: datetime, clock: Clock = worked
) -> Correction:
    """Enter what a reader sent, in the group of its passage; commits.

    The same form sent twice is one row; about another passage it is another letter. Readers of one
    article are taken one after the other, so that two who saw the same at the same moment are one
    group; passages are compared before that, with no transaction open, and only with those of the
    meantime while others wait.
    """
    request_key = _key(request_key, draft)
    sent = _sent(request_key)
    if sent is not None:
        db.session.rollback()
        return sent
    search = Search(draft.passage, clock=clock)
    known = _passages(_standing(draft.article.key))
    db.session.commit()
    search.look(known, seconds=SECONDS)
    wait_for_turn(draft.article.key)
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
    group = _group_of(draft, search, now)
    entered = db.session.scalars(
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
        .returning(Correction)
    ).one()
    db.session.commit()
    return entered


def _key(form: uuid.UUID, draft: Draft) -> uuid.UUID:
    """Return what a letter is entered under: its form and the passage it is about.

    After an answer that was lost a page still has the key of that form, and a reader who goes back
    to ours has the form itself; either may be about something else by then.
    """
    one = draft.passage
    return uuid.uuid5(form, "\n".join((draft.article.key, one.exact, one.prefix, one.suffix)))


def wait_for_turn(article: str) -> None:
    """Hold the groups of an article against readers' letters and joins, until the commit."""
    name = func.hashtextextended(f"corrections of {article}", 0)
    db.session.execute(select(func.pg_advisory_xact_lock(name)))


def _sent(request_key: uuid.UUID) -> Correction | None:
    return db.session.scalar(select(Correction).where(Correction.request_key == request_key))


def _group_of(draft: Draft, search: Search, now: datetime) -> CorrectionGroup:
    """Hold the group that a draft belongs to, and note that it came; the caller commits."""
    standing = _standing(draft.article.key)
    search.look(_passages(search.unseen(standing)), seconds=SECONDS_HELD)
    group = _nearest(standing, search)
    if group is None:
        made = group_from(draft, now)
        db.session.add(made)
        db.session.flush()
        return made
    group.last_at = max(group.last_at, now)
    group.title = group.title or draft.title
    if group.state not in OPEN:
        # Perhaps another mistake in the same passage, or a page kept by a cache: staff look.
        group.again_at = now
    return group


def _nearest(standing: Mapping[int, int | None], search: Search) -> CorrectionGroup | None:
    """Hold the group that is most alike, or the one it goes on in; None where none is."""
    left = dict(standing)
    while (known := search.best(left)) is not None:
        group = _held(left.pop(known) or known)
        while group.joined_into_id is not None:
            # Staff have joined it with another meanwhile.
            group = _held(group.joined_into_id)
        # Staff may have called it spam meanwhile, or what it was joined with.
        if group.state != State.SPAM:
            return group
    return None


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


def _standing(article: str) -> dict[int, int | None]:
    """Return the groups of an article that it may belong to, each with the one it was joined with.

    The newest first. What staff called spam draws nothing in: the next who writes about it may be a
    reader.
    """
    asked = _of_article(select(CorrectionGroup.id, CorrectionGroup.joined_into_id), article)
    return {row.id: row.joined_into_id for row in db.session.execute(asked)}


def _passages(ids: Iterable[int]) -> dict[int, Passage]:
    """Return what groups are about, the newest first."""
    asked = (
        select(
            CorrectionGroup.id,
            CorrectionGroup.passage,
            CorrectionGroup.prefix,
            CorrectionGroup.suffix,
        )
        .where(CorrectionGroup.id.in_(list(ids)))
        .order_by(CorrectionGroup.id.desc())
    )
    return {key: Passage(*told) for key, *told in db.session.execute(asked)}


def joinable(article: str) -> Sequence[CorrectionGroup]:
    """Return the groups of an article that stand for themselves, the newest first."""
    asked = _of_article(select(CorrectionGroup), article)
    return db.session.scalars(asked.where(CorrectionGroup.joined_into_id.is_(None))).all()


def _of_article(asked: Select[*Columns], article: str) -> Select[*Columns]:
    return (
        asked.where(CorrectionGroup.article == article, CorrectionGroup.state != State.SPAM)
        .order_by(CorrectionGroup.id.desc())
        .limit(MOST_COMPARED)
    )


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
