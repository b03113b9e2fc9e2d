"""What resembles a title, in both alphabets, and what a link may be."""

import pytest
from flask import Flask

from app.topics import abuse, similar, trigrams, words
from app.topics.forms import is_link
from tests.builders import AUGUST, a_staff_member
from tests.topics.builders import a_story, a_suggestion


def test_a_word_is_cut_into_threes_and_small_words_are_passed_over() -> None:
    assert trigrams.of("на Дім") == ["  д", " ді", "дім", "ім "]
    assert trigrams.of("Об'єкти") == trigrams.of("обʼЄКТИ")
    assert trigrams.of("of 10 – ?!") == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Відключення світла у Харкові", "Чому в Харкові вимикають світло"),
        ("Power cuts in Kharkiv schools", "Kharkiv school without power"),
        ("Відбудова школи", "Хто відбудовує школи"),
    ],
)
def test_the_same_topic_in_other_words_is_found(app: Flask, first: str, second: str) -> None:
    proposal = a_suggestion(title=first)
    a_suggestion(title="Prices of bread")
    a_story(first)
    found = similar.to(second)
    assert [one.id for one in found.proposals] == [proposal.id]
    assert [one.title for one in found.stories] == [first]
    assert found.keys == {f"p{proposal.id}", f"s{found.stories[0].id}"}


def test_another_topic_is_not_found_nor_what_is_hidden(app: Flask) -> None:
    proposal = a_suggestion(title="Power cuts in Kharkiv schools")
    assert similar.to("Veterans looking for work").keys == frozenset()
    assert similar.to("").keys == frozenset()
    assert similar.to(proposal.title, but=proposal.id).keys == frozenset()
    abuse.hide(proposal.id, "Names a private person.", by=a_staff_member().id, now=AUGUST)
    assert similar.to(proposal.title).keys == frozenset()


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("https://example.org/a?b=c", True),
        ("http://харків.укр/новини", True),
        ("javascript:alert(1)", False),
        ("ftp://example.org", False),
        ("https://bank.example@evil.example/", False),
        ("https://example", False),
        ("//example.org", False),
        ("https://example.org/\\evil", False),
        ('https://example.org/"onclick="x', False),
        ("https://example.org:port/", False),
        ("https://[::1/", False),
        ("https://example.org/" + "a" * 500, False),
    ],
)
def test_a_link_leads_to_the_web_and_shows_where(text: str, good: bool) -> None:
    assert is_link(text) is good


def test_of_a_link_the_host_is_shown_whole() -> None:
    host, rest = words.link("https://news.example.org/" + "long/" * 20)
    assert host == "news.example.org"
    assert len(rest) == words.SHOWN_PATH + 1
