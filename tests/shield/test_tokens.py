"""What the form carries: the moment it was handed out, and the work that was done for it."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis, RedisError

from app import QUICK, create_app
from app.shield import proofs, stamps
from app.shield.stamps import Age
from config.settings import Settings
from tests.builders import AUGUST
from tests.shield.steps import solved


@pytest.fixture
def careful(settings: Settings) -> Flask:
    """A site that gives a person two seconds, as it is shipped."""
    return create_app(settings.model_copy(update={"give_seconds": 2.0}))


@pytest.mark.parametrize(
    ("seconds", "age"),
    [(0, Age.QUICK), (1.9, Age.QUICK), (2, Age.FIT), (3600, Age.FIT), (6 * 3600 + 1, Age.STALE)],
)
def test_a_form_is_filled_in_neither_at_once_nor_tomorrow(
    careful: Flask, seconds: float, age: Age
) -> None:
    with careful.app_context():
        stamp = stamps.issue(AUGUST)
        assert stamps.age(stamp, AUGUST + timedelta(seconds=seconds)) is age


@pytest.mark.parametrize("stamp", ["", ".", "1786000000000.", "1786000000000.00ff", "x.ы"])
def test_a_stamp_we_did_not_sign_is_none(app: Flask, stamp: str) -> None:
    assert stamps.age(stamp, AUGUST) is Age.STALE


def test_work_is_good_once_and_only_for_its_own_task(app: Flask) -> None:
    task, other = proofs.issue(AUGUST), proofs.issue(AUGUST)
    number = solved(task)
    assert not proofs.spend(task, str(int(number) + 1), AUGUST)
    assert not proofs.spend(other, number, AUGUST)
    assert proofs.spend(task, number, AUGUST)
    assert not proofs.spend(task, number, AUGUST)


def test_work_is_not_kept_for_later(app: Flask) -> None:
    task = proofs.issue(AUGUST)
    assert not proofs.spend(task, solved(task), AUGUST + timedelta(hours=1))


@pytest.mark.parametrize("task", ["", "a.b.c.d", "a.1.b.", "salt.1786000000.00.ff", "ы.1.1.1"])
def test_a_task_we_did_not_set_proves_nothing(app: Flask, task: str) -> None:
    assert not proofs.spend(task, "1", AUGUST)


def test_work_is_not_taken_on_trust_while_it_cannot_be_spent(app: Flask) -> None:
    task = proofs.issue(AUGUST)
    number = solved(task)
    lasting = app.extensions["redis"]
    app.extensions["redis"] = Redis.from_url("redis://127.0.0.1:1/0", **QUICK)
    try:
        with pytest.raises(RedisError):
            proofs.spend(task, number, AUGUST)
    finally:
        app.extensions["redis"] = lasting


def test_the_page_asks_for_work_only_while_the_shield_is_up(client: FlaskClient) -> None:
    assert "proof.js" not in client.get("/give").text
