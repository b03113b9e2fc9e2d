"""Ballots are counted exactly, in any order, and ties fall as the rule says."""

import hashlib
from collections.abc import Iterable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.voting.tally import (
    Lot,
    Method,
    Outcome,
    Rules,
    TieRule,
    as_json,
    canonical,
    from_json,
    scores,
    tally,
)

SEED = bytes(range(32))
LOT = Lot(SEED, hashlib.sha256(b"abc").digest(), "2026-03")
A, B, C, D = 1, 2, 3, 4

#: Forty in a hundred agree on two topics: with most ticks they take both places.
BLOC = {(A, B): 4, (C,): 3, (D,): 3}

profiles = st.dictionaries(
    st.sets(st.integers(1, 6), max_size=4).map(lambda s: tuple(sorted(s))),
    st.integers(1, 9),
    max_size=12,
)
rules = st.builds(Rules, st.sampled_from(Method), st.integers(1, 5), st.sampled_from(TieRule))


def count(
    profile: dict[tuple[int, ...], int],
    topics: Iterable[int],
    method: Method = Method.MOST_WANTED,
    seats: int = 1,
    tie_rule: TieRule = TieRule.INCLUDE_ALL,
    withdrawn: Iterable[int] = (),
) -> Outcome:
    return tally(profile, list(topics), Rules(method, seats, tie_rule), LOT, list(withdrawn))


def committees(
    profile: dict[tuple[int, ...], int], topics: range, seats: int
) -> set[frozenset[int]]:
    """Every set of winners that some way of breaking ties leads to: slow and plain."""
    reached = {frozenset[int]()}
    for _ in range(seats):
        further = set()
        for won in reached:
            left = [topic for topic in topics if topic not in won]
            weights = {
                topic: sum(
                    Fraction(n, 1 + len(won.intersection(ballot)))
                    for ballot, n in profile.items()
                    if topic in ballot
                )
                for topic in left
            }
            best = max(weights.values())
            further |= {won | {topic} for topic in left if weights[topic] == best}
        reached = further
    return reached


def test_the_lot_is_the_published_rule_to_the_byte() -> None:
    assert (
        hashlib.sha256(SEED).hexdigest()
        == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"
    )
    keys = {topic: LOT.key(topic).hex()[:8] for topic in (101, 102, 103)}
    assert keys == {101: "0fb0423c", 102: "06a7b7fe", 103: "f5acc94a"}
    level: dict[tuple[int, ...], int] = {(101,): 2, (102,): 2, (103,): 2}
    outcome = count(level, (101, 102, 103), tie_rule=TieRule.LOT)
    assert [step.topics for step in outcome.steps] == [(102,), (101,), (103,)]
    assert outcome.winners == (102,)
    assert outcome.steps[0].drawn_from == (101, 102, 103)


def test_most_ticks_let_a_bloc_take_both_places_and_shared_wins_do_not() -> None:
    most = count(BLOC, (A, B, C, D), seats=2)
    assert most.winners == (A, B)
    shared = count(BLOC, (A, B, C, D), Method.SHARE_THE_WINS, 2, TieRule.LOT)
    assert len({A, B} & set(shared.winners)) == 1
    assert len({C, D} & set(shared.winners)) == 1


def test_shared_wins_are_exact_fractions() -> None:
    profile: dict[tuple[int, ...], int] = {(1, 2, 3, 4, 5): 1, (5,): 1}
    won = (1, 2, 3, 4)
    assert scores(profile, [5], won, Method.SHARE_THE_WINS) == {5: Fraction(6, 5)}
    profile = {(1, 2): 1, (1, 3): 2, (1, 2, 3, 4): 3}
    # 1/2 + 3/4 and others: sums that no binary fraction holds exactly.
    assert scores(profile, [2], (1, 3, 4), Method.SHARE_THE_WINS) == {2: Fraction(5, 4)}
    assert scores(
        {(1, 9): 1, (1, 2, 3, 4, 9): 1, (2, 3, 4, 9): 3}, [9], (1, 2, 3, 4), Method.SHARE_THE_WINS
    ) == {9: Fraction(29, 20)}


