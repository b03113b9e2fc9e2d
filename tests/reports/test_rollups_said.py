"""Letters and files that do not have all that has happened say so, as the pages do."""

import csv
import io

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.accounts.models import Account, Role
from app.clock import utcnow
from app.export import Format
from app.extensions import db
from app.letters.models import Letter
from app.reports import exports, monday
from app.reports.contents import Kind, Wanted
from app.reports.models import ExportFile
from app.reports.rollups import catalogue, following
from app.reports.rollups.tables import RollupState
from tests.builders import a_patron, a_staff_member, signed_in

WORD = "Until then these figures do not have all of it."


def behind() -> None:
    """All that is kept was made in another zone, so that nobody can fill it while one waits."""
    assert following.follow(catalogue.ROLLUPS)
    db.session.execute(update(RollupState).values(terms="another zone"))
    db.session.commit()


def up_to_date() -> None:
    """The worker has come to its end."""
    assert following.follow(catalogue.ROLLUPS)


def said(account: Account) -> list[str]:
    """The Monday letter of somebody, as text and as HTML."""
    matter = f"2026-08-17:{account.id}"
    draft = monday.write(Letter(kind=monday.KIND, matter=matter, account_id=account.id))
    assert draft is not None
    return [draft.text, draft.html]


def made(by: Account) -> tuple[ExportFile, list[list[str]]]:
    """A file of the supporters that the job makes, and its rows."""
    wanted = Wanted(Kind.SUPPORTERS, "", {})
    key = exports.ask(wanted, Format.CSV, by=by.id, locale="en", now=utcnow())
    exports.make(key, clock=utcnow)
    row = db.session.get_one(ExportFile, key)
    text = b"".join(exports.body(key, row.parts)).decode("utf-8-sig")
    return row, list(csv.reader(io.StringIO(text)))


def test_the_mondays_letter_says_what_it_does_not_have(app: Flask) -> None:
    fundraiser = a_staff_member(Role.FUNDRAISER)
    fundraiser.monday_letter = True
    behind()
    assert all(WORD in text for text in said(fundraiser))
    up_to_date()
    # The worker that wrote the first is the one that writes the next.
    assert not any(WORD in text for text in said(fundraiser))


def test_a_file_that_a_job_makes_says_in_its_last_row_what_it_does_not_have(app: Flask) -> None:
    a_patron()
    fundraiser = a_staff_member(Role.FUNDRAISER)
    behind()
    row, lines = made(fundraiser)
    assert WORD in lines[-1][0]
    assert (row.rows_all, row.rows_done) == (len(lines) - 2, len(lines) - 2)
    up_to_date()
    row, lines = made(fundraiser)
    assert WORD not in str(lines)
    assert row.rows_all == 1 == len(lines) - 1


def test_files_that_come_at_once_and_lists_say_so_too(client: FlaskClient) -> None:
    a_patron()
    signed_in(client, a_staff_member(Role.OWNER))
    behind()
    pages = (
        "/staff/supporters.csv",
        "/staff/supporters",
        "/staff/reports/movements.csv",
        "/staff/reports/cash",
        "/staff/reports/patrons",
    )
    assert [WORD in client.get(page).text for page in pages] == [True] * len(pages)
    up_to_date()
    assert [WORD in client.get(page).text for page in pages] == [False] * len(pages)
