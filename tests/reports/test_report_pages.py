"""Every report can be opened, its lists and files too, by whoever may and by nobody else."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Role
from app.clock import utcnow
from app.current import zone
from app.demo import filling
from app.extensions import db
from app.reports import catalogue, months
from app.reports.shape import Answer, Asked, Behind, Report
from tests.builders import a_staff_member, signed_in
from tests.conftest import Browser, _empty

NAMES = [report.name for report in catalogue.REPORTS]


@pytest.fixture(scope="module")
def newsroom(application: Flask) -> Iterator[datetime]:
    """The demo newsroom, filled once for all these tests; the moment it was filled at."""
    with application.app_context():
        _empty()
        application.extensions["redis"].flushall()
        now = utcnow()
        filling.fill(now=now, zone=zone())
        yield now
        db.session.remove()
        _empty()


@pytest.fixture
def owner(application: Flask, newsroom: datetime) -> Iterator[FlaskClient]:
    """The owner's browser."""
    application.test_client_class = Browser
    with application.app_context():
        yield signed_in(application.test_client(), a_staff_member(Role.OWNER))
        db.session.remove()


def asked_for(report: Report, now: datetime) -> Asked:
    """The last twelve months of a report."""
    last = months.first_day(now, zone())
    return Asked(months.following(last, -11), last, now, zone())


def keys_of(answer: Answer) -> list[str]:
    """The keys of the lists that a report offers."""
    values = [value for figure in answer.figures for value in figure.values]
    values += [value for table in answer.tables for row in table.rows for value in row]
    return list(dict.fromkeys(value.key for value in values if isinstance(value, Behind)))


@pytest.mark.parametrize("name", NAMES)
def test_a_report_opens_with_its_figures_lists_and_files(
    application: Flask, newsroom: datetime, owner: FlaskClient, name: str
) -> None:
    report = catalogue.named(name)
    with application.test_request_context():
        answer = report.build(asked_for(report, newsroom))
        keys = keys_of(answer)
        assert answer.figures or answer.tables or answer.refused
        for table in answer.tables:
            assert all(len(row) == len(table.head) for row in table.rows), table.caption
    page = owner.get(f"/staff/reports/{name}")
    assert page.status_code == 200
    assert report.definition()[:30] in page.text.replace("&#39;", "'")
    for key in keys[:5]:
        listed = owner.get(f"/staff/reports/{name}/list", query_string={"of": key})
        assert listed.status_code == 200
        assert "<table" in listed.text
    if answer.tables:
        rows = list(csv.reader(io.StringIO(owner.get(f"/staff/reports/{name}.csv").text)))
        assert len(rows) == len(answer.tables[0].rows) + 1
        book = zipfile.ZipFile(io.BytesIO(owner.get(f"/staff/reports/{name}.xlsx").data))
        sheets = [one for one in book.namelist() if one.startswith("xl/worksheets/sheet")]
        assert len(sheets) == len(answer.tables)
    chart = owner.get(f"/staff/reports/{name}/chart.svg")
    assert chart.status_code == (200 if answer.chart else 404)
    if answer.chart:
        assert len(answer.chart.bars) <= len(answer.tables[0].rows)
        ElementTree.fromstring(chart.data)


@pytest.mark.parametrize("name", NAMES)
def test_a_report_without_data_says_so_and_does_not_break(client: FlaskClient, name: str) -> None:
    signed_in(client, a_staff_member(Role.OWNER))
    for query in ("", "?from=2026-01&to=2026-02&currency=EUR", "?from=nonsense&currency=XXX"):
        assert client.get(f"/staff/reports/{name}{query}").status_code == 200
    for suffix in ("csv", "xlsx"):
        assert client.get(f"/staff/reports/{name}.{suffix}").status_code in (200, 404)
    wrong = client.get(f"/staff/reports/{name}/list?of=nothing-of-ours")
    assert wrong.status_code == 404


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", [None, *Role])
def test_a_report_is_read_by_its_own_roles(
    client: FlaskClient, name: str, role: Role | None
) -> None:
    report = catalogue.named(name)
    if role is None:
        assert client.get(f"/staff/reports/{name}").status_code == 303
        return
    signed_in(client, a_staff_member(role))
    allowed = role in (*report.roles, Role.OWNER)
    for part in (name, f"{name}.csv"):
        status = client.get(f"/staff/reports/{part}").status_code
        assert (status != 403) is allowed, part


def test_the_list_shows_a_person_only_what_may_be_read(client: FlaskClient) -> None:
    signed_in(client, a_staff_member(Role.EDITOR))
    page = client.get("/staff/reports")
    assert page.status_code == 200
    for report in catalogue.REPORTS:
        assert (f"/staff/reports/{report.name}" in page.text) is (Role.EDITOR in report.roles)
    assert client.get("/staff/reports/no-such").status_code == 404
