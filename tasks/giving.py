"""Jobs of the giving room: settle events, fetch fees, owe the letters that come beforehand."""

from celery import shared_task

from app import jobs
from app.clock import utcnow
from app.current import gateway
from app.giving import ledger, reminders, settlement
from app.giving.models import Donation
from app.jobs import Job
from app.payments.models import InboxEvent
from tasks.drain import drain


@shared_task(name=Job.SETTLE_EVENTS.value)
def settle_events() -> int:
    """Settle every kept event that is due."""
    return drain(
        Job.SETTLE_EVENTS,
        InboxEvent,
        lambda key: settlement.settle(key, gateway(), now=utcnow()),
    )


@shared_task(name=Job.FETCH_FEES.value)
def fetch_fees() -> int:
    """Fetch the fees that donations still owe."""
    return drain(
        Job.FETCH_FEES, Donation, lambda key: ledger.fetch_fee(key, gateway(), now=utcnow())
    )


@shared_task(name=Job.REMIND.value)
def remind() -> int:
    """Owe the letters whose day has come. Safe to run twice."""
    jobs.begin(Job.REMIND)
    return reminders.owe_due(now=utcnow())
