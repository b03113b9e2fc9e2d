"""Everything that is known about a person, in one file that only they can fetch."""

import io
import json
import re
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import select, text

from app.accounts import audit
from app.accounts.models import AccountNote
from app.clock import utcnow
from app.extensions import Base, db
from app.giving.models import Pledge
from app.owed import claim
from app.privacy import takeouts
from app.privacy.inventory import catalogue
from app.privacy.takeout_models import Takeout, TakeoutPart
from app.privacy.takeout_sections import LEFT_OUT, SECTIONS
from app.privacy.takeouts import MOST_A_DAY, TooMany
from tests.builders import a_patron, a_reader, a_staff_member, signed_in
from tests.fakes import FakeGateway, FakeMailer
from tests.giving.gifts import count, sent
from tests.pages import send
from tests.privacy.people import EMAIL, NAME, somebody
from tests.voting.builders import an_open_round, votes


def made(account_id: int, locale: str = "en") -> Takeout:
    """A file that was asked for and that the job has made."""
    takeout = takeouts.ask(account_id, locale=locale, now=utcnow())
    takeouts.make(takeout.id, now=utcnow())
    return db.session.get_one(Takeout, takeout.id, populate_existing=True)


def opened(takeout: Takeout) -> ZipFile:
    """The zip as its person fetches it."""
    body = b"".join(takeouts.fetch(takeout.id, takeout.account_id, now=utcnow()))
    assert len(body) == takeout.size
    return ZipFile(io.BytesIO(body))


def data_of(takeout: Takeout) -> dict[str, Any]:
    """What machines read of it."""
    read: dict[str, Any] = json.loads(opened(takeout).read("data.json"))
    return read


def test_the_file_tells_all_that_was_given_said_and_noted(app: Flask, gateway: FakeGateway) -> None:
    one = somebody(gateway)
    told = data_of(made(one.id))["sections"]
    assert told["account"][0]["email"] == EMAIL
    assert told["pledges"][0]["amount"] == {"minor": 900, "currency": "EUR"}
    assert [gift["source"] for gift in told["gifts"]].count("stripe") == 3
    assert told["gifts"][0]["receipt_name"] == NAME
    assert told["notes"][0]["text"].startswith(NAME)
    assert told["deeds"][0] == {
        **told["deeds"][0],
        "act": "gift_entered",
        "by": "staff",
    }
    assert "person_seen" in [deed["act"] for deed in told["deeds"]]
    assert told["proposals"][0]["title"] == "The dam upstream"
    assert told["voices"][0]["what"] == "seconded"
    assert told["touches"][0]["campaign"] == "spring"
    assert {row["what"] for row in told["went_back"]} == {"refund", "movement"}


def test_which_member_of_staff_it_was_is_not_told(app: Flask, gateway: FakeGateway) -> None:
    one = somebody(gateway)
    assert "Iryna Bondar" not in opened(made(one.id)).read("data.json").decode()


@pytest.mark.parametrize(("locale", "heading"), [("en", "Your account"), ("uk", "Ваш профіль")])
def test_the_page_says_the_same_in_the_persons_language_and_fetches_nothing(
    app: Flask, gateway: FakeGateway, locale: str, heading: str
) -> None:
    one = somebody(gateway, locale=locale)
    takeout = made(one.id, locale)
    page = opened(takeout).read("index.html").decode()
    assert f'<html lang="{locale}">' in page
    assert heading in page
    for row in data_of(takeout)["sections"]["proposals"]:
        assert row["title"] in page
    assert NAME in page
    said = {"en": ("each month", "opened the person"), "uk": ("щомісяця", "переглянуто сторінку")}
    assert all(words in page for words in said[locale])
    assert not re.search(r"<script|<link|<img|src=|href=|url\(|@import", page)


def test_the_receipts_lie_beside_it(app: Flask, gateway: FakeGateway) -> None:
    one = somebody(gateway)
    packed = opened(made(one.id))
    papers = [name for name in packed.namelist() if name.startswith("receipts/")]
    told = json.loads(packed.read("data.json"))["sections"]["gifts"]
    assert papers == sorted(f"receipts/receipt-{gift['receipt']}.pdf" for gift in told)
    assert packed.read(papers[0]).startswith(b"%PDF")


def test_what_was_ticked_is_told_while_a_vote_is_open_and_never_afterwards(app: Flask) -> None:
    patron, round_ = a_patron(), an_open_round()
    votes(patron, round_, 1, 3)
    told = data_of(made(patron.id))["sections"]["votes"]
    assert told[0]["choices"] == ["Power cuts in Kharkiv", "Children brought home"]
    db.session.execute(text("UPDATE voting_round SET ballot_key_sealed = NULL"))
    db.session.commit()
    (vote,) = data_of(made(patron.id))["sections"]["votes"]
    assert vote["choices"] is None
    assert vote["first_cast_on"] is not None


def test_every_table_with_something_about_people_is_in_the_file_or_named_with_a_reason(
    app: Flask,
) -> None:
    told = {table for section in SECTIONS for table in section.tables}
    left_out = {table for one in LEFT_OUT for table in one.tables}
    personal = {table for table, _column in catalogue.personal_columns()}
    about_staff = {
        table
        for table in personal
        if all(
            column.endswith(("by_id", "by_account_id", "_by", "editor_id", "assignee_id"))
            for column in leads_to_account(table)
        )
        and leads_to_account(table)
    }
    assert sorted(personal - told - left_out - about_staff) == []
    assert told & left_out == set()
    assert sorted((told | left_out) - set(Base.metadata.tables)) == []


