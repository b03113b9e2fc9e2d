"""When two readers mean the same passage, and when they do not."""

import time

import pytest

from app.corrections.passages import Laid, Likeness, Passage, likeness, plain
from tests.corrections.builders import TEXT, marked


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # The same word, however it was taken along.
        (marked("tventy"), marked("tventy"), Likeness.SAME),
        (marked("tventy"), marked(" tventy "), Likeness.SAME),
        (marked("litre"), marked("litre,"), Likeness.SAME),
        # The word, and the sentence around it.
        (marked("tventy"), marked("tventy times the limit"), Likeness.OVERLAPPING),
        (marked("in"), marked("nitrates in a litre"), Likeness.OVERLAPPING),
        (marked(TEXT), marked("tventy"), Likeness.OVERLAPPING),
        # Two that cover each other in part.
        (marked("a litre, tventy"), marked("tventy times"), Likeness.OVERLAPPING),
        # Side by side is not the same.
        (marked("litre"), marked("tventy"), Likeness.NONE),
        (marked("eleven grammes"), marked("of nitrates"), Likeness.NONE),
        # The same word at another place of the article.
        (marked("found", 0), marked("found", 1), Likeness.NONE),
        (marked("the", 0), marked("the", 1), Likeness.NONE),
        (marked("council", 0), marked("council", 1), Likeness.NONE),
    ],
)
def test_where_passages_stand_in_the_article_decides(
    one: Passage, other: Passage, expected: Likeness
) -> None:
    assert likeness(one, other) is expected
    assert likeness(other, one) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("tventy", "Tventy", Likeness.SAME),
        ("“tventy”", "«tventy».", Likeness.SAME),
        ("tventy  times\nthe limit", "tventy times the limit", Likeness.SAME),
        ("2019—2021", "2019–2021", Likeness.SAME),
        ("об'єкт", "обʼєкт", Likeness.SAME),
        ("tventy", "a litre, tventy times the limit", Likeness.OVERLAPPING),
        # A part of a word is no word.
        ("vent", "tventy times the limit", Likeness.NONE),
        # So short a word stands in every sentence.
        ("the", "tventy times the limit", Likeness.NONE),
        (
            "the second found the same as the first one",
            "The second found the very same as the first",
            Likeness.ALIKE,
        ),
        (
            "Міська рада отримала обидва звіти в березні",
            "Міській раді показали обидва звіти в березні",
            Likeness.ALIKE,
        ),
        ("The town council was shown both reports", "Nobody answered for weeks", Likeness.NONE),
        ("tventy", "thirty", Likeness.NONE),
        ("", "tventy", Likeness.NONE),
        ("...", "tventy", Likeness.NONE),
    ],
)
def test_without_their_place_the_words_decide(one: str, other: str, expected: Likeness) -> None:
    assert likeness(Passage(one), Passage(other)) is expected
    assert likeness(marked("second"), Passage("second")) is Likeness.SAME
    assert likeness(Passage(other), Passage(one)) is expected


def test_a_long_passage_is_known_though_the_article_was_rewritten_around_it() -> None:
    words = "The town council was shown both reports in March"
    before, after = (
        Passage(words, "It said so. ", " And then"),
        Passage(words, "In short: ", " Yet."),
    )
    assert likeness(before, after) is Likeness.SAME
    short = Passage("March", "It was said that in ", " they came here at last")
    other = Passage("March", "The soldiers began to ", ", and nobody stood there")
    assert likeness(short, other) is Likeness.NONE


def test_signs_that_nobody_sees_do_not_part_two_passages() -> None:
    assert plain("Ta\u00adble\u00a0of\u202fall") == "table of all"


def test_signs_that_become_many_make_no_comparison_longer() -> None:
    """One ligature of Arabic stands for eighteen letters."""
    one = Passage("\ufdfa" * 500, "\ufdfa" * 200, "\ufdfa" * 200)
    other = Passage("\ufdfa" * 499 + "b", "\ufdfa" * 200, "\ufdfa" * 200)
    assert max(len(Laid(each).pieces) for each in (one, other)) <= 1200
    began = time.thread_time()
    assert likeness(one, other) is Likeness.OVERLAPPING
    assert time.thread_time() - began < 0.5


def test_two_of_the_longest_passages_are_compared_in_a_blink() -> None:
    one = Passage("a b " * 125, "a " * 100, "b " * 100)
    other = Passage("b a " * 125, "b " * 100, "a " * 100)
    began = time.perf_counter()
    likeness(one, other)
    assert time.perf_counter() - began < 0.5
