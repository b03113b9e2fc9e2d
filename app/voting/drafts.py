"""Drafts of rounds: what staff plan, before anything is fixed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.extensions import db
from app.topics.models import Proposal
from app.voting.models import Receipts, RollRule, Round, RoundTopic
from app.voting.tally import Method, TieRule

#: So long before the opening staff are told when a template's draft is not ready.
WARNING = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class TopicDraft:
    """A topic as staff word it."""

    title: str
    summary: str = ""
    #: Whose idea or picture it is, in the newsroom's words.
    credit: str = ""
    #: The patrons' proposal it goes back to.
    proposal_id: int | None = None
    #: The earlier round it did not win.
    carried_from: int | None = None
    #: Its number in the draft before, whose picture it keeps.
    kept: int | None = None


@dataclass(frozen=True, slots=True)
class RoundDraft:
    """A round as staff plan it."""

    title: str
    topics: tuple[TopicDraft, ...]
    closes_at: datetime
    #: None: as soon as it is opened.
    opens_at: datetime | None = None
    intro: str = ""
    max_choices: int = 5
    #: How many topics are to win.
    seats: int = 1
    method: Method = Method.MOST_WANTED
    tie_rule: TieRule = TieRule.LOT
    quorum: int | None = None
    roll_rule: RollRule = RollRule.PATRON_WHEN_CASTING
    receipts: Receipts = Receipts.WITH_CHOICES
    #: So many hours after the count; None: when staff say so.
    publish_after_hours: int | None = 0


def fill(round_: Round, draft: RoundDraft) -> None:
    """Write what a draft says into its round. The caller commits."""
    round_.title, round_.intro = draft.title, draft.intro
    round_.method, round_.tie_rule = draft.method, draft.tie_rule
    round_.max_choices, round_.seats = draft.max_choices, draft.seats
    round_.quorum, round_.roll_rule = draft.quorum, draft.roll_rule
    round_.opens_at, round_.closes_at = draft.opens_at, draft.closes_at
    round_.receipts = draft.receipts
    round_.publish_after_hours = draft.publish_after_hours
    offer(round_, draft.topics)
    look_again(round_)


def offer(round_: Round, topics: tuple[TopicDraft, ...]) -> None:
    """Replace the topics of a draft, each with the picture it had. The caller commits.

    A proposal that is not there is left out of its topic.
    """
    asked = [topic.proposal_id for topic in topics if topic.proposal_id is not None]
    known = set(db.session.scalars(select(Proposal.id).where(Proposal.id.in_(asked))))
    earlier = {topic.number: topic for topic in round_.topics}
    if earlier:
        round_.topics.clear()
        # The old topics go first: the new ones have the same numbers.
        db.session.flush()
    for number, topic in enumerate(topics, start=1):
        old = earlier.get(topic.kept or 0)
        round_.topics.append(
            RoundTopic(
                number=number,
                title=topic.title,
                summary=topic.summary,
                credit=topic.credit,
                proposal_id=topic.proposal_id if topic.proposal_id in known else None,
                carried_from=topic.carried_from or (old.carried_from if old else None),
                picture_id=old.picture_id if old else None,
                picture_alt=old.picture_alt if old else "",
            )
        )


def look_again(round_: Round) -> None:
    """Make a template's draft due for its next look: before the opening, then at the opening.

    The caller commits.
    """
    if round_.template_id is None or round_.opens_at is None:
        round_.done()
    elif round_.warned_at is None:
        round_.ask_again(round_.opens_at - WARNING)
    else:
        round_.ask_again(round_.opens_at)
