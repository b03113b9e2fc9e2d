"""Who types somebody else's address, presses twice, or gives in two windows at once."""

import re
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import Account
from app.extensions import db
from app.giving import settlement
from app.giving.gift import checkouts
from app.giving.gift.checkouts import Gift
from app.giving.models import Checkout, Pledge
from app.giving.rules import Interval
from app.letters.models import Letter
from app.money import Money
from tests.builders import AUGUST, a_pledge, a_reader, signed_in
from tests.fakes import FakeGateway
from tests.giving.facts import paid
from tests.giving.steps import ANN, fill, gift_form


def give(client: FlaskClient, path: str = "/give", **over: str) -> None:
    assert fill(client, path, **{"name": "Mallory", **over}).status_code == 303


def at_once(app: Flask, *acts: Callable[[], object]) -> list[BaseException]:
    """Do all at the same time, each in a session of its own; return what was raised."""
    ready = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        with app.app_context():
            ready.wait(10)
            act()

    with ThreadPoolExecutor(len(acts)) as threads:
        begun = [threads.submit(run, act) for act in acts]
        return [error for each in begun if (error := each.exception(30)) is not None]


def test_a_stranger_never_renames_or_lists_somebody_who_has_given(client: FlaskClient) -> None:
    account = a_reader("ann@example.org", name="Ann", confirmed_at=None)
    settlement.apply([paid(a_pledge(account, started_at=None, status="pending"))], now=AUGUST)
    db.session.commit()
    give(client, "/give?lang=uk", listed="y")
    db.session.refresh(account)
    assert (account.name, account.locale, account.listed) == ("Ann", "en", False)


def test_a_first_gift_that_was_not_paid_may_be_begun_anew_under_the_right_name(
    client: FlaskClient,
) -> None:
    give(client, name="An")
    give(client, name="Ann")
    assert db.session.scalars(select(Account.name)).one() == "Ann"


def test_who_is_signed_in_decides_about_the_own_name_and_listing(client: FlaskClient) -> None:
    account = a_reader("ann@example.org", name="Ann")
    signed_in(client, account)
    give(client, name="Ann Koval", listed="y")
    db.session.refresh(account)
    assert (account.name, account.listed) == ("Ann Koval", True)
    box = re.search(r'<input[^>]*name="listed"[^>]*>', client.get("/give").text)
    assert box is not None
    assert "checked" in box[0]


def test_the_same_form_in_another_language_is_a_new_order(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    values = gift_form(client.get("/give")) | ANN
    for path in ("/give", "/give?lang=uk", "/give?lang=uk&article=a-long-night"):
        assert client.post(path, data=values).status_code == 303
    # What stands in an order at Stripe cannot change under its key.
    assert len({order.checkout_id for order in gateway.orders}) == 3


@pytest.mark.parametrize("attempt", range(3))
def test_a_form_sent_many_times_at_once_is_one_gift(app: Flask, attempt: int) -> None:
    a_reader("ann@example.org", name="Ann")
    gift = Gift(
        id=uuid.uuid4(),
        amount=Money(500, "EUR"),
        interval=Interval.MONTH,
        email="Ann@example.org",
        name="Ann",
        locale="en",
        listed=False,
        article=None,
    )
    raised = at_once(app, *[lambda: checkouts.start(gift, now=AUGUST)] * 6)
    assert raised == []
    assert db.session.scalar(select(func.count()).select_from(Checkout)) == 1
    assert db.session.scalar(select(func.count()).select_from(Pledge)) == 1


@pytest.mark.parametrize("attempt", range(3))
def test_two_pledges_that_begin_at_once_are_told_of(app: Flask, attempt: int) -> None:
    account = a_reader()
    facts = [
        paid(a_pledge(account, started_at=None, status="pending"), number) for number in (1, 2)
    ]

    def settle(number: int) -> None:
        settlement.apply([facts[number]], now=AUGUST)
        db.session.commit()

    assert at_once(app, lambda: settle(0), lambda: settle(1)) == []
    letters = select(func.count()).where(Letter.kind == "second_pledge")
    assert db.session.scalar(letters) == 1
