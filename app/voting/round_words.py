"""What is said beside a round: what was corrected or put off, where the newsroom departed."""

from collections.abc import Collection, Sequence

from flask_babel import gettext as _

from app.localisation import format_moment
from app.topics import credit
from app.topics import words as topic_words
from app.voting import amendments
from app.voting.amendments import Field
from app.voting.models import EditorialPick, Round
from app.voting.tally import Outcome


def notes(round_: Round) -> list[str]:
    """Say what changed in an open round: each later close, each corrected text."""
    if round_.amended_at is None:
        return []
    put_off = [
        _(
            "The close was put off from %(before)s to %(after)s. The newsroom's note: %(note)s",
            before=format_moment(one.before),
            after=format_moment(one.after),
            note=one.note,
        )
        for one in amendments.extensions(round_.id)
    ]
    corrected = [
        _(
            "Corrected on %(time)s: “%(before)s” became “%(after)s”.",
            time=format_moment(one.corrected_at),
            before=one.before,
            after=one.after,
        )
        for one in amendments.corrections(round_.id)
    ]
    return put_off + corrected


def departures(round_: Round, outcome: Outcome, made: Collection[EditorialPick]) -> list[str]:
    """Say where the newsroom takes up something else than the order says, and why."""
    titles = {topic.number: topic.title for topic in round_.topics}
    said = []
    for pick in made:
        if pick.number in outcome.undecided:
            continue
        if pick.instead_of is None:
            said.append(
                _(
                    "The newsroom also takes up “%(title)s”. Its reason: %(reason)s",
                    title=titles[pick.number],
                    reason=pick.reason,
                )
            )
        else:
            said.append(
                _(
                    "The newsroom takes up “%(title)s” in place of “%(other)s”. "
                    "Its reason: %(reason)s",
                    title=titles[pick.number],
                    other=titles[pick.instead_of],
                    reason=pick.reason,
                )
            )
    return said


def counted(round_: Round, outcome: Outcome) -> Sequence[tuple[str, int, bool]]:
    """Return each topic's title and votes, and whether it won, in the order of the count."""
    titles = {topic.number: topic.title for topic in round_.topics}
    placed = [number for step in outcome.steps for number in step.topics]
    return [(titles[n], outcome.approvals[n], n in outcome.winners) for n in placed]


def suggested(round_: Round) -> dict[int, str]:
    """Return by topic's number who suggested it, and whose idea or picture it is."""
    asked = [topic.proposal_id for topic in round_.topics if topic.proposal_id is not None]
    known = credit.of(asked) if asked else {}
    said = {}
    for topic in round_.topics:
        parts = [topic.credit] if topic.credit else []
        if topic.proposal_id is not None and topic.proposal_id in known:
            parts.insert(0, topic_words.credit(known[topic.proposal_id]))
        if parts:
            said[topic.number] = ". ".join(parts)
    return said


def text_name(field: Field) -> str:
    """Return the name of a text's field on the page that corrects it."""
    return field.name if field.number is None else f"{field.name}-{field.number}"


def text_label(field: Field) -> str:
    """Return what a text is."""
    if field.number is None:
        return _("Question") if field.name == "title" else _("Introduction")
    if field.name == "title":
        return _("Topic %(number)s", number=field.number)
    return _("What topic %(number)s is about", number=field.number)
