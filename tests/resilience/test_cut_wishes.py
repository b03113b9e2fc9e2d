"""A patron's wish and a Stripe in trouble: the page says what to do, and it is done once."""

import re
from email import message_from_string, policy
from email.message import EmailMessage

import pytest
import requests

from app.money import Money
from tests.pages import form_of
from tests.processes import Newsroom
from tests.resilience.outside import Outside

SUBSCRIPTIONS = "/v1/subscriptions/"
#: The line of the receipt's letter, what Stripe is asked by, and the letter that confirms it.
WISHES = {
    "give less:": ("POST", "You give €15 a month from now on"),
    "skip one month:": ("POST", "Your pledge is paused until"),
    "stop:": ("POST", "Your pledge ends on"),
    "nothing more is taken:": ("DELETE", "Your pledge ended on"),
}
#: More than the library tries by itself.
TIMES = 3


def letters_to(outside: Outside, email: str) -> list[EmailMessage]:
    rows = outside.look("mailbox", to=email, limit=20)["letters"]
    return [message_from_string(row["raw"], EmailMessage, policy=policy.default) for row in rows]


def subjects(outside: Outside, email: str) -> list[str]:
    return [str(one["Subject"]) for one in letters_to(outside, email)]


def link_in_the_receipt(newsroom: Newsroom, outside: Outside, email: str, line: str) -> str:
    newsroom.wait_until(
        lambda: any("receipt" in one for one in subjects(outside, email)), 30, "the receipt"
    )
    receipt = next(one for one in letters_to(outside, email) if "receipt" in one["Subject"])
    body = receipt.get_body(("plain",))
    assert body is not None
    plain = body.get_content()
    found = re.search(rf"{line}\s*(http\S+/l/\S+)", plain)
    assert found, plain
    return found[1]


@pytest.mark.parametrize("kind", ["drop", "before", "status"])
@pytest.mark.parametrize("line", list(WISHES))
def test_a_wish_that_met_trouble_is_done_once_when_pressed_again(
    newsroom: Newsroom, outside: Outside, line: str, kind: str
) -> None:
    method, subject = WISHES[line]
    giver = outside.giver(Money(2000, "EUR"), "month")
    outside.pay(giver)
    email = f"{giver.checkout_id.hex}@example.org"
    address = link_in_the_receipt(newsroom, outside, email, line)
    form = form_of(requests.get(address, timeout=30), action="")
    outside.control("faults", kind=kind, method=method, path=SUBSCRIPTIONS, times=TIMES)
    answer = requests.post(address, data=form, allow_redirects=False, timeout=60)
    outside.control("faults/clear")
    if answer.status_code != 303:
        assert answer.status_code == 503
        assert "Please try again in a minute" in answer.text
        again = requests.post(address, data=form, timeout=60)
        assert again.status_code == 200
        assert "This is done" in again.text
    newsroom.wait_until(
        lambda: any(subject in one for one in subjects(outside, email)), 30, f"{subject!r}"
    )
    outside.control("settle")
    assert sum(subject in one for one in subjects(outside, email)) == 1
    changes = newsroom.query(
        "SELECT applied_at IS NOT NULL FROM pledge_change WHERE pledge_id = %s", giver.pledge_id
    )
    assert changes == [(True,)]
