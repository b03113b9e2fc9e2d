"""What a reader does on the giving page."""

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.pages import Page, forms_of

ANN = {"interval": "month", "amount": "5", "name": "Ann", "email": "ann@example.org"}


def gift_form(response: Page) -> dict[str, str]:
    """What the giving form of a page would send as it stands, whoever is signed in."""
    return next(form.values for form in forms_of(response) if "gift_id" in form.values)


def fill(client: FlaskClient, path: str = "/give", **over: str) -> TestResponse:
    """Fetch the page, fill its form in as Ann would but for `over`, and send it."""
    return client.post(path, data=gift_form(client.get(path)) | ANN | over)
