"""Files that staff take out: short ones at once, long ones made by a job and fetched for a day."""

import csv
import io
import uuid
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.accounts.models import Account, AuditEntry, Role
from app.clock import utcnow
from app.desk import deed_details, deed_words
from app.export import Format
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.owed import claim
from app.reports import exports
from app.reports.contents import Kind, Wanted
from app.reports.models import ExportFile, ExportPart
from config.settings import Settings
from tasks import reports as jobs_of_reports
from tests.builders import a_patron, a_staff_member, signed_in
from tests.fakes import FakeMailer
from tests.pages import send

LEASE = timedelta(minutes=1)
DAY = timedelta(hours=24)
SUPPORTERS = Wanted(Kind.SUPPORTERS, "", {"sort": "name"})
BY_GIFT = Wanted(Kind.SUPPORTERS, "", {"sort": "last_gift"})


@pytest.fixture(autouse=True)
def few_at_once(application: Flask, settings: Settings) -> Iterator[None]:
    """A newsroom that hands out files of three rows at once and no longer ones."""
    few = settings.model_copy(update={"export_at_once": 3})
    application.extensions["settings"] = few
    yield
    application.extensions["settings"] = settings


def patrons(count: int) -> None:
    """So many people who give, by name."""
    for number in range(count):
        a_patron(name=f"Patron {number}")


def browser(app: Flask, role: Role) -> tuple[FlaskClient, Account]:
    """The browser of a new member of staff."""
    account = a_staff_member(role)
    return signed_in(app.test_client(), account), account


def asked(by: Account, form: Format = Format.CSV, wanted: Wanted = SUPPORTERS) -> uuid.UUID:
    """A file somebody asked for."""
    return exports.ask(wanted, form, by=by.id, locale="en", now=utcnow())


def make(clock: Callable[[], datetime] = utcnow) -> None:
    """Do what the worker does: claim the file that is due and make it."""
    for key in claim(ExportFile, now=clock(), lease=LEASE, limit=1):
        exports.make(key, clock=clock)


def acts(by: Account) -> list[str]:
    """What the audit log says somebody did, the oldest first."""
    found = select(AuditEntry).where(AuditEntry.by_account_id == by.id).order_by(AuditEntry.id)
    return [
        f"{deed_words.act(entry.act)}; {deed_details.write(entry)}"
        for entry in db.session.scalars(found)
    ]


def test_a_short_file_comes_at_once_and_is_in_the_audit_log(client: FlaskClient) -> None:
    patrons(3)
    finance = a_staff_member(Role.FINANCE)
    signed_in(client, finance)
    for path, head in (
        ("/staff/supporters.csv", "Name"),
        ("/staff/month/entries.csv", "Day"),
        ("/staff/reports/movements.csv", "Month"),
        ("/staff/reports/at-risk/list.csv?of=late:all:all", "Name"),
    ):
        answer = client.get(path)
        assert answer.text.startswith(f"\ufeff{head}"), path
        assert answer.headers["Cache-Control"] == "no-store"
    for path in ("/staff/supporters.xlsx", "/staff/month/entries.xlsx"):
        sheet = zipfile.ZipFile(io.BytesIO(client.get(path).data))
        assert "xl/worksheets/sheet1.xml" in sheet.namelist()
    with client.application.test_request_context():
        assert acts(finance) == [
            "downloaded the supporters; rows: 3; kind of file: csv",
            "downloaded the entries of a month; rows: 0; kind of file: csv",
            "downloaded a report; kind of file: csv; report: Movements of what recurs",
            "downloaded the list behind a figure; rows: 0; kind of file: csv; report: At risk now",
            "downloaded the supporters; rows: 3; kind of file: xlsx",
            "downloaded the entries of a month; rows: 0; kind of file: xlsx",
        ]


