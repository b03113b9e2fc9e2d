"""The desk of reprints: the register, granting, refusing, withdrawing, and the letters about it."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.clock import utcnow
from app.current import zone
from app.extensions import db
from app.reprints import forgetting, lists, permissions
from app.reprints.lists import Filter, Question
from app.reprints.models import ReprintPermission, ReprintRequest
from app.reprints.permissions import Decided
from tests.builders import AUGUST, a_staff_member, signed_in
from tests.fakes import FakeMailer
from tests.pages import send
from tests.reprints.builders import a_request, granted
from tests.voting.test_letters import sent


@pytest.fixture
def editor(client: FlaskClient) -> FlaskClient:
    """An editor's browser."""
    return signed_in(client, a_staff_member("editor"))


def acts() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


def test_a_request_is_granted_with_terms_and_the_letter_has_its_number(
    editor: FlaskClient, mailer: FakeMailer
) -> None:
    one = a_request()
    where = f"/staff/reprints/{one.id}"
    answer = send(
        editor,
        f"{where}/grant",
        articles="https://news.example.org/bread",
        valid_until="2090-12-31",
        credit_line="Vilnyi Holos, Kyiv",
        conditions="Send us a copy.\nNo earlier than Monday.",
        changes_allowed="y",
    )
    assert (answer.status_code, answer.location) == (303, where)
    permission = db.session.scalars(select(ReprintPermission)).one()
    assert permission.holder == "Nordic Review"
    (draft,) = sent("reprint_granted", mailer)
    assert draft.to == "ann@nordic.example.org"
    assert draft.subject == f"You may reprint it: permission {permission.number}"
    for part in (draft.text, draft.html):
        for said in (
            "Ann Berg",
            permission.number,
            "Nordic Review",
            "December 31, 2090",
            "Vilnyi Holos, Kyiv",
            "may be shortened or changed",
            "Send us a copy.",
            "https://news.example.org/bread",
            f"http://localhost/reprint/permission/{permission.number}",
        ):
            assert said in part
    assert permission.number in editor.get(where).text
    assert acts() == ["reprint_granted"]


def test_terms_begin_with_what_was_asked_and_hold_a_year(editor: FlaskClient) -> None:
    one = a_request(organisation="", locale="uk")
    page = editor.get(f"/staff/reprints/{one.id}/grant").text
    for said in ("Ann Berg", "The winter of the power plants", "Вільний голос, https://"):
        assert said in page
    assert str((utcnow().astimezone(zone()) + timedelta(days=365)).year) in page


def test_a_request_is_refused_with_a_reason_in_the_language_it_was_asked_in(
    editor: FlaskClient, mailer: FakeMailer
) -> None:
    one = a_request(locale="uk")
    where = f"/staff/reprints/{one.id}"
    assert send(editor, f"{where}/refuse", reason="  ").status_code == 422
    assert send(editor, f"{where}/refuse", reason="Права належать фотографу.").status_code == 303
    (draft,) = sent("reprint_refused", mailer)
    assert (draft.to, draft.locale) == ("ann@nordic.example.org", "uk")
    for part in (draft.text, draft.html):
        assert "Права належать фотографу." in part
        assert "The winter of the power plants" in part
        assert "http://localhost/reprint" in part
    assert acts() == ["reprint_refused"]


def test_a_permission_is_withdrawn_and_whoever_asked_is_told(
    editor: FlaskClient, mailer: FakeMailer
) -> None:
    permission = granted()
    where = f"/staff/reprints/{permission.request_id}"
    assert send(editor, f"{where}/withdraw", reason="Printed without our name.").status_code == 303
    # The letter that grants it would be untrue by now.
    assert sent("reprint_granted", mailer) == []
    (draft,) = sent("reprint_withdrawn", mailer)
    assert draft.subject == f"Permission {permission.number} no longer holds"
    for part in (draft.text, draft.html):
        assert "Printed without our name." in part
    assert "Printed without our name." in editor.get(where).text
    assert acts() == ["reprint_granted", "reprint_withdrawn"]


def test_only_the_first_decision_counts(editor: FlaskClient) -> None:
    one = a_request()
    permissions.refuse(one.id, "No.", by=a_staff_member().id, now=AUGUST)
    for act in ("grant", "refuse", "withdraw"):
        answer = editor.get(f"/staff/reprints/{one.id}/{act}")
        assert answer.location == f"/staff/reprints/{one.id}"
    with pytest.raises(Decided):
        granted(db.session.get_one(ReprintRequest, one.id))
    with pytest.raises(Decided):
        permissions.withdraw(one.id, "No.", by=a_staff_member().id, now=AUGUST)
    permission = granted()
    permissions.withdraw(permission.request_id, "A.", by=a_staff_member().id, now=AUGUST)
    with pytest.raises(Decided):
        permissions.withdraw(permission.request_id, "B.", by=a_staff_member().id, now=AUGUST)
    assert permission.withdrawal == "A."


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"valid_until": "2020-01-01"}, "Choose a day from today on"),
        ({"articles": ""}, "Name at least one article"),
        ({"credit_line": ""}, "Write how we are to be named."),
        ({"holder": ""}, "Write who may reprint it"),
    ],
)
def test_terms_that_mean_nothing_are_not_granted(
    editor: FlaskClient, changed: dict[str, str], error: str
) -> None:
    one = a_request()
    answer = send(editor, f"/staff/reprints/{one.id}/grant", **changed)
    assert answer.status_code == 422
    assert error in answer.text
    assert permissions.of(one.id) is None


