"""Our counts against those of others: instances with every tied committee, and another library.

`VOTING_DATA` names a folder of instances as abcvoting writes them (MIT; Lackner, Regner, Krenn), or
`../shared/voting-data` holds them. Without either the few in `instances.json` are counted, which
were taken from there: profile, places, and the committees stored for "av" and "seqpav".
"""

import csv
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from votelib.evaluate.approval import SequentialProportionalApproval

from app.voting.tally import Lot, Method, Rules, TieRule, scores, tally

HERE = Path(__file__).parent
FOLDER = Path(os.environ.get("VOTING_DATA", HERE.parents[2] / "shared" / "voting-data"))
RULES = {"av": Method.MOST_WANTED, "seqpav": Method.SHARE_THE_WINS}
LOTS = [Lot(bytes([seed]) * 32, b"", "2026-03") for seed in range(6)]

Profile = dict[tuple[int, ...], int]


@dataclass(frozen=True, slots=True)
class Instance:
    """Ballots, how many are to win, and every set of winners that some way of ties leads to."""

    name: str
    profile: Profile
    topics: int
    seats: int
    committees: dict[str, set[frozenset[int]]]


def of(name: str, profile: Sequence[Sequence[int]], topics: int, seats: int,
       found: dict[str, Sequence[Sequence[int]]]) -> Instance:  # fmt: skip
    """An instance as it is written down."""
    ballots = Counter(tuple(sorted(ballot)) for ballot in profile)
    sets = {rule: {frozenset(one) for one in committees} for rule, committees in found.items()}
    return Instance(name, dict(ballots), topics, seats, sets)


def carried() -> Iterator[Instance]:
    """The instances that lie beside this test."""
    for one in json.loads((HERE / "instances.json").read_text())["instances"]:
        yield of(**one)


def stored() -> Iterator[Instance]:
    """The instances of the folder, as far as they hold a rule that we count by."""
    # The little of YAML that these files use: lists and numbers, which may go on in further lines.
    entry = re.compile(r"^(profile|num_cand|committeesize): ([^:]*?)(?=^\w+:)", re.MULTILINE)
    every = re.compile(r"- rule_id: (av|seqpav)\n  result:([^:]*?)\n  resolute: false")
    for path in sorted(FOLDER.glob("10-*/instances/*.yaml")):
        text = path.read_text()
        said = {name: json.loads(value) for name, value in entry.findall(text)}
        found = {rule: json.loads(result) for rule, result in every.findall(text)}
        if found and "weights" not in text:
            yield of(path.stem, said["profile"], said["num_cand"], said["committeesize"], found)


INSTANCES = [*carried(), *stored()]


def reachable(instance: Instance, method: Method) -> set[frozenset[int]]:
    """Every committee that our own sums lead to, one place after the other, ties each way."""
    reached = {frozenset[int]()}
    for _ in range(instance.seats):
        further = set()
        for won in reached:
            left = [topic for topic in range(instance.topics) if topic not in won]
            sums = scores(instance.profile, left, won, method)
            best = max(sums.values())
            further |= {won | {topic} for topic in left if sums[topic] == best}
        reached = further
    return reached


@pytest.mark.parametrize("instance", INSTANCES, ids=lambda one: one.name)
def test_every_tied_committee_is_reached_and_no_other(instance: Instance) -> None:
    for rule, expected in instance.committees.items():
        assert reachable(instance, RULES[rule]) == expected, rule


@pytest.mark.parametrize("instance", INSTANCES, ids=lambda one: one.name)
def test_a_count_with_lots_comes_to_one_of_the_tied_committees(instance: Instance) -> None:
    for rule, expected in instance.committees.items():
        rules = Rules(RULES[rule], instance.seats, TieRule.LOT)
        for lot in LOTS:
            won = frozenset(tally(instance.profile, range(instance.topics), rules, lot).winners)
            # What nobody ticked never wins with us; committees of others are always full.
            assert any(won <= one for one in expected), rule
            ticked = {topic for ballot in instance.profile for topic in ballot}
            assert len(won) == min(instance.seats, len(ticked)) or rule == "seqpav"


def test_the_carried_instances_hold_ties_of_both_rules() -> None:
    for rule in RULES:
        assert any(len(one.committees.get(rule, ())) > 1 for one in carried()), rule


profiles = st.dictionaries(
    st.sets(st.integers(1, 6), min_size=1, max_size=5).map(lambda s: tuple(sorted(s))),
    st.integers(1, 40),
    min_size=1,
    max_size=14,
)


@settings(max_examples=300)
@given(profiles, st.integers(1, 5))
def test_another_library_finds_the_same_winners_where_nothing_is_level(
    profile: Profile, seats: int
) -> None:
    topics = sorted({topic for ballot in profile for topic in ballot})
    assume(seats < len(topics))
    rules = Rules(Method.SHARE_THE_WINS, seats, TieRule.LOT)
    outcome = tally(profile, topics, rules, LOTS[0])
    assume(not any(step.drawn_from for step in outcome.steps[:seats]))
    votes = {frozenset(ballot): count for ballot, count in profile.items()}
    theirs = SequentialProportionalApproval().evaluate(votes, seats)
    assert list(outcome.winners) == list(theirs)


@settings(max_examples=200)
@given(profiles, st.integers(1, 5))
def test_plain_sums_of_ticks_find_the_same_winners_where_nothing_is_level(
    profile: Profile, seats: int
) -> None:
    ticks = Counter[int]()
    for ballot, count in profile.items():
        ticks.update(dict.fromkeys(ballot, count))
    order = [topic for topic, _ in ticks.most_common()]
    assume(len(set(ticks.values())) == len(ticks))
    rules = Rules(Method.MOST_WANTED, seats, TieRule.LOT)
    assert list(tally(profile, order, rules, LOTS[0]).winners) == order[:seats]


def test_scores_that_are_level_as_fractions_are_level_although_floats_differ() -> None:
    """1/4 + 1/5 + 1 and 1/2 + 3/4 + 1/5 are both 29/20; as floats the sums need not agree."""
    won = (1, 2, 3, 4)
    profile: Profile = {
        (1, 2, 3, 7): 1, (1, 2, 3, 4, 7): 1, (7,): 1,
        (1, 8): 1, (1, 2, 3, 8): 3, (1, 2, 3, 4, 8): 1,
    }  # fmt: skip
    assert scores(profile, [7, 8], won, Method.SHARE_THE_WINS) == {
        7: Fraction(29, 20),
        8: Fraction(29, 20),
    }


@pytest.mark.parametrize("folder", [HERE, *sorted(FOLDER.glob("11-*"))], ids=lambda one: one.name)
def test_the_ballots_of_a_city_add_up_to_what_the_city_published(folder: Path) -> None:
    """Lodz 2020, district Nad Nerem: up to five ticks; from Pabulib (arXiv:2012.06539)."""
    expected = json.loads((HERE / "instances.json").read_text())["nad-nerem"]
    names = sorted(expected["votes"])
    profile: Profile = {}
    with (folder / "nad-nerem_ballots.csv").open(newline="") as file:
        for line in csv.DictReader(file):
            ticked = line["approved_projects"].split(",")
            profile[tuple(sorted(names.index(name) for name in ticked))] = int(line["count"])
    rules = Rules(Method.MOST_WANTED, 2, TieRule.LOT)
    outcome = tally(profile, range(len(names)), rules, LOTS[0])
    assert outcome.ballots == expected["ballots"]
    votes = {names[topic]: count for topic, count in outcome.approvals.items()}
    assert votes == expected["votes"]
