"""A newsroom of before consent was asked for is brought up to date: who goes on getting what."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_migrate import upgrade
from pydantic import SecretStr
from sqlalchemy import text

from app import create_app
from app.clock import utcnow
from app.extensions import db
from app.letters import consents
from app.letters.categories import Category
from app.privacy import forgetting
from config.local.services import Services
from config.settings import Settings

MARCH = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["0015", "0019"])
def before(
    request: pytest.FixtureRequest, app: Flask, services: Services, settings: Settings
) -> Iterator[Flask]:
    """An empty newsroom at a release of before: the last that went out, and the last without it."""
    assert services.postgres is not None
    url = SecretStr(services.postgres.create_database(f"before_{uuid.uuid4().hex[:8]}"))
    product = create_app(settings.model_copy(update={"database_url": url}))
    with product.app_context():
        upgrade(revision=request.param)
        yield product
        db.session.remove()
        db.engine.dispose()


def a_person(email: str, locale: str = "en", merged_into: int | None = None) -> int:
    return _written(
        "INSERT INTO account (email, name, locale, listed, session_version, merged_into_id)"
        " VALUES (:email, 'Ann', :locale, false, 1, :into) RETURNING id",
        email=email,
        locale=locale,
        into=merged_into,
    )


def pledges(person: int, *, begun: bool, status: str = "active") -> None:
    _written(
        "INSERT INTO pledge (id, account_id, status, interval, amount_minor, currency, started_at)"
        " VALUES (:id, :person, :status, 'month', 500, 'EUR', :at) RETURNING 1",
        id=uuid.uuid4(),
        person=person,
        status=status,
        at=MARCH if begun else None,
    )


def votes(person: int) -> None:
    round_ = _written(
        "INSERT INTO voting_round (title, intro, method, max_choices, seats, tie_rule, roll_rule,"
        " closes_at, status) VALUES ('Which?', '', 'most_wanted', 1, 1, 'lot',"
        " 'patron_when_casting', :at, 'draft') RETURNING id",
        at=MARCH,
    )
    _written(
        "INSERT INTO participation (round_id, account_id, first_cast_on)"
        " VALUES (:round, :person, :day) RETURNING 1",
        round=round_,
        person=person,
        day=MARCH.date(),
    )


def suggests(person: int) -> None:
    _written(
        "INSERT INTO proposal (request_key, account_id, title, why, links, locale, named,"
        " trigrams, state, reason) VALUES (:key, :person, 'Trams', '', '{}', 'en', false, '{}',"
        " 'new', '') RETURNING 1",
        key=uuid.uuid4(),
        person=person,
    )


def follows(person: int, since: datetime) -> None:
    _written(
        "INSERT INTO promise_follower (account_id, since) VALUES (:person, :since) RETURNING 1",
        person=person,
        since=since,
    )


def _written(statement: str, **values: object) -> int:
    return int(db.session.execute(text(statement), values).scalar_one())


def log_of(person: int) -> list[tuple[str, str, str, str, str]]:
    """What the log of consents says of a person, in its order."""
    asked = "SELECT category, act, wording, how, locale FROM consent WHERE account_id = :person"
    rows = db.session.execute(text(f"{asked} ORDER BY id"), {"person": person})
    return [tuple(row) for row in rows]


CARRIED = ("carried", "", "import", "en")


def test_each_goes_on_getting_what_they_got_and_no_more(before: Flask) -> None:
    patron, left, tried = (a_person(f"{who}@example.org") for who in ("patron", "left", "tried"))
    pledges(patron, begun=True)
    pledges(left, begun=True, status="ended")
    pledges(tried, begun=False, status="abandoned")
    voter, author, reader = (a_person(f"{who}@example.org") for who in ("voter", "author", "r"))
    votes(voter)
    suggests(author)
    db.session.commit()
    upgrade()
    for account in (patron, left, voter):
        assert log_of(account) == [("votes", *CARRIED)]
    assert log_of(author) == [("topics", *CARRIED)]
    assert log_of(tried) == log_of(reader) == []


def test_who_had_chosen_letters_about_stories_agreed_in_the_words_of_then(before: Flask) -> None:
    follower = a_person("follower@example.org", "uk")
    follows(follower, MARCH)
    suggests(follower)
    db.session.commit()
    upgrade()
    assert log_of(follower) == [("topics", "given", "topics-0", "import", "uk")]
    at = db.session.execute(text("SELECT at FROM consent")).scalar_one()
    assert at == MARCH, "the day they chose it, not that of the release"


def test_what_a_merged_account_did_is_its_persons(before: Flask) -> None:
    kept = a_person("kept@example.org")
    merged = a_person("merged@example.org", merged_into=kept)
    pledges(merged, begun=True)
    votes(merged)
    votes(kept)
    follows(merged, datetime(2026, 5, 1, tzinfo=UTC))
    follows(kept, MARCH)
    db.session.commit()
    upgrade()
    assert log_of(merged) == []
    assert log_of(kept) == [
        ("topics", "given", "topics-0", "import", "en"),
        ("votes", *CARRIED),
    ]
    (since,) = db.session.execute(text("SELECT at FROM consent WHERE act = 'given'")).one()
    assert since == MARCH


def test_a_newsroom_of_before_is_told_of_limits_that_do_not_run_after_the_release(
    before: Flask,
) -> None:
    upgrade()
    now = utcnow()
    assert not any(one.overdue for one in forgetting.standings(now=now))
    assert all(one.overdue for one in forgetting.standings(now=now + timedelta(days=2)))


def test_what_was_carried_over_lets_letters_out_until_it_is_ended(before: Flask) -> None:
    patron = a_person("patron@example.org")
    pledges(patron, begun=True)
    db.session.commit()
    upgrade()
    assert consents.wanted(patron) == [Category.VOTES]
    assert consents.lets("round_opened", patron)
    assert not consents.lets("promise_published", patron)
