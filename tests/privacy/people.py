"""Somebody of whom everything is known, for the tests of what is taken and what is erased."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text

from app.accounts.models import Account, AccountNote
from app.clock import utcnow
from app.desk import person
from app.extensions import Base, db
from app.giving import settlement
from app.giving.books import outside
from app.giving.models import Checkout, Donation, Pledge, PledgeChange
from app.money import Money
from app.payments.facts import Ending, Reading, Standing
from app.payments.models import InboxEvent
from app.privacy import erasing, erasures
from app.privacy.erasure_models import Erasure
from app.topics.models import Proposal, Seconding
from app.topics.trigrams import of as trigrams_of
from tests.builders import a_pledge, a_reader, a_staff_member, a_touch
from tests.fakes import FakeGateway, FakeMailer
from tests.giving.facts import AUGUST, failed, fee_of, paid, paid_once, refunded, seen
from tests.giving.gifts import sent

EMAIL, NAME = "zlata.petrenko@example.org", "Zlata Petrenko-Kravets"
ONCE = "cus_zlata_once"


@dataclass
class Somebody:
    """A patron with a past, and where Stripe knows her."""

    id: int
    pledge: Pledge
    customer: str
    charge: str
    staff: int


def somebody(gateway: FakeGateway, *, locale: str = "en") -> Somebody:
    """A patron who paid twice, once in vain, gave once and by the bank, and said a lot."""
    staff = a_staff_member("fundraiser", name="Iryna Bondar").id
    account = a_reader(EMAIL, name=NAME, locale=locale, listed=True)
    pledge = a_pledge(account, amount_minor=900)
    customer = f"cus_{pledge.id.hex[:8]}"
    pledge.stripe_customer_id, pledge.stripe_subscription_id = customer, f"sub_{pledge.id.hex[:8]}"
    pledge.card_brand, pledge.card_last4 = "visa", "4242"
    once = Checkout(
        id=uuid.uuid4(),
        account_id=account.id,
        interval="once",
        amount_minor=5000,
        currency="EUR",
        locale="en",
        stripe_session_id="cs_zlata",
    )
    db.session.add(once)
    db.session.commit()
    first, second = paid(pledge), paid(pledge, 2)
    gift = paid_once(once, customer_id=ONCE)
    facts = (first, fee_of(first), second, failed(pledge), gift, refunded(first, 100))
    settlement.apply(facts, now=AUGUST + timedelta(days=40))
    db.session.commit()
    a_touch(pledge, article="/stories/dam", campaign="spring")
    _by_the_bank(account.id, staff)
    _said(account.id, pledge, staff)
    _told(customer, first.charge_id or "", str(once.id))
    gateway.payers[gift.payment_intent_id or ""] = ONCE
    gateway.readings[f"sub_{pledge.id.hex[:8]}"] = Reading(
        (
            seen(
                pledge,
                Standing.ENDED,
                customer_id=customer,
                ended_at=utcnow(),
                ending=Ending.BY_WISH,
                seen_at=utcnow() + timedelta(days=30),
            ),
        )
    )
    return Somebody(account.id, pledge, customer, first.charge_id or "", staff)


def _by_the_bank(account_id: int, staff: int) -> None:
    outside.enter(
        outside.Gift(
            outside.Giver(account_id=account_id),
            outside.Source.BANK,
            Money(2500, "EUR"),
            AUGUST.date(),
            reference=f"gift of {NAME}",
        ),
        by=staff,
        sure=True,
        now=AUGUST + timedelta(days=2),
    )


def _said(account_id: int, pledge: Pledge, staff: int) -> None:
    db.session.add(
        AccountNote(
            account_id=account_id,
            by_account_id=staff,
            text=f"{NAME} called about her card.",
            written_at=AUGUST,
        )
    )
    db.session.add(
        PledgeChange(
            pledge_id=pledge.id,
            kind="pause",
            by_account_id=account_id,
            asked_at=AUGUST,
            amount_before=900,
            interval_before="month",
            comment=f"{NAME} is short of money",
        )
    )
    own, other = _topic(account_id, "The dam upstream"), _topic(staff, "Trams at night")
    db.session.add(Seconding(proposal_id=other.id, account_id=account_id))
    db.session.commit()
    assert own.named
    person.looked(account_id, by=staff, now=AUGUST + timedelta(days=3))


def _topic(account_id: int, title: str) -> Proposal:
    proposal = Proposal(
        request_key=uuid.uuid4(),
        account_id=account_id,
        title=title,
        why="It matters.",
        links=[],
        locale="en",
        named=True,
        trigrams=trigrams_of(title),
        state="new",
    )
    db.session.add(proposal)
    db.session.flush()
    return proposal


def _told(customer: str, charge: str, checkout: str) -> None:
    """What Stripe told of her: by customer, by page, and by a dispute that names her charge."""
    bodies: dict[str, dict[str, object]] = {
        "customer.updated": {"id": customer, "email": EMAIL, "name": NAME},
        "checkout.session.expired": {
            "id": "cs_other",
            "client_reference_id": checkout,
            "customer_details": {"name": NAME},
        },
        "charge.dispute.updated": {"id": "dp_1", "charge": charge, "evidence": {"n": NAME}},
        "invoice.paid": {"id": "in_1", "customer": customer, "customer_email": EMAIL},
    }
    for number, (kind, body) in enumerate(bodies.items()):
        an_event(f"evt_{number}", kind, body)


def an_event(key: str, kind: str, body: Mapping[str, object], *, settled: bool = True) -> None:
    """An event as the inbox keeps it."""
    db.session.add(
        InboxEvent(
            id=key,
            type=kind,
            stripe_object_id=str(body["id"]),
            body={"id": key, "type": kind, "data": {"object": dict(body)}},
            settled_at=utcnow() if settled else None,
            due_at=None if settled else utcnow(),
        )
    )
    db.session.commit()


def asked_and_confirmed(account_id: int) -> Erasure:
    """An erasure whose letter's button was pressed, and whose days are over."""
    erasure = erasures.ask(account_id, now=utcnow())
    erasures.confirm(erasure.id, now=utcnow())
    found = erasures.find(erasure.id)
    found.comes_at = found.due_at = utcnow() - timedelta(seconds=1)
    db.session.commit()
    return found


