"""The ballot's page as a reader without JavaScript meets it."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.voting.models import Round
from tests.pages import form_of


def address(round_: Round, rest: str = "") -> str:
    """The path of a round's page."""
    return f"/vote/{round_.slug}{rest}"


def send(client: FlaskClient, round_: Round, *choices: object, **changed: object) -> TestResponse:
    """Fetch the ballot, tick and send it."""
    hidden = form_of(client.get(address(round_)))
    hidden.pop("choices", None)
    hidden.pop("none", None)
    return client.post(address(round_), data={**hidden, "choices": list(choices), **changed})


def ticked(page: TestResponse) -> set[int]:
    """The topics that are ticked on a page."""
    return {int(n) for n in re.findall(r'name="choices" value="(\d+)" checked', page.text)}
