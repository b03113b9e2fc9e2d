"""A site behind a proxy that says where each request comes from."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app import create_app
from app.extensions import db
from config.settings import Settings
from tests.fakes import FakeGateway, FakeMailer


@pytest.fixture
def site(app: Flask, settings: Settings) -> Iterator[Flask]:
    """The application as it runs behind one proxy, in its context, on empty tables."""
    made = create_app(settings.model_copy(update={"trusted_proxies": 1}))
    made.extensions["gateway"], made.extensions["mailer"] = FakeGateway(), FakeMailer()
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()
