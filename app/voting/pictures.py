"""Pictures of topics: kept as they came, told apart by their first bytes, shown by our own page."""

from datetime import datetime

from sqlalchemy import select

from app.accounts import approvals, audit
from app.extensions import db
from app.voting.models import Round, RoundStatus, RoundTopic
from app.voting.plans import TopicPicture
from app.voting.rounds import OPENING, Awaited, NotADraft, locked

#: One million bytes: a photograph for a card on a page is far smaller.
LARGEST = 1_000_000


class NotAPicture(ValueError):
    """The file is no PNG, JPEG or WebP, whatever its name says."""


class TooLarge(ValueError):
    """The file is larger than a picture may be."""


def kind(body: bytes) -> str:
    """Return the content type that a picture's first bytes say. Raises `NotAPicture`."""
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    raise NotAPicture


def put(round_id: int, number: int, body: bytes, alt: str, *, by: int, now: datetime) -> None:
    """Give a topic of a draft a picture; commits.

    From then on the monthly template leaves the draft's topics as they are. Raises `UnknownRound`,
    `NotADraft`, `Awaited`, `NotAPicture`, `TooLarge`, and `LookupError` for a topic that is not
    there.
    """
    if len(body) > LARGEST:
        raise TooLarge(len(body))
    content_type = kind(body)
    topic = _topic(round_id, number, now)
    picture = TopicPicture(content_type=content_type, body=body, created_at=now)
    db.session.add(picture)
    db.session.flush()
    topic.picture_id, topic.picture_alt = picture.id, alt
    audit.note(by, "topic_picture_set", "round", round_id, now=now, topic=number)
    db.session.commit()


def take_off(round_id: int, number: int, *, by: int, now: datetime) -> None:
    """Take the picture off a topic of a draft; commits. Raises as `put` does."""
    topic = _topic(round_id, number, now)
    topic.picture_id, topic.picture_alt = None, ""
    audit.note(by, "topic_picture_removed", "round", round_id, now=now, topic=number)
    db.session.commit()


def _topic(round_id: int, number: int, now: datetime) -> RoundTopic:
    round_ = locked(round_id)
    if round_.status != RoundStatus.DRAFT:
        db.session.rollback()
        raise NotADraft(round_.title)
    if approvals.awaited(OPENING, round_id):
        db.session.rollback()
        raise Awaited(round_.title)
    round_.edited_at = round_.edited_at or now
    found = db.session.get(RoundTopic, (round_id, number))
    if found is None:
        db.session.rollback()
        raise LookupError(number)
    return found


def find(picture_id: int, *, drafts: bool) -> TopicPicture | None:
    """Return a picture that a round shows; one of a draft only where `drafts` asks for it."""
    shown = (
        select(TopicPicture)
        .join(RoundTopic, RoundTopic.picture_id == TopicPicture.id)
        .join(Round, Round.id == RoundTopic.round_id)
        .where(TopicPicture.id == picture_id)
        .limit(1)
    )
    return db.session.scalars(
        shown if drafts else shown.where(Round.status != RoundStatus.DRAFT)
    ).first()
