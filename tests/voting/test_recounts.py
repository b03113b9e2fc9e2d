"""A published count done again: identical, corrected, or a sign that somebody changed ballots."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.accounts.models import AuditEntry, Role
from app.clock import utcnow
from app.extensions import db
from app.letters.models import Letter
from app.voting import recounts, results, tally
from app.voting.models import Ballot, Publication, Recount, Round, Tally
from tests.builders import a_patron, a_staff_member, signed_in
from tests.pages import send
from tests.voting.builders import an_open_round, tallies, time_passes, votes
from tests.voting.pages import address

WHY = "A reader asked us to."


@pytest.fixture
def round_(app: Flask) -> Round:
    """A published round that topic 2 has won."""
    opened = an_open_round()
    for ticks in ((1, 2), (2,), ()):
        votes(a_patron(), opened, *ticks)
    time_passes(opened)
    results.close_and_tally(opened.id, now=utcnow())
    return opened


def letters() -> int:
    told = select(func.count()).select_from(Letter).where(Letter.kind == "round_result")
    return db.session.scalar(told) or 0


def counted_by_older_rules() -> None:
    """The published count is one that our code of today would not come to."""
    older: dict[str, Any] = {"code_version": tally.CODE_VERSION - 1, "result_hash": b"older"}
    # The database refuses to change a count; only a test can.
    db.session.execute(select(func.set_config("session_replication_role", "replica", True)))
    db.session.execute(update(Tally).values(**older))
    db.session.commit()


def test_a_recount_that_agrees_is_noted_and_changes_nothing(round_: Round) -> None:
    editor = a_staff_member(Role.EDITOR)
    for _ in range(2):
        came = recounts.again(round_.id, by=editor.id, reason=WHY, now=utcnow())
        assert (came.same_ballots, came.identical, came.correction) == (True, True, None)
    assert len(tallies(round_)) == 1
    assert letters() == 3
    assert db.session.scalars(select(Recount.identical)).all() == [True, True]
    acts = db.session.scalars(select(AuditEntry.act).where(AuditEntry.by_account_id == editor.id))
    assert list(acts) == ["round_recounted"] * 2


def test_better_rules_of_counting_give_a_further_count_beside_the_old_one(
    round_: Round, client: FlaskClient
) -> None:
    counted_by_older_rules()
    editor = a_staff_member(Role.EDITOR)
    came = recounts.again(round_.id, by=editor.id, reason="Ties were broken wrongly.", now=utcnow())
    assert came.correction is not None
    assert sorted(one.revision for one in tallies(round_)) == [1, 2]
    first, second = db.session.scalars(select(Publication).order_by(Publication.id))
    assert (first.supersedes, second.supersedes) == (None, first.id)
    assert letters() == 6
    page = client.get(address(round_, "/result")).text
    assert "This is a corrected count. The reason: Ties were broken wrongly." in page
    page = client.get(address(round_, "/audit")).text
    assert "Count 2, published" in page
    assert "Count 1, published" in page
    assert "something differed" in page
    assert client.get(address(round_, "/audit/result.json?revision=1")).status_code == 200
    assert client.get(address(round_, "/audit/result.json?revision=7")).status_code == 404
    assert recounts.again(round_.id, by=editor.id, reason=WHY, now=utcnow()).identical


def test_ballots_changed_after_the_close_are_found_and_never_counted(round_: Round) -> None:
    editor = a_staff_member(Role.EDITOR)
    db.session.execute(update(Ballot).where(Ballot.choices == [2]).values(choices=[1]))
    db.session.commit()
    came = recounts.again(round_.id, by=editor.id, reason=WHY, now=utcnow())
    assert (came.same_ballots, came.identical, came.correction) == (False, False, None)
    assert len(tallies(round_)) == 1
    assert letters() == 3


def test_a_ballot_put_into_the_box_afterwards_is_found(round_: Round) -> None:
    db.session.add(Ballot(round_id=round_.id, ballot_key=b"stuffed", choices=[1], receipt="A" * 26))
    db.session.commit()
    came = recounts.again(round_.id, by=a_staff_member().id, reason=WHY, now=utcnow())
    assert not came.same_ballots


def test_staff_recount_with_a_reason_and_everybody_reads_what_came_of_it(
    round_: Round, client: FlaskClient
) -> None:
    editor = signed_in(client, a_staff_member(Role.EDITOR))
    path = f"/staff/rounds/{round_.id}/recount"
    assert path in editor.get(f"/staff/rounds/{round_.id}").text
    assert send(editor, path, reason=" ").status_code == 422
    answer = send(editor, path, reason=WHY)
    assert answer.status_code == 303
    assert "the same to the last byte" in editor.get(answer.location).text
    assert ": identical." in client.get(address(round_, "/audit")).text


def test_only_editors_recount_and_only_what_is_published(
    round_: Round, client: FlaskClient
) -> None:
    opened = an_open_round()
    signed_in(client, a_staff_member(Role.FINANCE))
    assert client.get(f"/staff/rounds/{round_.id}/recount").status_code == 403
    signed_in(client, a_staff_member(Role.EDITOR))
    assert client.get(f"/staff/rounds/{opened.id}/recount").status_code == 303
    with pytest.raises(recounts.NotCounted):
        recounts.again(opened.id, by=a_staff_member().id, reason=WHY, now=utcnow())


def test_a_count_whose_record_was_changed_is_found_and_not_published_again(
    round_: Round, client: FlaskClient
) -> None:
    db.session.execute(select(func.set_config("session_replication_role", "replica", True)))
    (row,) = tallies(round_)
    db.session.execute(update(Tally).values(result=row.result | {"winners": [1]}))
    db.session.commit()
    signed_in(client, a_staff_member(Role.EDITOR))
    path = f"/staff/rounds/{round_.id}/recount"
    answer = send(client, path, reason=WHY)
    assert "the record of the count was changed" in client.get(answer.location).text
    assert db.session.scalars(select(Recount.identical)).all() == [False]
    assert len(tallies(round_)) == 1
