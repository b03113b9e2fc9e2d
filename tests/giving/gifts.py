"""Gifts that tests of refunds, disputes and statements begin with, entered as events enter them."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from app.accounts.models import Account
from app.extensions import db
from app.giving import settlement
from app.giving.books import outside
from app.giving.models import Donation
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.money import Money
from app.payments.facts import DonationPaid, Fact
from tests.builders import a_pledge, a_reader
from tests.fakes import FakeMailer
from tests.giving.facts import AUGUST, paid

#: A week after the gifts.
NOW = AUGUST + timedelta(days=7)


def enter(*facts: Fact) -> None:
    """Enter facts as settling their events does."""
    settlement.apply(facts, now=NOW)
    db.session.commit()


def a_gift(
    minor: int = 2000, *, account: Account | None = None, currency: str = "EUR", **over: Any
) -> tuple[Donation, DonationPaid]:
    """A gift on a monthly pledge, entered; with the fact of its payment."""
    account = account or a_reader(name="Ann Marchenko")
    pledge = a_pledge(account, amount_minor=minor, currency=currency)
    fact = paid(pledge, **over)
    enter(fact)
    found = select(Donation).where(Donation.stripe_charge_id == fact.charge_id)
    return db.session.scalars(found).one(), fact


def a_gift_outside(minor: int, *, account: Account | None = None, by: int) -> Donation:
    """A bank transfer in euro of the same day, entered by a member of staff."""
    account = account or a_reader()
    gift = outside.Gift(
        outside.Giver(account_id=account.id),
        outside.Source.BANK,
        Money(minor, "EUR"),
        AUGUST.date(),
    )
    return outside.enter(gift, by=by, sure=True, now=NOW)


def count(model: type) -> int:
    """How many rows a table has."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def letters_of(kind: str) -> list[Letter]:
    """The letters of a kind that were ever owed."""
    return list(db.session.scalars(select(Letter).where(Letter.kind == kind).order_by(Letter.id)))


def sent(mailer: FakeMailer, kind: str) -> list[Draft]:
    """Send what is owed of a kind; return what was written."""
    before = len(mailer.sent)
    for letter in letters_of(kind):
        letters.send(letter.id, mailer, now=NOW)
    return [draft for _id, draft in mailer.sent[before:]]
