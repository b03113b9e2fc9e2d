"""Differences while Stripe knows an object no more, or does not show it to our key."""

from typing import Any

import pytest
from flask import Flask

from app.desk import comparisons, differences
from app.desk.comparing import What
from app.desk.models import Difference
from app.extensions import db
from app.payments.facts import Reading
from app.payments.gateway import GatewayError, UnknownObject
from app.payments.orders import SurveyKind
from tests.desk.stories import LATER, SINCE, a_paid_pledge
from tests.fakes import FakeGateway
from tests.giving.facts import AUGUST

REFUSED = GatewayError("PermissionError")
UNKNOWN = UnknownObject("InvalidRequestError resource_missing")


class Says(FakeGateway):
    """A provider that lists nothing and answers each question with an error."""

    def __init__(self, error: GatewayError) -> None:
        super().__init__()
        self.error = error

    def read(self, event_type: str, object_id: str | None) -> Reading:
        raise self.error


def a_difference(what: What, object_id: str) -> Difference:
    row = Difference(
        kind=SurveyKind.INVOICES,
        object_id=object_id,
        what=what,
        field="",
        ours="",
        theirs="5.00 EUR",
        found_at=AUGUST,
    )
    db.session.add(row)
    db.session.commit()
    return row


@pytest.mark.parametrize("what", [What.MISSING_HERE, What.MISSING_THERE])
def test_what_stripe_does_not_show_to_our_key_stays_and_says_so(app: Flask, what: What) -> None:
    row = a_difference(what, "in_nobody")
    assert not differences.repair(row.id, Says(REFUSED), now=LATER)
    db.session.refresh(row)
    assert (row.gone_at, row.what, row.error) == (None, what, "GatewayError: PermissionError")


def test_what_neither_stripe_nor_we_know_is_no_difference_any_more(app: Flask) -> None:
    row = a_difference(What.MISSING_HERE, "in_deleted")
    assert differences.repair(row.id, Says(UNKNOWN), now=LATER)


@pytest.mark.parametrize(("error", "found"), [(UNKNOWN, 2), (REFUSED, 0)])
def test_a_comparison_calls_missing_only_what_stripe_says_it_has_not(
    app: Flask, error: GatewayError, found: int
) -> None:
    a_paid_pledge()
    comparison = comparisons.ask(None, SINCE, now=LATER)
    provider: Any = Says(error)
    comparisons.run(comparison.id, provider, clock=lambda: LATER)
    db.session.expire_all()
    assert [row.what for row in differences.standing()] == [What.MISSING_THERE] * found
    assert (comparison.error is None) is (error is UNKNOWN)
