"""What staff did stays written, and some acts need two of them."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.accounts import approvals, audit
from app.accounts.approvals import (
    AlreadyDecided,
    MayNotApprove,
    NobodyToApprove,
    UnknownApproval,
)
from app.extensions import db
from tests.builders import a_reader, a_staff_member

MARCH = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


def test_the_log_of_a_person_is_newest_first_and_holds_only_that_persons(app: Flask) -> None:
    ann, ben, staff = a_reader(), a_reader(), a_staff_member()
    audit.note(staff.id, "receipt_resent", "donation", 1, account_id=ann.id, now=MARCH)
    audit.note(
        None,
        "refund_by_rule",
        "refund",
        2,
        account_id=ann.id,
        now=MARCH + timedelta(hours=1),
        amount_minor=500,
        since=MARCH.date(),
        nothing=None,
    )
    audit.note(staff.id, "receipt_resent", "donation", 3, account_id=ben.id, now=MARCH)
    db.session.commit()
    newest, oldest = audit.of_account(ann.id)
    assert (newest.act, newest.by_account_id) == ("refund_by_rule", None)
    assert newest.details == {"amount_minor": 500, "since": "2026-03-09"}
    assert (oldest.act, oldest.by_account_id) == ("receipt_resent", staff.id)
    assert [entry.subject_id for entry in audit.latest()] == ["3", "2", "1"]
    assert [entry.subject_id for entry in audit.latest(before_id=newest.id)] == ["1"]


def test_a_note_is_kept_or_lost_with_its_act(app: Flask) -> None:
    ann = a_reader()
    audit.note(None, "tried", "account", ann.id, account_id=ann.id, now=MARCH)
    db.session.rollback()
    assert audit.of_account(ann.id) == []


def test_the_same_request_waits_once(app: Flask) -> None:
    asker = a_staff_member("finance")
    a_staff_member("owner")
    first = approvals.ask("refund", 7, asker.id, now=MARCH)
    assert approvals.ask("refund", 7, asker.id, now=MARCH).id == first.id
    assert len(approvals.waiting("refund")) == 1
    assert approvals.waiting("erasure") == []


def test_a_decision_is_made_once_by_somebody_else(app: Flask) -> None:
    asker, second = a_staff_member("finance"), a_staff_member("owner")
    asked = approvals.ask("refund", 7, asker.id, now=MARCH)
    with pytest.raises(MayNotApprove):
        approvals.decide(asked.id, asker.id, approved=True, now=MARCH)
    decided = approvals.decide(asked.id, second.id, approved=True, now=MARCH)
    assert (decided.approved, decided.decided_by_id) == (True, second.id)
    with pytest.raises(AlreadyDecided):
        approvals.decide(asked.id, second.id, approved=False, now=MARCH)
    with pytest.raises(UnknownApproval):
        approvals.decide(99, second.id, approved=True, now=MARCH)


@pytest.mark.parametrize(
    ("act", "role", "may"),
    [
        ("refund", "finance", True),
        ("refund", "fundraiser", False),
        ("refund", "editor", False),
        ("erasure", "fundraiser", True),
        ("erasure", "editor", False),
    ],
)
def test_who_may_agree_depends_on_the_act(app: Flask, act: str, role: str, may: bool) -> None:
    asker, other = a_staff_member("owner"), a_staff_member(role)
    if may:
        asked = approvals.ask(act, 7, asker.id, now=MARCH)
        assert approvals.may_decide(asked, other)
    else:
        with pytest.raises(NobodyToApprove):
            approvals.ask(act, 7, asker.id, now=MARCH)
