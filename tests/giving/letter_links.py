"""A letter's link and its reader, for tests."""

import uuid
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from app.clock import utcnow
from app.extensions import db
from app.giving.models import Pledge, PledgeChange
from app.giving.wishes import links
from app.giving.wishes.links import Purpose
from app.letters.models import Letter
from tests.builders import a_pledge, a_reader
from tests.pages import form_of


def a_link(purpose: Purpose, age: timedelta = timedelta(), **over: Any) -> tuple[Pledge, str]:
    """A pledge, and the path of a link to act on it, in a letter of some age."""
    account = a_reader("olena@example.org", name="Olena Marchenko")
    pledge = a_pledge(account, **({"amount_minor": 2000} | over))
    letter = Letter(
        id=uuid.uuid4(),
        kind="receipt",
        matter="1",
        account_id=account.id,
        created_at=utcnow() - age,
    )
    address = links.for_letter(letter, pledge, purpose)[purpose.value]
    return pledge, address.removeprefix("http://localhost")


def press(client: FlaskClient, path: str, **values: str) -> Any:
    """Open a link and press its button, as it stands or with another choice."""
    return client.post(path, data=form_of(client.get(path), action="") | values)


def the_change() -> PledgeChange:
    return db.session.scalars(select(PledgeChange)).one()
