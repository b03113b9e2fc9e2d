"""Readers and robots at the giving page, each from an address of its own."""

import hashlib
import re
import uuid
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.giving import settlement
from app.giving.models import Checkout, Pledge
from app.letters import letters
from app.letters.models import Letter
from app.shield import proofs
from tests.conftest import Browser
from tests.fakes import FakeGateway, FakeMailer
from tests.giving.facts import page, paid
from tests.giving.steps import ANN, gift_form
from tests.pages import form_of

LINK = re.compile(r"/give/confirm/[\w.-]+")


def solved(task: str) -> str:
    """Work a task out as the browser's script does."""
    salt, _until, digest, _signature = task.split(".")
    for number in range(proofs.NUMBERS):
        if hashlib.sha256(f"{salt}{number}".encode()).hexdigest() == digest:
            return str(number)
    raise AssertionError("the task has no solution")


@dataclass
class Visitor:
    """A browser at an address; its form is fetched once and sent as often as wanted."""

    site: Flask
    address: str
    script: bool = False
    browser: FlaskClient = field(init=False)
    form: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.browser = Browser(self.site, self.site.response_class, use_cookies=True)

    def _from(self) -> dict[str, str]:
        return {"X-Forwarded-For": self.address}

    def look(self) -> None:
        """Fetch the form; with a script, do the work it asks for."""
        self.form = gift_form(self.browser.get("/give", headers=self._from()))
        if self.script and self.form["proof_task"]:
            self.form["proof"] = solved(self.form["proof_task"])

    def give(self, **over: str) -> TestResponse:
        """Send the form under an id of its own."""
        values = self.form | ANN | {"gift_id": str(uuid.uuid4())} | over
        return self.browser.post("/give", data=values, headers=self._from())

    def follow(self, link: str) -> TestResponse:
        """Open the link of a letter and press its button."""
        opened = self.browser.get(link, headers=self._from())
        return self.browser.post(link, data=form_of(opened), headers=self._from())


def letter_to(email: str, mailer: FakeMailer) -> str:
    """Send the letter that confirms a gift to this address, and return its link."""
    rows = db.session.scalars(
        select(Letter).where(Letter.kind == "confirm_gift", Letter.sent_at.is_(None))
    ).all()
    for row in rows:
        checkout = db.session.get_one(Checkout, uuid.UUID(row.matter))
        if checkout.account_id == row.account_id and _address(row.account_id) == email:
            letters.send(row.id, mailer, now=utcnow())
    draft = next(draft for _id, draft in reversed(mailer.sent) if draft.to == email)
    found = LINK.search(draft.text)
    assert found is not None
    assert found[0] in draft.html
    return found[0]


def _address(account_id: int) -> str:
    return db.session.get_one(Account, account_id).email


def pay(gateway: FakeGateway, email: str) -> None:
    """Let the newest page opened for this address be paid, and the event come."""
    order = next(order for order in reversed(gateway.orders) if order.email == email)
    checkout = db.session.get_one(Checkout, order.checkout_id)
    pledge = db.session.get_one(Pledge, order.pledge_id)
    settlement.apply([page(checkout, "paid"), paid(pledge)], now=utcnow())
    db.session.commit()