@pytest.mark.parametrize(
    ("rule", "winners", "undecided", "places"),
    [
        (TieRule.INCLUDE_ALL, (A, B, C), (), 0),
        (TieRule.STAFF_DECIDES, (A,), (B, C), 1),
    ],
)
def test_level_topics_at_the_last_place_fall_as_the_rule_says(
    rule: TieRule, winners: tuple[int, ...], undecided: tuple[int, ...], places: int
) -> None:
    outcome = count({(A,): 3, (B, C): 2, (D,): 1}, (A, B, C, D), seats=2, tie_rule=rule)
    assert (outcome.winners, outcome.undecided, outcome.undecided_seats) == (
        winners,
        undecided,
        places,
    )


def test_level_topics_that_all_find_a_place_need_no_decision() -> None:
    outcome = count({(A, B): 2, (C,): 1}, (A, B, C), seats=2, tie_rule=TieRule.STAFF_DECIDES)
    assert outcome.winners == (A, B)
    assert outcome.undecided == ()


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("rule", TieRule)
def test_a_topic_that_nobody_ticked_does_not_win(method: Method, rule: TieRule) -> None:
    outcome = count({(A,): 2, (): 3}, (A, B, C), method, seats=2, tie_rule=rule)
    assert outcome.winners == (A,)
    assert outcome.undecided == ()
    assert (outcome.ballots, outcome.blank) == (5, 3)
    assert count({}, (A, B), method, tie_rule=rule).winners == ()


def test_a_withdrawn_topic_is_passed_over_and_its_ballots_still_count() -> None:
    outcome = count({(A,): 5, (A, B): 1, (C,): 2}, (A, B, C), withdrawn=[A])
    assert outcome.winners == (C,)
    assert outcome.approvals == {B: 1, C: 2}
    assert (outcome.ballots, outcome.blank) == (8, 0)


def test_a_withdrawn_topic_takes_nothing_from_the_others_under_shared_wins() -> None:
    profile = {(A, B): 3, (C,): 2}
    assert count(profile, (A, B, C), Method.SHARE_THE_WINS, 1, withdrawn=[A]).winners == (B,)


def test_a_choice_outside_the_list_is_not_counted_but_refused() -> None:
    with pytest.raises(ValueError, match="outside the list"):
        count({(7,): 1}, (A, B))


@given(profiles, rules, st.permutations(range(1, 7)))
def test_the_order_of_ballots_and_topics_is_irrelevant(
    profile: dict[tuple[int, ...], int], rule: Rules, topics: list[int]
) -> None:
    turned = dict(reversed([(tuple(reversed(ballot)), n) for ballot, n in profile.items()]))
    first = tally(profile, range(1, 7), rule, LOT)
    again = tally(turned, topics, rule, LOT)
    assert canonical(as_json(first)) == canonical(as_json(again))


@given(profiles, rules)
def test_every_topic_has_one_place_and_a_result_reads_back_as_written(
    profile: dict[tuple[int, ...], int], rule: Rules
) -> None:
    outcome = tally(profile, range(1, 7), rule, LOT)
    placed = [topic for step in outcome.steps for topic in step.topics]
    assert sorted(placed) == list(range(1, 7))
    assert from_json(as_json(outcome)) == outcome
    assert not set(outcome.winners) & set(outcome.undecided)
    if rule.tie_rule is not TieRule.INCLUDE_ALL:
        assert len(outcome.winners) + outcome.undecided_seats <= rule.seats


@given(profiles, rules)
def test_more_places_never_take_a_win_away(
    profile: dict[tuple[int, ...], int], rule: Rules
) -> None:
    fewer = tally(profile, range(1, 7), rule, LOT)
    more = tally(profile, range(1, 7), Rules(rule.method, rule.seats + 1, rule.tie_rule), LOT)
    assert set(fewer.winners) <= set(more.winners)