def carried_out(erasure: Erasure, gateway: FakeGateway, mailer: FakeMailer) -> None:
    """Let the job do it: up to the last letter, the letter, and the rest."""
    erasing.carry_out(erasure.id, gateway, now=utcnow())
    sent(mailer, "erasure_done")
    erasing.carry_out(erasure.id, gateway, now=utcnow())


def everywhere(*words: str) -> dict[str, list[str]]:
    """Look for words in every column of every table there is; give where each was found."""
    found: dict[str, list[str]] = {}
    for table in Base.metadata.sorted_tables:
        rows = db.session.execute(text(f'SELECT to_jsonb(t)::text FROM "{table.name}" AS t'))
        for (row,) in rows:
            for word in words:
                hidden = "\\\\x" + word.encode().hex()[2:]
                if word.lower() in row.lower() or word.encode().hex() in row or hidden in row:
                    found.setdefault(word, []).append(f"{table.name}: {row[:300]}")
    return found


def ledger_sums() -> str:
    """Every sum of the ledger by day and currency, as one text that is the same for the same."""
    day = func.date_trunc("day", Donation.received_at)
    gifts = db.session.execute(
        select(day, Donation.currency, func.sum(Donation.amount_minor), func.count())
        .group_by(day, Donation.currency)
        .order_by(day, Donation.currency)
    ).all()
    rest = [
        db.session.execute(text(asked)).all()
        for asked in (
            "SELECT count(*), sum(fee_minor), sum(net_minor) FROM donation_fee",
            "SELECT count(*), sum(amount_minor), sum(net_minor) FROM adjustment",
            "SELECT count(*), min(number), max(number), year FROM receipt GROUP BY year ORDER BY 4",
            "SELECT count(*), sum(amount_minor) FROM refund",
        )
    ]
    return json.dumps([gifts, rest], default=str)


def the_account(account_id: int) -> Account:
    """An account as it stands in the database now."""
    return db.session.get_one(Account, account_id, populate_existing=True)


@dataclass
class Faulty(FakeGateway):
    """A provider whose n-th answer never arrives, because we broke down over it."""

    breaks_at: int = 0

    def _act(self, act: str, subject: str, **how: Any) -> Reading:
        self.breaks_at -= 1
        if self.breaks_at == 0:
            raise RuntimeError("cut off")
        return super()._act(act, subject, **how)