def test_who_has_waited_the_longest_stands_first_and_red(editor: FlaskClient) -> None:
    granted(a_request(organisation="Granted House"))
    now = utcnow()
    a_request(organisation="New House", now=now - timedelta(days=1))
    a_request(organisation="Late House", now=now - timedelta(days=9))
    page = editor.get("/staff/reprints").text
    places = [page.index(house) for house in ("Late House", "New House", "Granted House")]
    assert places == sorted(places)
    assert "Unanswered for 9 days" in page
    assert page.count("tag-bad") == 1


def test_the_register_is_filtered_and_searched(editor: FlaskClient) -> None:
    valid = granted(a_request(organisation="Valid House"), valid_until=None)
    granted(a_request(organisation="Expired House"), valid_until=AUGUST.date())
    no = a_request(organisation="Refused House")
    permissions.refuse(no.id, "No.", by=a_staff_member().id, now=AUGUST)
    a_request(organisation="Open House", articles="100%_sure")
    now = utcnow()
    assert lists.counts(now=now) == {
        Filter.OPEN: 1,
        Filter.VALID: 1,
        Filter.ENDED: 1,
        Filter.REFUSED: 1,
        Filter.SPAM: 0,
    }

    def found(**asked: str) -> set[str]:
        page = editor.get("/staff/reprints", query_string=asked).text
        return {h for h in ("Valid", "Expired", "Refused", "Open") if f">{h} House<" in page}

    assert found(filter="ended") == {"Expired"}
    assert found(filter="valid", q="house") == {"Valid"}
    assert found(q=valid.number.lower()) == {"Valid"}
    assert found(q="%_S") == {"Open"}
    assert found(q="REFUSED h") == {"Refused"}
    assert found(filter="nonsense") == {"Valid", "Expired", "Refused", "Open"}


def test_a_long_register_comes_by_pages(app: Flask) -> None:
    for number in range(lists.PAGE + 1):
        a_request(organisation=f"House {number}")
    now = utcnow()
    assert len(lists.page(Question(), now=now).rows) == lists.PAGE
    last = lists.page(Question(number=99), now=now)
    assert (last.number, last.pages, [r.request.organisation for r in last.rows]) == (
        2,
        2,
        [f"House {lists.PAGE}"],
    )


def test_the_register_is_downloaded_as_a_file_no_spreadsheet_runs(editor: FlaskClient) -> None:
    permission = granted(a_request(organisation="=cmd|' /C calc'!A0"), valid_until=None)
    a_request(organisation="Other House")
    answer = editor.get("/staff/reprints.csv?filter=valid")
    assert answer.headers["Cache-Control"] == "no-store"
    assert permission.number in answer.text
    assert "'=cmd" in answer.text
    assert "Other House" not in answer.text
    assert acts()[-1] == "reprints_downloaded"


def test_what_is_over_is_forgotten_two_years_later_and_what_holds_is_kept(app: Flask) -> None:
    refused = a_request(organisation="Refused House")
    permissions.refuse(refused.id, "No.", by=a_staff_member().id, now=AUGUST)
    granted(a_request(organisation="Expired House"), valid_until=AUGUST.date())
    withdrawn = granted(a_request(organisation="Withdrawn House"))
    permissions.withdraw(withdrawn.request_id, "No.", by=a_staff_member().id, now=AUGUST)
    granted(a_request(organisation="Valid House"), valid_until=None)
    a_request(organisation="Open House")
    assert forgetting.answered(before=AUGUST) == 0
    assert forgetting.answered(before=AUGUST + timedelta(days=1)) == 3
    left = set(db.session.scalars(select(ReprintRequest.organisation)))
    assert left == {"Valid House", "Open House"}


def test_who_waits_too_long_stands_red_on_the_monday_page(editor: FlaskClient) -> None:
    now = utcnow()
    a_request(now=now - timedelta(days=2))
    line = "Requests to reprint without an answer for too long"
    assert line not in editor.get("/staff").text
    late = a_request(now=now - timedelta(days=8))
    assert f"1 – {line}" in editor.get("/staff").text
    permissions.refuse(late.id, "No.", by=a_staff_member().id, now=now)
    assert line not in editor.get("/staff").text
