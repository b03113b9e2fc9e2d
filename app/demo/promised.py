"""What became of the made-up newsroom's promises: kept in time, kept late, dropped, overdue."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import select, update

from app.extensions import db
from app.promises import intake, promises
from app.promises.models import Promise
from app.voting.models import Round, RoundStatus


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one promise, in days from the publication of its round's result."""

    due: int
    begun: int | None = 3
    out: int | None = None
    #: When and why it was dropped.
    dropped: int | None = None


#: The fates of the closed rounds' promises, the oldest first.
FATES = (
    Fate(due=30, out=24),
    Fate(due=28, out=41),
    Fate(due=35, begun=None, dropped=30),
    Fate(due=30, out=29),
    Fate(due=40),
    Fate(due=45, begun=9),
)
DROPPED = (
    "The court opened its files to nobody, so there is no story that we could stand by. What we "
    "found goes into the next one."
)
UPDATE = "Two of us have been there and have spoken with everybody who would speak."
STORY = "{title}: what we found"
ADDRESS = "https://newsroom.example/stories/{id}"


def fill(*, by: int, editor: int, now: datetime, zone: tzinfo) -> None:
    """Take the promises of the closed rounds in and let each have its fate; commits.

    Nobody is told: no letter is owed.
    """
    held = db.session.execute(
        select(Round.id, Round.published_at)
        .where(Round.status == RoundStatus.PUBLISHED, Round.published_at.is_not(None))
        .order_by(Round.closes_at)
    ).all()
    for (round_id, published_at), fate in zip(held, FATES, strict=False):
        assert published_at is not None, "asked for"
        intake.take_in(round_id, now=published_at)
        for key in db.session.scalars(select(Promise.id).where(Promise.round_id == round_id)).all():
            _live(key, fate, published_at, by=by, editor=editor, now=now, zone=zone)
    db.session.execute(update(Promise).values(due_at=None, told_at=Promise.made_at))
    db.session.commit()


def _live(
    key: int, fate: Fate, since: datetime, *, by: int, editor: int, now: datetime, zone: tzinfo
) -> None:
    def on(days: int) -> datetime:
        return since + timedelta(days=days, hours=2)

    named = on(1)
    if named >= now:
        return
    due_on = on(fate.due).astimezone(zone).date()
    promises.plan(key, editor_id=editor, due_on=due_on, by=by, now=named)
    if fate.begun is not None and on(fate.begun) < now:
        promises.begin(key, by=by, now=on(fate.begun))
        if on(fate.begun + 6) < now:
            promises.write(key, UPDATE, by=by, now=on(fate.begun + 6))
    if fate.dropped is not None and on(fate.dropped) < now:
        promises.drop(key, DROPPED, by=by, now=on(fate.dropped))
    if fate.out is not None and on(fate.out) < now:
        title = db.session.get_one(Promise, key).title
        promises.publish(
            key,
            title=STORY.format(title=title)[:200],
            url=ADDRESS.format(id=key),
            published_on=on(fate.out).astimezone(zone).date(),
            by=by,
            now=on(fate.out),
        )
