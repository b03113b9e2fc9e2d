"""Sentences about rounds, in the reader's language."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from babel.numbers import format_percent
from flask_babel import gettext as _
from flask_babel import ngettext

from app.current import newsroom, zone
from app.localisation import current_locale, format_day
from app.voting import chosen, round_words
from app.voting.models import Round, RoundStatus, RoundTopic
from app.voting.results import Published
from app.voting.rounds import Problem
from app.voting.tally import Method, TieRule
from app.voting.turnouts import Turnout
from app.voting.visits import Stage, stage

#: The Ukrainian alphabet; by code points ґ, є, і and ї would stand after я.
ALPHABET = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"
_ORDER = {letter: chr(0x0430 + place) for place, letter in enumerate(ALPHABET)}


def alphabetical(topics: list[RoundTopic]) -> list[RoundTopic]:
    """Return the topics in the order of the Latin and Ukrainian alphabets."""
    return sorted(
        topics, key=lambda topic: [_ORDER.get(sign, sign) for sign in topic.title.casefold()]
    )


def state(round_: Round, now: datetime) -> tuple[str, str]:
    """Return a round's state for staff: its word and the kind of its tag."""
    if round_.status == RoundStatus.DRAFT:
        return _("Draft"), "plain"
    if round_.status == RoundStatus.TALLIED:
        return _("Counted, not public yet"), "warn"
    return {
        Stage.COMING: (_("Opens by itself"), "plain"),
        Stage.OPEN: (_("Open"), "marked"),
        Stage.COUNTING: (_("Being counted"), "plain"),
        Stage.PUBLISHED: (_("Result published"), "good"),
        Stage.VOID: (_("Void"), "bad"),
    }[stage(round_, now)]


def to_the_second(moment: datetime) -> str:
    """Write a moment so that two close to each other can be told apart."""
    time = moment.astimezone(zone()).strftime("%H:%M:%S")
    return f"{format_day(moment)}, {time} {newsroom().time_label.within(current_locale())}"


def problem(found: Problem) -> str:
    """Return why a draft cannot be opened, and what to do."""
    return {
        Problem.TOO_FEW_TOPICS: _("Add topics first: a vote needs at least two."),
        Problem.TOO_MANY_CHOICES: _("One ballot has more ticks than there are topics."),
        Problem.TOO_MANY_SEATS: _(
            "Take up fewer topics than you offer, or the vote decides nothing."
        ),
        Problem.CLOSES_TOO_EARLY: _("The closing time has passed. Choose a later one."),
        Problem.SETTLED_TOPIC: _(
            "One of the suggested topics was declined, hidden or taken up since. Empty its row."
        ),
    }[found]


def percent(share: float) -> str:
    """Write a part of one in whole per cent."""
    return format_percent(share, locale=current_locale())


def turnout(found: Turnout) -> str:
    """Say how many of those who may vote have voted."""
    return ngettext(
        "%(voted)s of %(num)s patron has voted (%(share)s).",
        "%(voted)s of %(num)s patrons have voted (%(share)s).",
        found.eligible,
        voted=found.voted,
        share=percent(found.share),
    )


def method(round_: Round) -> str:
    """Say in one or two sentences how ballots are counted."""
    ticks = ngettext(
        "Each patron could tick %(num)s topic.",
        "Each patron could tick up to %(num)s topics.",
        round_.max_choices,
    )
    if round_.method == Method.SHARE_THE_WINS:
        rule = _(
            "Each time one of your topics won, your next ticks counted one half, then one third, "
            "and so on, so that the places are shared."
        )
    else:
        rule = ngettext(
            "The topic with the most ticks wins.",
            "The %(num)s topics with the most ticks win.",
            round_.seats,
        )
    return f"{ticks} {rule}"


def rules(round_: Round) -> list[str]:
    """Say before the close how ballots will be counted."""
    if round_.method == Method.SHARE_THE_WINS:
        said = [
            _(
                "The topic with the most ticks wins first. Each time one of your topics has won, "
                "your other ticks count one half, then one third, and so on, so that the places "
                "are shared."
            ),
            ngettext("%(num)s topic wins.", "%(num)s topics win.", round_.seats),
        ]
    else:
        said = [
            ngettext(
                "The topic with the most ticks wins.",
                "The %(num)s topics with the most ticks win.",
                round_.seats,
            )
        ]
    said.append(_("Every ballot weighs the same, whatever the gift."))
    if round_.quorum:
        said.append(
            ngettext(
                "With fewer than %(num)s ballot the result is advice.",
                "With fewer than %(num)s ballots the result is advice.",
                round_.quorum,
            )
        )
    return said


