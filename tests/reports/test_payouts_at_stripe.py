"""Two months at Stripe, paid out day by day: the report comes to what the balance was."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests
from flask import Flask
from sqlalchemy import select

from app.clock import utcnow
from app.current import zone
from app.desk import backfill
from app.extensions import db
from app.giving.books import ledger, payouts
from app.giving.models import Donation, Payout
from app.payments.stripe_gateway import StripeGateway
from app.reports import months
from app.reports.figures import payouts as report
from app.reports.shape import Asked
from tests.desk.test_backfill import (
    LONG_AGO,
    _charge_of,
    _settle_the_rest,
    patrons,
    stripe,  # noqa: F401
)
from tests.payments.conftest import Sandbox, sandbox  # noqa: F401
from tests.reports.lives import cells, plain


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def test_payouts_hold_what_the_ledger_has_and_come_to_stripes_own_sums(
    stripe: StripeGateway,  # noqa: F811
    sandbox: Sandbox,  # noqa: F811
) -> None:
    made = patrons(sandbox)
    sandbox.control("settle")
    sandbox.control("advance", months=1)
    sandbox.control("settle")
    sandbox.control("dispute", charge=_charge_of(sandbox, made[1]["customer"]))
    sandbox.control("balance", type="stripe_fee", amount=-70)
    sandbox.control("advance", days=20)
    sandbox.control("settle")
    backfill.run(stripe, LONG_AGO, livemode=False, clock=utcnow)
    _settle_the_rest(stripe)
    for donation in db.session.scalars(select(Donation).where(Donation.due_at.is_not(None))).all():
        ledger.fetch_fee(donation.id, stripe, now=utcnow())
    payouts.look(stripe, now=utcnow())
    for row in db.session.scalars(select(Payout).where(Payout.due_at.is_not(None))).all():
        payouts.read(row.id, stripe, now=utcnow())

    theirs = requests.get(f"{sandbox.url}/_control/ledger", timeout=30).json()
    now = datetime.now(UTC) + timedelta(days=60)
    first, last = months.first_day(now, zone()), months.first_day(now, zone())
    answer = report.build(Asked(months.following(first, -3), months.following(last), now, zone()))
    _months, each = cells(answer)
    assert len(each) == theirs["payouts"]["count"] > 1
    assert all(row[10].minor == 0 and row[9] == row[2] for row in each)
    paid, differing, lacking, waiting = answer.figures
    assert plain(paid.values[0]).minor == theirs["payouts"]["amount"]
    assert (plain(differing.values[0]), plain(lacking.values[0])) == (0, 0)
    # Stripe's own charge is in a payout and not in the ledger: what waits is the ledger's alone.
    rest = theirs["balance"]["total"]["net"] - theirs["payouts"]["amount"]
    assert plain(waiting.values[0]).minor == rest