def test_a_long_file_is_asked_for_made_by_the_job_and_fetched_by_its_link(
    app: Flask, mailer: FakeMailer
) -> None:
    patrons(4)
    client, fundraiser = browser(app, Role.FUNDRAISER)
    page = client.get("/staff/supporters.csv?sort=name")
    assert page.mimetype == "text/html"
    assert "4 rows" in page.text
    answer = send(client, "/staff/supporters.csv?sort=name")
    assert answer.status_code == 303
    waiting = client.get(answer.location)
    assert "waits for its turn" in waiting.text
    assert client.get(f"{answer.location}/file").location == answer.location
    jobs_of_reports.make_files()
    ready = client.get(answer.location)
    assert "Download the file" in ready.text
    assert "http-equiv" not in ready.text
    file = client.get(f"{answer.location}/file")
    rows = list(csv.reader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert [row[0] for row in rows] == ["Name", *(f"Patron {number}" for number in range(4))]
    assert file.content_length == len(file.data)
    assert "supporters-" in file.headers["Content-Disposition"]
    assert answer.location in client.get("/staff/exports").text
    (owed,) = db.session.scalars(select(Letter).where(Letter.kind == "export_file"))
    assert owed.account_id == fundraiser.id
    letters.send(owed.id, mailer, now=utcnow())
    ((_id, letter),) = mailer.sent
    assert answer.location in letter.text
    assert "Your file is ready: Supporters" in letter.subject
    with app.test_request_context():
        assert acts(fundraiser) == [
            "asked for a file of many rows; kind of file: csv; report: Supporters",
            "downloaded a file of many rows; rows: 4; kind of file: csv; report: Supporters",
        ]


def test_the_list_behind_a_figure_is_made_as_a_workbook_too(app: Flask) -> None:
    patrons(5)
    client, fundraiser = browser(app, Role.FUNDRAISER)
    month = f"{utcnow():%Y-%m}"
    wanted = Wanted(Kind.LIST, "patrons", {"from": month, "to": month, "of": f"{month}-01:end"})
    key = asked(fundraiser, Format.XLSX, wanted)
    make()
    body = client.get(f"/staff/exports/{key}/file").data
    sheet = zipfile.ZipFile(io.BytesIO(body)).read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 6


def test_the_link_is_for_who_may_see_what_is_in_it_and_for_a_day(app: Flask) -> None:
    patrons(4)
    _client, fundraiser = browser(app, Role.FUNDRAISER)
    key = asked(fundraiser)
    make()
    for role, status in ((Role.FINANCE, 200), (Role.OWNER, 200), (Role.EDITOR, 403)):
        client, _account = browser(app, role)
        for path in (f"/staff/exports/{key}", f"/staff/exports/{key}/file"):
            assert client.get(path).status_code == status, role
        assert str(key) not in client.get("/staff/exports").text
    db.session.execute(update(ExportFile).values(expires_at=utcnow()))
    db.session.commit()
    owner, _account = browser(app, Role.OWNER)
    assert owner.get(f"/staff/exports/{key}/file").status_code == 404
    assert exports.remove_old(now=utcnow()) == 1
    for model in (ExportFile, ExportPart):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0


def test_what_a_killed_worker_left_is_made_by_the_next_one(app: Flask) -> None:
    patrons(4)
    key = asked(a_staff_member())
    now = utcnow()
    assert claim(ExportFile, now=now, lease=LEASE, limit=1) == [key]
    assert claim(ExportFile, now=now, lease=LEASE, limit=1) == []
    make(lambda: now + 2 * LEASE)
    assert exports.find(key, now).ready_at is not None


def test_of_two_workers_the_one_that_was_believed_dead_gives_way(app: Flask) -> None:
    patrons(4)
    key = asked(a_staff_member())
    (claimed,) = claim(ExportFile, now=utcnow(), lease=LEASE, limit=1)

    def overtaken() -> datetime:
        """Each look at the clock takes so long that another worker has taken the file over."""
        with db.engine.begin() as connection:
            connection.execute(update(ExportFile).values(attempts=ExportFile.attempts + 1))
        return utcnow()

    exports.make(claimed, clock=overtaken)
    row = exports.find(key, utcnow())
    assert (row.ready_at, row.parts) == (None, 0)
    assert row.due_at is not None


def test_a_worker_that_was_overtaken_and_fails_harms_nothing_of_the_other(app: Flask) -> None:
    patrons(4)
    key = asked(a_staff_member())
    (claimed,) = claim(ExportFile, now=utcnow(), lease=LEASE, limit=1)
    looks: list[datetime] = []

    def overtaken() -> datetime:
        """The last time others may try begins, and then this worker is told to end."""
        looks.append(utcnow())
        if len(looks) == 2:
            with db.engine.begin() as connection:
                connection.execute(update(ExportFile).values(attempts=exports.MOST_ATTEMPTS))
            raise TimeoutError
        return looks[-1]

    exports.make(claimed, clock=overtaken)
    row = exports.find(key, utcnow())
    assert (row.failed_at, row.error) == (None, None)
    assert row.due_at is not None


def test_a_file_is_believed_to_be_made_from_when_its_rows_were_counted(app: Flask) -> None:
    patrons(4)
    asked(a_staff_member())
    began = utcnow()
    looks: list[datetime] = []

    def clock() -> datetime:
        """Four minutes pass between two looks: over the claim's lease, within the file's own."""
        looks.append(began + timedelta(minutes=4) * len(looks))
        return looks[-1]

    (claimed,) = claim(ExportFile, now=began, lease=LEASE, limit=1)
    exports.make(claimed, clock=clock)
    assert len(looks) == 4, "before rows are counted, after, once all are read, and once kept"


def test_who_asks_twice_for_the_same_file_gets_one(app: Flask) -> None:
    patrons(4)
    finance, owner = a_staff_member(Role.FINANCE), a_staff_member(Role.OWNER)
    first = asked(finance)
    assert asked(finance) == first
    others = [asked(owner), asked(finance, Format.XLSX), asked(finance, wanted=BY_GIFT)]
    assert len({first, *others}) == 4
    make()
    assert asked(finance) != first, "what is ready is of an earlier moment"


def test_a_file_may_take_long_but_ends_before_its_nudge_comes_again(app: Flask) -> None:
    soft, hard = jobs_of_reports.make_files.soft_time_limit, jobs_of_reports.make_files.time_limit
    again = app.extensions["celery"].conf.broker_transport_options["visibility_timeout"]
    assert 1800 < soft < hard < again


def test_a_file_that_cannot_be_made_is_given_up_says_so_and_can_be_asked_again(
    app: Flask, mailer: FakeMailer
) -> None:
    patrons(4)
    client, owner = browser(app, Role.OWNER)
    key = asked(owner)
    # What it asked for is no more, as after a change of the program.
    db.session.execute(update(ExportFile).values(kind="entries", words={"month": "gone"}))
    db.session.commit()
    now = utcnow()
    for _attempt in range(exports.MOST_ATTEMPTS):
        now += timedelta(hours=1)
        (claimed,) = claim(ExportFile, now=now, lease=LEASE, limit=1)
        with pytest.raises(KeyError):
            exports.make(claimed, clock=utcnow)
    assert claim(ExportFile, now=now + DAY, lease=LEASE, limit=1) == []
    page = client.get(f"/staff/exports/{key}")
    assert "could not be made" in page.text
    (owed,) = db.session.scalars(select(Letter).where(Letter.kind == "export_file"))
    letters.send(owed.id, mailer, now=utcnow())
    assert "could not be made" in mailer.sent[0][1].subject
    db.session.execute(update(ExportFile).values(kind="supporters", words={}))
    db.session.commit()
    again = send(client, f"/staff/exports/{key}/again", page=f"/staff/exports/{key}")
    jobs_of_reports.make_files()
    assert "Download the file" in client.get(again.location).text


def test_progress_is_told_while_rows_are_written(app: Flask) -> None:
    patrons(4)
    client, owner = browser(app, Role.OWNER)
    key = asked(owner)
    db.session.execute(update(ExportFile).values(rows_all=90_000, rows_done=42_000))
    db.session.commit()
    page = client.get(f"/staff/exports/{key}")
    assert "42,000 of 90,000 rows are written." in page.text
    assert '<progress max="90000" value="42000"' in page.text
