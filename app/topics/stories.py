"""Stories already published, as staff enter them."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.accounts import audit
from app.extensions import db
from app.topics import trigrams
from app.topics.models import Story

#: A page shows so many, the newest first.
MOST = 200


def enter(title: str, url: str, published_on: date, *, by: int | None, now: datetime) -> int:
    """Enter a story, or correct the one at this address; returns its id. The caller commits."""
    values = {
        "title": title,
        "published_on": published_on,
        "trigrams": trigrams.of(title),
        "entered_by_id": by,
        "entered_at": now,
    }
    story_id = db.session.scalar(
        insert(Story)
        .values(url=url, **values)
        .on_conflict_do_update(index_elements=[Story.url], set_=values)
        .returning(Story.id)
    )
    assert story_id is not None, "inserted or updated"
    return story_id


def enter_by_hand(title: str, url: str, published_on: date, *, by: int, now: datetime) -> None:
    """Enter a story as a member of staff; commits."""
    story_id = enter(title, url, published_on, by=by, now=now)
    audit.note(by, "story_entered", "story", story_id, now=now, url=url)
    db.session.commit()


def remove(story_id: int, *, by: int, now: datetime) -> None:
    """Take a story off the list; commits. One that is gone already stays gone."""
    story = db.session.get(Story, story_id, with_for_update=True)
    if story is None:
        return
    audit.note(by, "story_removed", "story", story_id, now=now, url=story.url)
    db.session.delete(story)
    db.session.commit()


def newest() -> Sequence[Story]:
    """Return the stories, the newest first."""
    return db.session.scalars(
        select(Story).order_by(Story.published_on.desc(), Story.id.desc()).limit(MOST)
    ).all()
