"""Promises that the tests of this room begin with."""

from datetime import date

from sqlalchemy import select

from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.promises import intake, promises
from app.promises.models import Promise
from app.topics.models import Proposal
from app.voting import turns
from app.voting.models import Round, RoundTopic
from tests.builders import a_patron, a_staff_member
from tests.voting.builders import an_open_round, time_passes, votes

STORY = "Who keeps the lights on in Kharkiv"
URL = "https://news.example.org/kharkiv-lights"


def a_published_round(
    *voters: Account, wins: tuple[int, ...] = (1,), proposal: Proposal | None = None
) -> Round:
    """A round whose result is public; patrons chose the topics with these numbers."""
    round_ = an_open_round(seats=len(wins))
    if proposal is not None:
        topic = db.session.get_one(RoundTopic, (round_.id, wins[0]))
        topic.proposal_id = proposal.id
        db.session.commit()
    for voter in voters or (a_patron(),):
        votes(voter, round_, *wins)
    time_passes(round_)
    turns.turn(round_.id, now=utcnow())
    return round_


def the_promises(round_: Round) -> list[Promise]:
    """The promises of a round as they stand, in the order of the ballot's topics."""
    return list(
        db.session.scalars(
            select(Promise)
            .where(Promise.round_id == round_.id)
            .order_by(Promise.number)
            .execution_options(populate_existing=True)
        )
    )


def a_promise(*voters: Account, proposal: Proposal | None = None) -> Promise:
    """What the newsroom takes up after a round."""
    round_ = a_published_round(*voters, proposal=proposal)
    intake.take_in_due(now=utcnow())
    (promise,) = the_promises(round_)
    return promise


def published(promise: Promise, *, published_on: date | None = None) -> Promise:
    """The same promise once its story is entered."""
    promises.publish(
        promise.id,
        title=STORY,
        url=URL,
        published_on=published_on or utcnow().date(),
        by=a_staff_member("editor").id,
        now=utcnow(),
    )
    return promise
