"""What the tests of all rooms share: a real database and broker, the application, a reader."""

from collections.abc import Iterator
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import Phase
from hypothesis import settings as chance
from sqlalchemy import text
from werkzeug.test import TestResponse

from app import ROOT, create_app, pool
from app.extensions import Base, db, limiter
from app.shield import gate
from app.shield.counters import Memory
from config.local.services import Services, scratch_home
from config.settings import Settings
from tests.fakes import FakeGateway, FakeMailer

pytest_plugins = ["tests.servers"]

# What is made up is made up alike each time, so that a failure on one machine is one on all.
# Making a failure small takes minutes: that is for who hunts it.
chance.register_profile(
    "usual", derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
)
chance.register_profile("hunt", max_examples=4000, database=None)
chance.load_profile("usual")


class Browser(FlaskClient):
    """A browser without JavaScript, whose every request has a context of its own.

    The test's own context would otherwise lend its `g`, and with it the person signed in before.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        # A page that is streamed is read to its end while its context lives.
        kwargs.setdefault("buffered", True)
        answer = Context().run(super().open, *args, **kwargs)
        # What the test has read may have changed; it reads again. A redirect that is followed
        # comes through here once more, outside the test's context.
        if has_app_context():
            db.session.rollback()
            db.session.expire_all()
        return answer


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    """PostgreSQL and Redis of this run's own."""
    with scratch_home() as home, Services(home, environ={}, durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def settings(services: Services) -> Settings:
    """Complete settings for the tests of one process."""
    return Settings(
        environment="test",
        site_url="http://localhost",
        secret_key="demo-secret-key-of-the-tests",
        sealing_key="demo-sealing-key-of-the-tests",
        database_url=services.addresses["DATABASE_URL"],
        redis_url=services.addresses["REDIS_URL"],
        smtp_url="smtp://127.0.0.1:1",
        mail_from="newsroom@example.org",
        stripe_api_key="sk_test_demo",
        stripe_api_base="http://127.0.0.1:1",
        stripe_webhook_secrets=("whsec_demo-old", "whsec_demo-new"),
        newsroom_file=Path(ROOT, "config", "local", "newsroom.toml"),
        # Tests fill a form in at once; those of the shield set the time a person needs.
        give_seconds=0,
        log_level="ERROR",
    )


@pytest.fixture(scope="session")
def application(settings: Settings) -> Iterator[Flask]:
    """The application on a database with every table and guard, as a release makes them."""
    app = create_app(settings)
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()
        pool.hang_up()


@pytest.fixture
def app(application: Flask) -> Iterator[Flask]:
    """The application in its context, on empty tables, with fakes for the outside world."""
    application.extensions["gateway"] = FakeGateway()
    application.extensions["mailer"] = FakeMailer()
    # A test that makes an application of its own leaves the jobs to it.
    application.extensions["celery"].set_current()
    application.extensions["celery"].set_default()
    with application.app_context():
        _empty()
        application.extensions["redis"].flushall()
        _forget_counts()
        yield application
        db.session.remove()


@pytest.fixture
def gateway(app: Flask) -> FakeGateway:
    """The payment provider of this test."""
    found: FakeGateway = app.extensions["gateway"]
    return found


@pytest.fixture
def mailer(app: Flask) -> FakeMailer:
    """The mail server of this test."""
    found: FakeMailer = app.extensions["mailer"]
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A reader's browser, without JavaScript."""
    app.test_client_class = Browser
    return app.test_client()


def _forget_counts() -> None:
    """Forget what this process counted while Redis, stopped by another test, did not answer."""
    gate._memory = Memory()
    limiter._storage_dead = False
    limiter._fallback_storage.reset()


def _empty() -> None:
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    db.session.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    db.session.commit()
