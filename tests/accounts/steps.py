"""What a browser does to sign in."""

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from app.accounts.models import SignIn
from app.extensions import db
from tests.pages import form_of, send

OLENA = "olena@example.org"


def ask(client: FlaskClient, email: str = OLENA, query: str = "") -> TestResponse:
    return send(client, f"/sign-in{query}", email=email)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def press(client: FlaskClient, path: str) -> TestResponse:
    return client.post(path, data=form_of(client.get(path)))


def age(**by: float) -> None:
    """Let every request have been made earlier."""
    earlier = timedelta(**by)
    db.session.execute(
        update(SignIn).values(
            created_at=SignIn.created_at - earlier, expires_at=SignIn.expires_at - earlier
        )
    )
    db.session.commit()