def leads_to_account(table: str) -> list[str]:
    """The columns of a table that name an account."""
    return [
        column.name
        for column in Base.metadata.tables[table].columns
        if any(key.column.table.name == "account" for key in column.foreign_keys)
        or column.name == "account_id"
    ]


def test_what_is_left_out_stands_in_the_file_with_the_reason(app: Flask) -> None:
    takeout = made(a_reader().id)
    left_out = data_of(takeout)["left_out"]
    assert [one["tables"] for one in left_out] == [list(one.tables) for one in LEFT_OUT]
    with force_locale("en"):
        page = opened(takeout).read("index.html").decode()
        for one in LEFT_OUT:
            assert str(one.why) in page


def test_nobody_else_can_fetch_it_and_nobody_after_its_time(
    app: Flask, client: FlaskClient, gateway: FakeGateway
) -> None:
    one = somebody(gateway)
    takeout = made(one.id)
    address = f"/account/data/{takeout.id}.zip"
    assert "/sign-in" in client.get(address).headers["Location"]
    assert signed_in(client, a_reader()).get(address).status_code == 404
    owner = db.session.get_one(type(a_reader()), one.id)
    answer = signed_in(client, owner).get(address)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert ZipFile(io.BytesIO(answer.data)).testzip() is None
    late = utcnow() + takeouts.lasts()
    assert takeouts.remove_old(now=late) == 1
    assert signed_in(client, owner).get(address).status_code == 404
    assert count(TakeoutPart) == 0


def test_a_copy_of_the_database_alone_does_not_give_what_is_in_it(
    app: Flask, gateway: FakeGateway
) -> None:
    made(somebody(gateway).id)
    sealed = db.session.scalars(select(TakeoutPart.sealed)).all()
    assert all(not part.startswith(b"PK") for part in sealed)


def test_a_letter_says_when_it_is_ready(app: Flask, mailer: FakeMailer) -> None:
    takeout = made(a_reader("oksana@example.org").id)
    (draft,) = sent(mailer, "data_ready")
    assert draft.to == "oksana@example.org"
    assert "/account/data" in draft.text
    assert str(takeout.id) not in draft.text


def test_one_is_made_at_a_time_and_a_few_in_a_day(app: Flask) -> None:
    reader = a_reader()
    first = takeouts.ask(reader.id, locale="en", now=utcnow())
    assert takeouts.ask(reader.id, locale="en", now=utcnow()).id == first.id
    takeouts.make(first.id, now=utcnow())
    for _turn in range(MOST_A_DAY - 1):
        made(reader.id)
    with pytest.raises(TooMany):
        takeouts.ask(reader.id, locale="en", now=utcnow())
    assert takeouts.ask(reader.id, locale="en", now=utcnow() + timedelta(days=1)) is not None


def test_it_is_asked_for_on_a_page_and_made_by_the_job(app: Flask, client: FlaskClient) -> None:
    reader = a_reader()
    browser = signed_in(client, reader)
    page = send(browser, "/account/data")
    assert page.status_code in (200, 303)
    assert "is being made" in browser.get("/account/data").text
    (takeout,) = takeouts.of(reader.id)
    takeouts.make(takeout.id, now=utcnow())
    assert f"{takeout.id}.zip" in browser.get("/account/data").text


def test_the_data_of_a_merged_account_are_the_persons_too(app: Flask) -> None:
    kept, merged = a_reader(), a_patron("old@example.org")
    merged.merged_into_id = kept.id
    db.session.add(
        AccountNote(
            account_id=merged.id, by_account_id=kept.id, text="Of old.", written_at=utcnow()
        )
    )
    db.session.commit()
    told = data_of(made(kept.id))["sections"]
    assert [one["email"] for one in told["account"]][1] == "old@example.org"
    assert told["notes"][0]["text"] == "Of old."
    assert len(told["pledges"]) == count(Pledge)


def test_what_staff_did_to_others_is_not_in_the_file_of_who_did_it(app: Flask) -> None:
    staff, other = a_staff_member("fundraiser"), a_patron()
    audit.note(
        staff.id,
        "letters_ended",
        "account",
        other.id,
        account_id=other.id,
        now=utcnow(),
        reason="Taras Koval telephoned",
    )
    db.session.commit()
    (own,) = data_of(made(staff.id))["sections"]["deeds"]
    assert (own["act"], own["by"], own["about"], own["details"]) == (
        "letters_ended",
        "you",
        None,
        [],
    )
    (theirs,) = data_of(made(other.id))["sections"]["deeds"]
    assert theirs["by"] == "staff"
    assert theirs["details"] == ["reason: Taras Koval telephoned"]


def test_a_file_whose_workers_are_killed_each_time_is_given_up_and_may_be_asked_for_again(
    app: Flask, mailer: FakeMailer
) -> None:
    reader, now = a_reader(), utcnow()
    takeout = takeouts.ask(reader.id, locale="en", now=now)
    for _worker in range(takeouts.MOST_ATTEMPTS):
        assert claim(Takeout, now=now, lease=timedelta(minutes=1), limit=1) == [takeout.id]
        now += timedelta(days=1)
    (claimed,) = claim(Takeout, now=now, lease=timedelta(minutes=1), limit=1)
    takeouts.make(claimed, now=now)
    found = db.session.get_one(Takeout, takeout.id, populate_existing=True)
    assert (found.due_at, found.failed_at, found.ready_at) == (None, now, None)
    assert len(sent(mailer, "data_ready")) == 1
    assert takeouts.ask(reader.id, locale="en", now=now).id != takeout.id
