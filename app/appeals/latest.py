"""The newest result of a vote, for the newsroom's own pages."""

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.voting.models import Publication, Round, RoundStatus, Tally
from app.voting.tally import from_json


@dataclass(frozen=True, slots=True)
class Latest:
    """A published round: its question, its address and the titles of what won."""

    title: str
    slug: str
    winners: list[str]


def result() -> Latest | None:
    """Return the round whose result was published last, in one statement."""
    row = (
        db.session.execute(
            select(Round, Tally)
            .options(joinedload(Round.topics))
            .join(Publication, Publication.round_id == Round.id)
            .join(Tally, Tally.id == Publication.tally_id)
            .where(Publication.id == _newest().scalar_subquery())
        )
        .unique()
        .one_or_none()
    )
    if row is None or row.Round.slug is None:
        return None
    titles = {topic.number: topic.title for topic in row.Round.topics}
    winners = [titles[number] for number in from_json(row.Tally.result).winners]
    return Latest(row.Round.title, row.Round.slug, winners)


def _newest() -> Select[int]:
    """The newest publication of the round that closed last; a recount publishes anew."""
    return (
        select(Publication.id)
        .join(Round, Round.id == Publication.round_id)
        .where(Round.status == RoundStatus.PUBLISHED)
        .order_by(Round.closes_at.desc(), Publication.id.desc())
        .limit(1)
    )
