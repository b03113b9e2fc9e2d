"""A person's timeline, and the marks on receipts of gifts that went back."""

import io
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import func, insert, select

from app.extensions import db
from app.giving.books import history, receipts
from app.giving.models import Donation, Receipt
from app.payments.facts import DisputeState, MovementKind, RefundState
from tests.builders import a_reader, signed_in
from tests.giving.facts import AUGUST, disputed, moved, refunded
from tests.giving.gifts import NOW, a_gift, enter


def receipt_text(donation: Donation) -> str:
    """What the PDF of a donation's receipt says."""
    found = receipts.find(donation.id)
    assert found is not None
    page = PdfReader(io.BytesIO(receipts.pdf(*found))).pages[0]
    return " ".join(page.extract_text().split())


def test_the_timeline_shows_gifts_refunds_and_disputes_newest_first(
    app: Flask, client: FlaskClient
) -> None:
    ann = a_reader()
    _first, charge = a_gift(2000, account=ann)
    _second, contested = a_gift(1000, account=ann, received_at=AUGUST + timedelta(days=1))
    enter(refunded(charge, 500), disputed(contested))
    page = signed_in(client, ann).get("/pledge/history").text
    told = [
        "We sent €5 back to you.",
        "Your bank took €10 back and asks us about it.",
        "You gave €10 by Visa ···· 4242.",
        "You gave €20 by Visa ···· 4242.",
    ]
    assert sorted(told, key=page.index) == told
    assert "/pledge/statements/2026-EUR.pdf" in page


def test_the_timeline_is_ones_own(app: Flask, client: FlaskClient) -> None:
    a_gift(2000)
    page = signed_in(client, a_reader()).get("/pledge/history").text
    assert "Nothing is here yet" in page
    assert "€20" not in page


def test_a_refund_that_came_back_asks_the_giver_to_write(app: Flask, client: FlaskClient) -> None:
    ann = a_reader()
    _gift, charge = a_gift(2000, account=ann)
    enter(refunded(charge, state=RefundState.FAILED, failure="unknown"))
    assert "your bank returned it. Please write to us." in (
        signed_in(client, ann).get("/pledge/history").text
    )


def test_a_long_timeline_has_pages_and_each_receipt_is_reached(
    app: Flask, client: FlaskClient
) -> None:
    ann = a_reader()
    db.session.execute(
        insert(Donation),
        [
            {
                "account_id": ann.id,
                "source": "stripe",
                "amount_minor": 500,
                "currency": "EUR",
                "received_at": AUGUST - timedelta(days=day),
                "entered_at": NOW,
                "stripe_payment_intent_id": f"pi_{day}",
                "attempts": 0,
            }
            for day in range(120)
        ],
    )
    for donation in db.session.scalars(select(Donation)).all():
        receipts.owe(donation, now=NOW)
    db.session.commit()
    signed_in(client, ann)
    found = "".join(client.get(f"/pledge/history?page={page}").text for page in (1, 2, 3))
    assert found.count("/pledge/receipts/") == db.session.scalar(
        select(func.count()).select_from(Receipt)
    )
    assert "Page 2 of 3" in found
    for wrong in ("0", "-1", "99", "x", "9" * 30):
        assert client.get(f"/pledge/history?page={wrong}").status_code == 200
    assert history.page(ann.id, 99).number == 3


@pytest.mark.parametrize(
    ("minor", "mark"),
    [
        (2000, "Refunded in full on August 17, 2026"),
        (500, "€5 of €20 refunded on August 17, 2026"),
    ],
)
def test_the_receipt_of_a_refunded_gift_says_so(app: Flask, minor: int, mark: str) -> None:
    donation, charge = a_gift(2000)
    found = receipts.find(donation.id)
    assert found is not None
    before = receipts.pdf(*found)
    enter(refunded(charge, minor))
    assert mark in receipt_text(donation)
    assert receipts.pdf(*found) == receipts.pdf(*found) != before


def test_the_receipt_of_a_contested_gift_says_so_until_the_dispute_is_won(app: Flask) -> None:
    donation, charge = a_gift(2000)
    enter(disputed(charge))
    assert "Disputed: €20 returned to the giver on August 17, 2026" in receipt_text(donation)
    back = moved(MovementKind.DISPUTE_RETURNED, 2000)
    movements = (*disputed(charge).movements, back)
    enter(disputed(charge, DisputeState.WON, movements=movements, seen_at=NOW))
    assert "Disputed" not in receipt_text(donation)
