"""What articles are called in reports: by the title readers' pages told, else by their address."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import insert

from app.clock import utcnow
from app.extensions import db
from app.giving.models import FunnelDay, Pledge
from app.reports import article_names, movements, report_words, supporters
from app.reports.figures import articles, first_90, funnel
from app.reports.shape import Listing, Report
from app.reports.supporters import Question
from tests.reports.lives import asked, cells
from tests.reports.test_articles_report import DAY, MARCH, began
from tests.reports.touches import checkout_of, touch

RIVER = "/2026/03/%D1%80%D1%96%D1%87%D0%BA%D0%B0/"
READ = "/2026/03/річка/"


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def came(article: str, title: str | None = None, at: datetime = MARCH) -> Pledge:
    """A pledge that an article led to, whose page told a title or none."""
    pledge = began(at, article)
    begun = checkout_of(pledge, None, touch(article=article, title=title))
    begun.status, begun.closed_at = "paid", at
    db.session.commit()
    return pledge


def names(report: Report) -> list[str]:
    """What the rows of a report's first table are called."""
    return [str(row[0]) for row in cells(report.build(asked("2026-03", "2026-08")))[0]]


def listed(listing: Listing) -> list[str]:
    """The texts of a list."""
    return [report_words.written(cell) for row in listing.rows.part(0, 100) for cell in row]


@pytest.mark.parametrize("report", [articles.REPORT, first_90.REPORT])
def test_an_article_is_called_by_its_title_or_by_its_address_in_letters(report: Report) -> None:
    came("night", "Who works at night")
    came(RIVER)
    began(MARCH, None)
    assert sorted(names(report)) == [READ, "Who works at night", "unknown"]


def test_it_is_still_counted_by_its_address() -> None:
    came(RIVER, "Who poisons the river")
    came(RIVER)
    (row,) = cells(articles.build(asked()))[0]
    assert (row[0], row[2]) == ("Who poisons the river", 2)
    found = articles.listed(asked(), f"article:last:new:EUR:={RIVER}")
    assert listed(found).count("Who poisons the river") == 2
    # In a chart the bars are called the same.
    chart = articles.build(asked()).chart
    assert chart is not None
    assert [bar[1] for bar in chart.bars] == ["Who poisons the river"]
    table = cells(articles.build(asked()))[1]
    assert [row[0] for row in table] == ["Who poisons the river"]


def test_two_articles_of_one_title_are_told_apart() -> None:
    came(RIVER, "The river")
    came("night", "The river")
    assert sorted(names(articles.REPORT)) == [f"The river ({READ})", "The river (night)"]


def test_whoever_gives_by_a_made_up_title_does_not_rename_the_article() -> None:
    came("night", "Who works at night")
    came("night", "Who works at night")
    came("night", "Buy cheap pills")
    assert names(articles.REPORT) == ["Who works at night"]
    assert article_names.named(["night", ""]) == {"night": "Who works at night", "": "unknown"}


def test_whoever_sends_the_form_without_paying_does_not_name_the_article() -> None:
    came("night", "Who works at night")
    for _ in range(article_names.TOLD):
        checkout_of(None, None, touch(article="night", title="Buy cheap pills"))
        checkout_of(None, None, touch(article="day", title="Buy cheap pills"))
    assert article_names.named(["night", "day"]) == {
        "night": "Who works at night",
        "day": "day",
        "": "unknown",
    }


def test_the_first_days_are_listed_by_the_name_of_the_article() -> None:
    came("night", "Who works at night")
    came(RIVER)
    found = first_90.listed(asked(), f"came:all:{RIVER}")
    assert found.caption.endswith(READ)
    assert READ in listed(found)
    assert "Who works at night" in listed(first_90.listed(asked(), "came:all:night"))


def test_visits_are_called_by_the_name_of_the_article() -> None:
    came("night", "Who works at night")
    db.session.execute(
        insert(FunnelDay),
        [
            {
                "day": MARCH.date(),
                "step": "seen",
                "language": "en",
                "device": "phone",
                "campaign": "",
                "article": article,
                "count": 30,
            }
            for article in ("night", RIVER, "")
        ],
    )
    db.session.commit()
    table = cells(funnel.build(asked("2026-03", "2026-03")))[-1]
    assert [row[0] for row in table] == [READ, "Who works at night", "unknown"]


def test_people_are_named_with_the_title_that_led_them_here() -> None:
    now = utcnow()
    came("night", "Who works at night", now - 3 * DAY)
    came(RIVER, at=now - 2 * DAY)
    moved = movements.between(now - timedelta(days=7), now, newest=8)
    assert [one.article for one in moved.newest_joined] == [READ, "Who works at night"]
    found = list(supporters.each(Question(), now=now))
    assert {one.article for one in found} == {READ, "Who works at night"}
