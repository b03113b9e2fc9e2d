"""Suggesting and seconding: who may, how often, and who is credited how."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.extensions import db
from app.topics import credit, lists, merging, people, proposals
from app.topics.models import Proposal, Seconding
from app.topics.proposals import Draft, Enough, NotAPatron, NotToBeSeconded
from app.topics.rules import State
from tests.builders import AUGUST, a_patron, a_reader, a_staff_member
from tests.topics.builders import WHY, a_suggestion, moved


def test_a_form_sent_twice_is_one_proposal(app: Flask) -> None:
    author, key = a_patron(), uuid.uuid4()
    draft = Draft(title="Veterans without work", why=WHY, links=(), named=True, locale="en")
    first = proposals.make(author.id, draft, request_key=key, now=AUGUST)
    again = proposals.make(author.id, draft, request_key=key, now=AUGUST)
    assert first.id == again.id
    assert proposals.left(author.id, AUGUST) == 2


def test_only_patrons_suggest_and_second(app: Flask) -> None:
    reader, proposal = a_reader(), a_suggestion()
    with pytest.raises(NotAPatron):
        a_suggestion(reader)
    with pytest.raises(NotAPatron):
        proposals.second(proposal.id, reader.id, now=AUGUST)


def test_the_newsrooms_calendar_decides_when_the_month_begins_anew(app: Flask) -> None:
    author = a_patron()
    # In Kyiv this is the last of July's evenings, in UTC it is three hours before August.
    july = datetime(2026, 7, 31, 20, 59, tzinfo=UTC)
    august = datetime(2026, 7, 31, 21, 0, tzinfo=UTC)
    for number in range(3):
        a_suggestion(author, title=f"What became of road {number}", now=july)
    with pytest.raises(Enough):
        a_suggestion(author, title="What became of road 4", now=july)
    a_suggestion(author, title="What became of road 4", now=august)
    assert proposals.left(author.id, august) == 2


def test_a_patron_seconds_once_and_takes_it_back(app: Flask) -> None:
    proposal, patron = a_suggestion(), a_patron()
    for _ in range(2):
        proposals.second(proposal.id, patron.id, now=AUGUST)
    assert credit.wanted_by(proposal.id) == 2
    for _ in range(2):
        proposals.take_back(proposal.id, patron.id)
    assert credit.wanted_by(proposal.id) == 1


def test_nobody_seconds_their_own_nor_what_is_decided_or_hidden(app: Flask) -> None:
    author, other = a_patron(), a_patron()
    own = a_suggestion(author)
    declined = moved(a_suggestion(author, title="Prices of bread"), State.DECLINED, reason="Done.")
    for proposal, account in ((own, author), (declined, other)):
        with pytest.raises(NotToBeSeconded):
            proposals.second(proposal.id, account.id, now=AUGUST)
        db.session.rollback()


def test_a_second_that_comes_after_a_merge_counts_where_it_goes_on(app: Flask) -> None:
    kept, merged = a_suggestion(), a_suggestion(title="Schools of Kharkiv without power")
    merging.merge(kept.id, merged.id, by=a_staff_member().id, now=AUGUST)
    found = proposals.second(merged.id, a_patron().id, now=AUGUST)
    assert found.id == kept.id
    assert credit.wanted_by(kept.id) == 3


def test_each_author_is_shown_as_they_chose(app: Flask) -> None:
    named = a_suggestion(a_patron(name="Taras Koval"))
    unnamed = a_suggestion(a_patron(name="Olena Marchenko"), title="Prices of bread", named=False)
    shown = credit.of([named.id, unnamed.id])
    assert (shown[named.id].names, shown[named.id].unnamed) == (("Taras Koval",), 0)
    assert (shown[unnamed.id].names, shown[unnamed.id].unnamed) == ((), 1)


def test_the_shortlist_begins_with_what_most_people_want(app: Flask) -> None:
    first, second = a_suggestion(), a_suggestion(title="Prices of bread")
    a_suggestion(title="Not looked at yet")
    for proposal in (first, second):
        moved(proposal, State.SHORTLISTED)
    proposals.second(second.id, a_patron().id, now=AUGUST)
    assert [one.id for one in proposals.shortlist()] == [second.id, first.id]


def test_lists_are_filtered_sorted_and_searched_in_any_ending(app: Flask) -> None:
    first = a_suggestion(title="Відключення світла у школах Харкова", locale="uk")
    second = a_suggestion(title="Prices of bread", now=AUGUST + timedelta(hours=1))
    proposals.second(first.id, a_patron().id, now=AUGUST)
    moved(second, State.CONSIDERING)

    def ids(asked: lists.Question) -> list[int]:
        return [row.proposal.id for row in lists.page(asked).rows]

    assert ids(lists.Question()) == [second.id, first.id]
    assert ids(lists.Question(sort=lists.Sort.WANTED)) == [first.id, second.id]
    assert ids(lists.Question(state=State.CONSIDERING)) == [second.id]
    assert ids(lists.Question(text="харківська школа")) == []
    assert ids(lists.Question(text="школи")) == [first.id]
    assert ids(lists.Question(text="BREAD")) == [second.id]
    assert ids(lists.Question(text="100%")) == []
    assert lists.counts()[State.CONSIDERING] == 1


def test_what_an_erased_person_suggested_stays_without_them(app: Flask) -> None:
    person = a_patron(name="Taras Koval")
    proposal, other = a_suggestion(person), a_suggestion(title="Prices of bread")
    proposals.second(other.id, person.id, now=AUGUST)
    people.forget(person.id)
    db.session.commit()
    db.session.expire_all()
    assert db.session.get_one(Proposal, proposal.id).account_id is None
    shown = credit.of([proposal.id])[proposal.id]
    assert (shown.names, shown.unnamed) == ((), 1)
    assert db.session.query(Seconding).count() == 0
    assert credit.wanted_by(proposal.id) == 1