@given(profiles, st.integers(1, 6), st.data())
def test_one_more_tick_never_lowers_a_topic_where_most_ticks_win(
    profile: dict[tuple[int, ...], int], topic: int, data: st.DataObject
) -> None:
    others = [ballot for ballot in profile if topic not in ballot]
    if not others:
        return
    ballot = data.draw(st.sampled_from(others))
    raised = dict(profile)
    raised[ballot] -= 1
    fuller = tuple(sorted((*ballot, topic)))
    raised[fuller] = raised.get(fuller, 0) + 1
    rule = Rules(Method.MOST_WANTED, 1, TieRule.INCLUDE_ALL)

    def place(outcome: Outcome) -> int:
        return next(i for i, step in enumerate(outcome.steps) if topic in step.topics)

    assert place(tally(raised, range(1, 7), rule, LOT)) <= place(
        tally(profile, range(1, 7), rule, LOT)
    )


@given(profiles.filter(bool), st.integers(1, 3))
def test_shared_wins_by_lot_are_one_of_the_ways_the_ties_can_fall(
    profile: dict[tuple[int, ...], int], seats: int
) -> None:
    outcome = count(profile, range(1, 7), Method.SHARE_THE_WINS, seats, TieRule.LOT)
    if len(outcome.winners) == seats:
        assert frozenset(outcome.winners) in committees(profile, range(1, 7), seats)


@given(profiles, st.integers(1, 6), st.integers(2, 5))
def test_a_ballot_given_n_times_counts_n_times(
    profile: dict[tuple[int, ...], int], topic: int, times: int
) -> None:
    manifold = {ballot: n * times for ballot, n in profile.items()}
    for method in Method:
        once = scores(profile, [topic], (), method)[topic]
        assert scores(manifold, [topic], (), method)[topic] == once * times


@pytest.mark.parametrize(
    ("method", "seats", "profile", "expected"),
    [
        # Lackner and Skowron, Multi-Winner Voting with Approval Preferences (2023), example 2.1.
        (
            Method.MOST_WANTED,
            4,
            {"ab": 3, "ac": 3, "ad": 2, "bcf": 1, "e": 1, "f": 1, "g": 1},
            {"abcd", "abcf"},
        ),
        # The same, example 2.5: the sequential rule differs from the optimum, which is a and c.
        (
            Method.SHARE_THE_WINS,
            2,
            {"ab": 3, "ad": 6, "b": 4, "c": 5, "cd": 5},
            {"cd"},
        ),
        # Janson, Phragmen's and Thiele's election methods (2016), 13.3.
        (
            Method.SHARE_THE_WINS,
            2,
            {
                "acd": 960,
                "bcd": 3000,
                "bc": 520,
                "ab": 1620,
                "ad": 1081,
                "ac": 1240,
                "bd": 360,
                "d": 360,
                "c": 120,
                "b": 60,
            },
            {"ac"},
        ),
        # Wikipedia, Sequential proportional approval voting.
        (Method.SHARE_THE_WINS, 3, {"a": 2, "ab": 5, "ac": 3, "bc": 2, "d": 4}, {"abd"}),
        # Wikipedia, Satisfaction approval voting: level four ways.
        (Method.SHARE_THE_WINS, 2, {"ab": 4, "c": 3, "d": 3}, {"ac", "ad", "bc", "bd"}),
    ],
)
def test_worked_examples_of_the_literature_come_out_as_printed(
    method: Method, seats: int, profile: dict[str, int], expected: set[str]
) -> None:
    letters = sorted({letter for ballot in profile for letter in ballot})
    number = {letter: place for place, letter in enumerate(letters, start=1)}
    ballots = {tuple(number[letter] for letter in ballot): n for ballot, n in profile.items()}
    seen = set()
    for seed in range(40):
        lot = Lot(bytes([seed]) * 32, b"", "2026-03")
        outcome = tally(ballots, number.values(), Rules(method, seats, TieRule.LOT), lot)
        seen.add("".join(letters[n - 1] for n in sorted(outcome.winners)))
    assert seen == expected
