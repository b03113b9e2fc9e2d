"""Count ballots: who wins, in what order, and how ties were settled. Pure, exact, repeatable.

Two counts of the same approval ballots:

- most wanted: the topics with the most ticks win;
- share the wins (sequential proportional approval voting, Thiele 1895): each time one of the topics
  on a ballot wins, the ballot's other ticks count 1/2, then 1/3, and so on.

Neither order depends on how many topics are to win. A topic that nobody ticked never wins.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

#: Raised whenever the same ballots could give another result than before.
CODE_VERSION = 1

#: How many ballots carry each set of choices; choices are topic numbers, ascending. () is blank.
Profile = Mapping[tuple[int, ...], int]


class Method(StrEnum):
    """How ballots are counted."""

    MOST_WANTED = "most_wanted"
    SHARE_THE_WINS = "share_the_wins"


class TieRule(StrEnum):
    """What happens when topics are level and not all of them can win."""

    #: All of them win, so that there are more winners than announced.
    INCLUDE_ALL = "include_all"
    #: A lot decides, drawn from a seed fixed at the opening and from the ballots themselves.
    LOT = "lot"
    #: The newsroom decides between them, and says why.
    STAFF_DECIDES = "staff_decides"


@dataclass(frozen=True, slots=True)
class Rules:
    """What is fixed at a round's opening and decides its count."""

    method: Method
    #: How many topics are to win.
    seats: int
    tie_rule: TieRule


@dataclass(frozen=True, slots=True)
class Lot:
    """What decides ties by lot: not to be known before the close, open to checks after it."""

    #: 32 bytes, drawn at the opening; their SHA-256 was published then.
    seed: bytes
    #: SHA-256 of the canonical list of ballots.
    ballots_root: bytes
    slug: str

    def key(self, topic: int) -> bytes:
        """Return the topic's place in the draw; the lowest goes first."""
        parts = (b"tiebreak-v1\n", self.seed, self.ballots_root, self.slug.encode(), b"\n")
        return hashlib.sha256(b"".join(parts) + str(topic).encode()).digest()


@dataclass(frozen=True, slots=True)
class Step:
    """One place, or several level ones, in the order of topics."""

    #: Ascending unless a lot put them in order.
    topics: tuple[int, ...]
    #: Ticks, or for "share the wins" the sum of what each tick counted at this step.
    score: Fraction
    #: Topics that were level when a lot chose among them; empty where no lot was needed.
    drawn_from: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The counted result."""

    #: Ballots counted, blank ones included.
    ballots: int
    blank: int
    #: Ticks of every topic that stands, in the order of their numbers.
    approvals: dict[int, int]
    steps: tuple[Step, ...]
    winners: tuple[int, ...]
    #: Level topics between which the newsroom has to choose, and how many of them win.
    undecided: tuple[int, ...]
    undecided_seats: int
    #: Topics withdrawn while the round was open; their ticks are not counted.
    withdrawn: tuple[int, ...]


def tally(
    profile: Profile,
    topics: Collection[int],
    rules: Rules,
    lot: Lot,
    withdrawn: Collection[int] = (),
) -> Outcome:
    """Count the ballots. The order in which ballots and topics are given does not matter.

    `topics` are all topics of the round, withdrawn ones included. Raises `ValueError` for a choice
    that is none of them.
    """
    unknown = {choice for choices in profile for choice in choices} - set(topics)
    if unknown:
        raise ValueError(f"choices outside the list of topics: {sorted(unknown)}")
    standing = sorted(set(topics) - set(withdrawn))
    approvals = dict.fromkeys(standing, 0)
    for choices, count in profile.items():
        for topic in set(choices) & approvals.keys():
            approvals[topic] += count
    steps = _order(profile, standing, rules, lot)
    winners, undecided, seats_left = _fill(steps, rules)
    return Outcome(
        ballots=sum(profile.values()),
        blank=profile.get((), 0),
        approvals=approvals,
        steps=steps,
        winners=winners,
        undecided=undecided,
        undecided_seats=seats_left,
        withdrawn=tuple(sorted(set(withdrawn))),
    )


def scores(
    profile: Profile, topics: Collection[int], won: Collection[int], method: Method
) -> dict[int, Fraction]:
    """Return what each topic's ticks count once the topics in `won` have won."""
    # Whole numbers are added up by how many wins a ballot has had; fractions come last, exactly.
    by_wins: dict[int, dict[int, int]] = {topic: {} for topic in topics}
    for choices, count in profile.items():
        wins = len(set(choices) & set(won)) if method is Method.SHARE_THE_WINS else 0
        for topic in choices:
            if topic in by_wins:
                by_wins[topic][wins] = by_wins[topic].get(wins, 0) + count
    return {
        topic: sum((Fraction(n, 1 + wins) for wins, n in counts.items()), Fraction(0))
        for topic, counts in by_wins.items()
    }


