"""A patron, and the code that his browser carries back to the site."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Account
from tests.builders import a_patron, signed_in
from tests.passes.site import let


@pytest.fixture
def taras(app: Flask) -> Account:
    """A patron since August who reads Ukrainian."""
    return a_patron("taras@example.org", name="Taras Koval", locale="uk")


@pytest.fixture
def code(client: FlaskClient, taras: Account) -> str:
    """A code that his browser carries back to the site."""
    return let(signed_in(client, taras)).code
