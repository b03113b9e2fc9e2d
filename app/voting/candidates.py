"""What the next round may offer: the last round's runners-up, and patrons' shortlisted topics."""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import select

from app.extensions import db
from app.topics import proposals
from app.topics.models import Proposal
from app.topics.rules import State
from app.voting import results
from app.voting.drafts import TopicDraft
from app.voting.models import Round, RoundStatus
from app.voting.picks import taken_up
from app.voting.plans import RoundTemplate

#: A proposal's words are longer than a topic's may be.
LONGEST_SUMMARY = 1000


def offered(template: RoundTemplate, *, now: datetime) -> tuple[TopicDraft, ...]:
    """Return the topics of a template's next round, at most as many as it wants."""
    carried = list(_runners_up(now))[: template.carried]
    known = {topic.proposal_id for topic in carried}
    listed = [from_proposal(one) for one in shortlist(known)]
    return tuple([*carried, *listed][: template.most_topics])


def shortlist(without: Collection[int | None]) -> list[Proposal]:
    """Return the shortlisted proposals, what most people want first, but for those named."""
    return [one for one in proposals.shortlist() if one.id not in without]


def from_proposal(proposal: Proposal) -> TopicDraft:
    """Return a topic in the words of the proposal it goes back to."""
    summary = proposal.why
    if len(summary) > LONGEST_SUMMARY:
        summary = summary[: LONGEST_SUMMARY - 1].rsplit(maxsplit=1)[0] + "…"
    return TopicDraft(proposal.title, summary, proposal_id=proposal.id)


def _runners_up(now: datetime) -> Iterator[TopicDraft]:
    """The topics that patrons wanted in the last published round and nobody took up, best first.

    Their votes are not carried. A proposal that is on the shortlist no longer is left out.
    """
    last = db.session.scalars(
        select(Round.slug)
        .where(Round.status == RoundStatus.PUBLISHED)
        .order_by(Round.closes_at.desc(), Round.id.desc())
        .limit(1)
    ).first()
    found = results.published(last, now=now) if last else None
    if found is None:
        return
    won, topics = taken_up(found), {topic.number: topic for topic in found.round.topics}
    order = sorted(found.outcome.approvals.items(), key=lambda line: (-line[1], line[0]))
    for number, votes in order:
        topic = topics[number]
        if number in won or not votes or topic.withdrawn_at is not None:
            continue
        if topic.proposal_id is not None:
            proposal = proposals.find(topic.proposal_id)
            if proposal.state != State.SHORTLISTED or proposal.hidden_at is not None:
                continue
        yield TopicDraft(
            topic.title,
            topic.summary,
            credit=topic.credit,
            proposal_id=topic.proposal_id,
            carried_from=found.round.id,
        )
