"""The inbox as staff look into it: states, search, the body, settling again."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.accounts import audit
from app.accounts.models import Role
from app.desk import inbox
from app.desk.inbox import PAGE, Question, State
from app.extensions import db
from app.giving import settlement
from app.giving.models import Donation
from app.owed import MAX_ATTEMPTS
from app.payments.facts import Reading
from app.payments.models import InboxEvent, Outcome
from tests.builders import AUGUST, a_pledge, a_reader, a_staff_member, signed_in
from tests.fakes import FakeGateway
from tests.giving.facts import paid
from tests.pages import send


def an_event(number: int, state: State = State.SETTLED, **over: object) -> InboxEvent:
    """An event in a state."""
    settled = state in (State.SETTLED, State.NOT_OURS, State.UNKNOWN)
    outcomes = {
        State.SETTLED: Outcome.APPLIED,
        State.NOT_OURS: Outcome.NOT_OURS,
        State.UNKNOWN: Outcome.UNKNOWN,
    }
    at = AUGUST + timedelta(minutes=number)
    event = InboxEvent(
        id=f"evt_{number:04d}",
        type="invoice.paid",
        stripe_object_id=f"in_{number}",
        body={"id": f"evt_{number:04d}", "name": "Олена <b>"},
        received_at=at,
        due_at=None if settled else at,
        settled_at=at if settled else None,
        outcome=outcomes.get(state),
        attempts={State.FAILED: MAX_ATTEMPTS, State.TROUBLED: 3}.get(state, 0),
        error="GatewayUnavailable: down" if state in (State.FAILED, State.TROUBLED) else None,
    )
    for name, value in over.items():
        setattr(event, name, value)
    db.session.add(event)
    db.session.commit()
    return event


@pytest.fixture
def finance(client: FlaskClient) -> FlaskClient:
    """The browser of somebody who keeps the money."""
    return signed_in(client, a_staff_member(Role.FINANCE))


def test_each_state_is_told_and_found_by_itself(client: FlaskClient) -> None:
    events = {state: an_event(number, state) for number, state in enumerate(State)}
    for state, event in events.items():
        assert inbox.state_of(event) is state
        assert [one.id for one in inbox.page(Question(state=state)).events] == [event.id]
    assert inbox.counts() == {State.WAITING: 1, State.TROUBLED: 1, State.FAILED: 1}


def test_events_are_found_by_their_id_by_what_they_are_about_and_by_type(
    client: FlaskClient,
) -> None:
    an_event(1, type="charge.updated")
    an_event(2, stripe_object_id="in_1")
    an_event(3)
    assert [one.id for one in inbox.page(Question(text="in_1")).events] == ["evt_0002", "evt_0001"]
    assert [one.id for one in inbox.page(Question(text="evt_0003")).events] == ["evt_0003"]
    assert [one.id for one in inbox.page(Question(type="charge.updated")).events] == ["evt_0001"]
    assert inbox.types() == ["charge.updated", "invoice.paid"]


def test_pages_follow_each_other_without_a_gap(client: FlaskClient) -> None:
    # Several came in the same moment.
    for number in range(2 * PAGE + 3):
        an_event(number, received_at=AUGUST + timedelta(minutes=number // 7))
    seen: list[str] = []
    before: str | None = ""
    while before is not None:
        page = inbox.page(Question(before=before))
        seen += [event.id for event in page.events]
        before = page.more
    assert len(seen) == len(set(seen)) == 2 * PAGE + 3


def test_an_event_that_failed_says_why_in_words(finance: FlaskClient) -> None:
    an_event(1, State.FAILED, error="UnknownPledge: 5b0c")
    page = finance.get("/staff/inbox/evt_0001").text
    assert "a pledge that this database does not have" in page
    assert "1 event failed" in finance.get("/staff/inbox").text


def test_a_body_is_read_on_purpose_and_that_is_noted(finance: FlaskClient) -> None:
    an_event(1)
    closed = finance.get("/staff/inbox/evt_0001").text
    assert "Олена" not in closed
    opened = send(
        finance,
        "/staff/inbox/evt_0001/body",
        page="/staff/inbox/evt_0001",
        action="/staff/inbox/evt_0001/body#body",
    )
    assert "Олена &lt;b&gt;" in opened.text
    assert [(entry.act, entry.subject_id) for entry in audit.latest()] == [
        ("event_read", "evt_0001")
    ]


def test_settling_again_enters_what_was_missed_and_nothing_twice(
    finance: FlaskClient, gateway: FakeGateway
) -> None:
    money = paid(a_pledge(a_reader(), status="pending", started_at=None))
    an_event(1, State.FAILED, stripe_object_id=money.invoice_id)
    gateway.readings[str(money.invoice_id)] = Reading((money,))
    for _press in range(2):
        act = "/staff/inbox/evt_0001/again"
        send(finance, act, page="/staff/inbox/evt_0001", action=act)
        event = db.session.get_one(InboxEvent, "evt_0001")
        assert (event.settled_at, event.attempts, event.error) == (None, 0, None)
        assert event.due_at is not None
        settlement.settle("evt_0001", gateway, now=AUGUST)
        db.session.expire_all()
        assert inbox.state_of(db.session.get_one(InboxEvent, "evt_0001")) is State.SETTLED
    assert db.session.query(Donation).count() == 1
    assert len(audit.of_subject("inbox_event", "evt_0001")) == 2


def test_all_that_failed_are_tried_again_at_once(finance: FlaskClient) -> None:
    for number in range(3):
        an_event(number, State.FAILED)
    an_event(9, State.SETTLED)
    act = "/staff/inbox/again"
    assert send(finance, act, page="/staff/inbox", action=act).status_code == 303
    assert inbox.counts()[State.FAILED] == 0
    assert inbox.state_of(db.session.get_one(InboxEvent, "evt_0009")) is State.SETTLED


def test_an_event_nobody_knows_is_no_page(finance: FlaskClient) -> None:
    assert finance.get("/staff/inbox/evt_none").status_code == 404
    assert finance.get("/staff/inbox?before=evt_none&state=nonsense&q=%25").status_code == 200
