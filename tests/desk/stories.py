"""Money that came, for tests of the desk: entered here as Stripe tells it."""

from datetime import timedelta

from app.extensions import db
from app.giving import settlement
from app.giving.models import Pledge
from app.payments.facts import DonationPaid, PledgeSeen, Reading
from app.payments.orders import SurveyKind
from tests.builders import a_pledge, a_reader
from tests.fakes import FakeGateway
from tests.giving.facts import AUGUST, paid, seen

LATER = AUGUST + timedelta(days=2)
SINCE = AUGUST - timedelta(days=30)


def a_paid_pledge() -> tuple[Pledge, PledgeSeen, DonationPaid]:
    """A pledge whose first month came, and what Stripe tells of it; both know the same."""
    pledge = a_pledge(a_reader(), status="pending", started_at=None)
    standing, money = seen(pledge), paid(pledge)
    settlement.apply((standing, money), now=AUGUST)
    db.session.commit()
    return pledge, standing, money


def knows(gateway: FakeGateway, *facts: PledgeSeen | DonationPaid) -> None:
    """Let Stripe have these and nothing else."""
    gateway.surveyed = {SurveyKind.SUBSCRIPTIONS: {}, SurveyKind.INVOICES: {}}
    gateway.readings = {}
    for fact in facts:
        if isinstance(fact, PledgeSeen):
            kind, object_id = SurveyKind.SUBSCRIPTIONS, fact.subscription_id
        else:
            assert fact.invoice_id is not None
            kind, object_id = SurveyKind.INVOICES, fact.invoice_id
        gateway.surveyed[kind][object_id] = gateway.readings[object_id] = Reading((fact,))