def tie(found: Published) -> str:
    """Say how topics that were level were told apart; empty where none were."""
    outcome = found.outcome
    if outcome.undecided:
        return _("At the last place topics were level, so the newsroom chooses and says why.")
    drawn = {topic for step in outcome.steps for topic in step.drawn_from}
    if drawn & set(outcome.winners):
        return _(
            "Some topics were level. A lot decided, drawn from a secret number fixed before the "
            "vote together with the ballots themselves, so that nobody could foresee it."
        )
    if found.round.tie_rule == TieRule.INCLUDE_ALL and len(outcome.winners) > found.round.seats:
        return _("At the last place topics were level, so all of them are taken up.")
    return ""


def draws(found: Published) -> list[tuple[list[str], str]]:
    """Return every lot that was drawn on the way to the winners: the level topics, and the first.

    Where most ticks win, one lot puts all level topics in order and is named once.
    """
    first: dict[tuple[int, ...], int] = {}
    for step in found.outcome.steps:
        if step.drawn_from and set(step.drawn_from) & set(found.outcome.winners):
            first.setdefault(step.drawn_from, step.topics[0])
    return [(found.titles(level), found.titles([topic])[0]) for level, topic in first.items()]


def promise(found: Published) -> str:
    """Say what the newsroom promised."""
    return ngettext(
        "The newsroom promised to take up the topic that wins.",
        "The newsroom promised to take up %(num)s topics.",
        found.round.seats,
    )


def zone_name() -> str:
    """Return the newsroom's zone as staff know it, such as Europe/Kyiv."""
    return str(zone())


def titles(round_: Round, numbers: Collection[int]) -> list[str]:
    """Return the titles of topics, passing over numbers the round does not have."""
    return [topic.title for topic in round_.topics if topic.number in numbers]


@dataclass(frozen=True, slots=True)
class Line:
    """One topic in the result."""

    title: str
    votes: int
    #: Of all ballots, from 0 to 1.
    share: float
    chosen: bool
    #: Why the newsroom chose it itself; empty where it did not.
    reason: str


def lines(found: Published) -> list[Line]:
    """Return the topics of a result: those taken up in their order, then by votes."""
    outcome, names = found.outcome, {t.number: t.title for t in found.round.topics}
    reasons = {pick.number: pick.reason for pick in found.picks}
    taken_up = chosen.taken_up(outcome.winners, found.picks)
    placed = [number for step in outcome.steps for number in step.topics]
    others = [number for number in placed if number not in taken_up]
    return [
        Line(
            title=names[number],
            votes=outcome.approvals[number],
            share=outcome.approvals[number] / outcome.ballots if outcome.ballots else 0.0,
            chosen=number in taken_up,
            reason=reasons.get(number, ""),
        )
        for number in (*taken_up, *sorted(others, key=lambda n: -outcome.approvals[n]))
    ]


def result(found: Published) -> dict[str, object]:
    """Return what the page and the preview of a result are written from."""
    shared = found.round.method == Method.SHARE_THE_WINS
    return {
        "round": found.round,
        "winners": found.winners,
        "picked": found.picked,
        "departures": round_words.departures(found.round, found.outcome, found.picks),
        "notes": round_words.notes(found.round),
        "credits": round_words.suggested(found.round),
        "undecided": [] if found.decided else found.titles(found.outcome.undecided),
        "lines": lines(found),
        "outcome": found.outcome,
        "steps": [
            (found.titles(step.topics), fraction(step.score))
            for step in (found.outcome.steps if shared else ())
            if set(step.topics) & {*found.outcome.winners, *found.outcome.undecided}
        ],
        "withdrawn": [topic for topic in found.round.topics if topic.withdrawn_at],
        "turnout": found.turnout,
        "turnout_share": percent(found.turnout.share),
        "voided": found.counted.voided,
        "method_sentence": method(found.round),
        "tie_note": tie(found),
        "draws": draws(found),
        "percent": percent,
        "corrected": found.counted.reason,
        "promise": promise(found),
        "advisory": found.round.quorum if _below_quorum(found) else None,
        "fingerprints": {
            "ballots": found.counted.input_root.hex(),
            "result": found.counted.result_hash.hex(),
            "seed": found.counted.params["seed"],
            "seed_commit": found.counted.params["seed_commit"],
        },
    }


def _below_quorum(found: Published) -> bool:
    return found.round.quorum is not None and found.outcome.ballots < found.round.quorum


def fraction(score: Fraction) -> str:
    """Write an exact score: whole numbers plainly, others as "12 5/6"."""
    whole, rest = divmod(score.numerator, score.denominator)
    if not rest:
        return str(whole)
    return f"{whole} {rest}/{score.denominator}" if whole else f"{rest}/{score.denominator}"