def _order(profile: Profile, standing: Sequence[int], rules: Rules, lot: Lot) -> tuple[Step, ...]:
    """Every topic's place, level ones together unless the tie rule is a lot."""
    steps: list[Step] = []
    won: list[int] = []
    while len(won) < len(standing):
        left = [topic for topic in standing if topic not in won]
        score = scores(profile, left, won, rules.method)
        best = max(score.values())
        level = [topic for topic in left if score[topic] == best]
        if best > 0 and len(level) > 1 and rules.tie_rule is TieRule.LOT:
            steps += _drawn(level, best, rules.method, lot.key)
        else:
            steps.append(Step(tuple(level), best))
        won = [topic for step in steps for topic in step.topics]
    return tuple(steps)


def _drawn(
    level: Sequence[int], score: Fraction, method: Method, key: Callable[[int], bytes]
) -> list[Step]:
    """Level topics one by one in the order of the lot.

    Under "share the wins" only the first: its win changes what the others' ticks count.
    """
    order = sorted(level, key=key)
    taken = order if method is Method.MOST_WANTED else order[:1]
    return [Step((topic,), score, tuple(level)) for topic in taken]


def _fill(steps: Sequence[Step], rules: Rules) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Return the winners, the topics still undecided, and how many of these are to win."""
    winners: list[int] = []
    for step in steps:
        left = rules.seats - len(winners)
        if left <= 0 or step.score == 0:
            break
        if len(step.topics) > left and rules.tie_rule is TieRule.STAFF_DECIDES:
            return tuple(winners), step.topics, left
        winners += step.topics
    return tuple(winners), (), 0


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome as plain values; fractions as text such as "29/20"."""
    plain = asdict(outcome)
    plain["approvals"] = {str(topic): count for topic, count in outcome.approvals.items()}
    for step, source in zip(plain["steps"], outcome.steps, strict=True):
        step["score"] = str(source.score)
        step["topics"] = list(source.topics)
        step["drawn_from"] = list(source.drawn_from)
    for name in ("winners", "undecided", "withdrawn"):
        plain[name] = list(plain[name])
    plain["steps"] = list(plain["steps"])
    return plain


def from_json(plain: Mapping[str, Any]) -> Outcome:
    """Return the outcome that `as_json` wrote."""
    return Outcome(
        ballots=plain["ballots"],
        blank=plain["blank"],
        approvals={int(topic): count for topic, count in plain["approvals"].items()},
        steps=tuple(
            Step(tuple(step["topics"]), Fraction(step["score"]), tuple(step["drawn_from"]))
            for step in plain["steps"]
        ),
        winners=tuple(plain["winners"]),
        undecided=tuple(plain["undecided"]),
        undecided_seats=plain["undecided_seats"],
        withdrawn=tuple(plain["withdrawn"]),
    )


def canonical(plain: Mapping[str, Any]) -> bytes:
    """Return plain values as the one JSON text they have: keys sorted, no spaces, UTF-8."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
