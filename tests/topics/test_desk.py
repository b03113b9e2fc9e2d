"""What staff make of suggestions: moved with a reason, joined, reported, hidden."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import audit
from app.extensions import db
from app.topics import abuse, credit, merging, proposals, steps
from app.topics.merging import CannotMerge
from app.topics.models import Proposal, Report
from app.topics.proposals import NotToBeSeconded
from app.topics.rules import MOVES, State
from app.topics.steps import Hidden, NoReason, NoWay
from tests.builders import AUGUST, a_patron, a_reader, a_staff_member
from tests.topics.builders import a_suggestion, moved
from tests.voting.builders import an_open_round


def test_a_proposal_goes_only_where_its_state_leads() -> None:
    assert State.NEW in MOVES
    assert set(MOVES) == set(State)
    for ways in MOVES.values():
        assert not {State.NEW, State.CHOSEN, State.MERGED} & set(ways)


def test_each_step_is_kept_with_its_reason_and_noted(app: Flask) -> None:
    proposal = moved(a_suggestion(), State.CONSIDERING, State.SHORTLISTED, reason="We have time.")
    kept = steps.of(proposal.id)
    assert [step.to_state for step in kept] == ["shortlisted", "considering", "new"]
    assert kept[0].reason == "We have time."
    assert [one.act for one in audit.of_subject("proposal", proposal.id)] == ["proposal_moved"] * 2


def test_a_proposal_is_not_declined_without_a_reason(app: Flask) -> None:
    proposal, editor = a_suggestion(), a_staff_member("editor")
    with pytest.raises(NoReason):
        steps.move(proposal.id, State.DECLINED, seen="new", by=editor.id, now=AUGUST)


def test_of_two_editors_who_decide_at_once_the_second_is_told(app: Flask) -> None:
    proposal, editor = a_suggestion(), a_staff_member("editor")
    moved(proposal, State.CONSIDERING)
    with pytest.raises(NoWay):
        steps.move(proposal.id, State.SHORTLISTED, seen="new", by=editor.id, now=AUGUST)


def test_a_vote_chooses_once_and_a_corrected_count_takes_it_back(app: Flask) -> None:
    proposal, round_ = moved(a_suggestion(), State.SHORTLISTED), an_open_round()
    for _ in range(2):
        proposals.mark_chosen(proposal.id, round_.id, now=AUGUST)
        db.session.commit()
    assert (proposal.state, proposal.round_id) == (State.CHOSEN, round_.id)
    assert len(steps.of(proposal.id)) == 3
    assert proposals.shortlist() == []
    for _ in range(2):
        proposals.back_to_shortlist(proposal.id, now=AUGUST)
        db.session.commit()
    assert (proposal.state, proposal.round_id) == (State.SHORTLISTED, None)
    assert len(steps.of(proposal.id)) == 4


def test_what_was_joined_meanwhile_is_chosen_where_it_goes_on(app: Flask) -> None:
    kept, merged, round_ = a_suggestion(), a_suggestion(title="Dark schools"), an_open_round()
    merging.merge(kept.id, merged.id, by=a_staff_member().id, now=AUGUST)
    proposals.mark_chosen(merged.id, round_.id, now=AUGUST)
    db.session.commit()
    assert proposals.find(kept.id).state == State.CHOSEN
    assert proposals.find(merged.id).state == State.MERGED


def test_a_merge_keeps_every_proposer_credited_and_counts_nobody_twice(app: Flask) -> None:
    first, second = a_patron(name="Taras Koval"), a_patron(name="Olena Marchenko")
    third, both = a_patron(name="Ivan Sirko"), a_patron()
    kept, merged = a_suggestion(first), a_suggestion(second, title="Schools in the dark")
    earlier = a_suggestion(third, title="Dark schools", named=False)
    by = a_staff_member("editor").id
    merging.merge(merged.id, earlier.id, by=by, now=AUGUST)
    proposals.second(kept.id, both.id, now=AUGUST)
    proposals.second(merged.id, both.id, now=AUGUST)
    proposals.second(merged.id, first.id, now=AUGUST)
    expected = merging.preview(kept.id, merged.id)
    assert (expected.wanted_now, expected.wanted_then) == (2, 4)
    merging.merge(kept.id, merged.id, by=by, now=AUGUST)
    db.session.expire_all()
    assert credit.wanted_by(kept.id) == 4
    assert proposals.proposers(kept.id) == [first.id, second.id, third.id]
    shown = credit.of([kept.id])[kept.id]
    assert (shown.names, shown.unnamed) == (("Taras Koval", "Olena Marchenko"), 1)
    assert proposals.find(earlier.id).merged_into_id == kept.id, "nobody follows two steps"
    with pytest.raises(NotToBeSeconded):
        proposals.second(kept.id, third.id, now=AUGUST)


def test_what_is_decided_hidden_or_itself_is_not_joined(app: Flask) -> None:
    kept, other = a_suggestion(), a_suggestion(title="Prices of bread")
    declined = moved(a_suggestion(title="Prices of milk"), State.DECLINED, reason="Done in May.")
    by = a_staff_member("editor").id
    abuse.hide(other.id, "Names a private person.", by=by, now=AUGUST)
    for one, two in (
        (kept, kept),
        (kept, other),
        (other, kept),
        (declined, kept),
        (kept, declined),
    ):
        assert not merging.preview(one.id, two.id).possible
        with pytest.raises(CannotMerge):
            merging.merge(one.id, two.id, by=by, now=AUGUST)


def test_a_person_reports_once_and_staff_hide_and_show_again(app: Flask) -> None:
    proposal, reader, by = a_suggestion(), a_reader(), a_staff_member("editor").id
    for _ in range(2):
        abuse.report(proposal.id, reader.id, "It insults my neighbour.", now=AUGUST)
    (found,) = abuse.reported()
    assert [one.reason for one in found.reports] == ["It insults my neighbour."]
    abuse.hide(proposal.id, "Names a private person.", by=by, now=AUGUST)
    assert abuse.waiting() == 0
    with pytest.raises(Hidden):
        steps.move(proposal.id, State.SHORTLISTED, seen="new", by=by, now=AUGUST)
    db.session.rollback()
    with pytest.raises(NotToBeSeconded):
        proposals.second(proposal.id, a_patron().id, now=AUGUST)
    abuse.show(proposal.id, by=by, now=AUGUST)
    found_again = db.session.get_one(Proposal, proposal.id)
    assert (found_again.hidden_at, found_again.hidden_reason) == (None, None)
    acts = [one.act for one in audit.of_subject("proposal", proposal.id)]
    assert acts == ["proposal_shown", "proposal_hidden"]


def test_a_report_that_is_dismissed_leaves_the_proposal_as_it_is(app: Flask) -> None:
    proposal, by = a_suggestion(), a_staff_member("editor").id
    abuse.report(proposal.id, a_reader().id, "I do not like it.", now=AUGUST)
    abuse.dismiss(proposal.id, by=by, now=AUGUST)
    report = db.session.scalars(select(Report)).one()
    assert (report.settled_at, report.settled_by_id) == (AUGUST, by)
    assert proposals.find(proposal.id).hidden_at is None


def test_what_is_hidden_is_not_on_the_shortlist(app: Flask) -> None:
    proposal = moved(a_suggestion(), State.SHORTLISTED)
    abuse.hide(proposal.id, "Names a private person.", by=a_staff_member().id, now=AUGUST)
    assert proposals.shortlist() == []
