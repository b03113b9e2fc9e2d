"""Which appeal a page shows, as tables; and how far a share may be off."""

import pytest

from app.appeals import rules
from app.appeals.chances import Between, part, wilson
from app.appeals.rules import closeness


@pytest.mark.parametrize(
    ("articles", "sections", "found"),
    [
        ([], [], (0, 0)),
        (["night-shift"], [], (3, 0)),
        (["night*"], [], (2, 5)),
        (["night-s*", "night*"], [], (2, 7)),
        (["*"], [], (2, 0)),
        ([], ["Energy"], (1, 0)),
        (["day-shift"], ["energy"], (1, 0)),
        (["day-shift"], [], None),
        ([], ["culture"], None),
        (["night"], [], None),
        (["Night-shift"], [], None),
    ],
)
def test_how_closely_an_appeal_is_meant_for_a_page(
    articles: list[str], sections: list[str], found: tuple[int, int] | None
) -> None:
    assert closeness(articles, sections, "night-shift", "energy") == found


def test_a_page_that_names_nothing_sees_only_what_is_for_all() -> None:
    assert closeness([], [], "", "") == (0, 0)
    assert closeness(["*"], [], "", "") is None
    assert closeness([], ["energy"], "", "") is None


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("usual", True),
        ("12-3-a", True),
        ("12-3-c", False),
        ("0-1-a", False),
        ("12-3-a ", False),
        ("12-3", False),
        ("", False),
    ],
)
def test_a_name_of_an_appeal_is_known_by_its_shape(text: str, fits: bool) -> None:
    assert bool(rules.TAG.fullmatch(text)) is fits


def test_names_are_read_by_the_line_and_written_back() -> None:
    found = rules.names(" night shift \n\n day*, day*\nwar ")
    assert found == ["night shift", "day*", "war"]
    assert rules.names(rules.written(found)) == found


# The intervals of R. G. Newcombe, Statistics in Medicine 17 (1998), tables I and II.
@pytest.mark.parametrize(
    ("found", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_bounds_of_a_share_are_the_published_ones(
    found: int, of: int, low: float, high: float
) -> None:
    bounds = wilson(found, of)
    assert (round(bounds.low, 4), round(bounds.high, 4)) == (low, high)


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == Between(0.0, 1.0)
    assert part(0, 0) == Between(0.0, 1.0)
