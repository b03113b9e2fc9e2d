"""Jobs of the giving room: settle events, fetch fees, owe the letters that come beforehand."""

from celery import shared_task

from app import jobs
from app.clock import utcnow
from app.current import gateway, zone
from app.giving import settlement
from app.giving.arrivals import steps
from app.giving.books import ledger, movement_checks, movements, payouts, statements
from app.giving.failing import reminders
from app.giving.models import Donation, Payout, PledgeChange, Refund
from app.giving.reversals import refunds
from app.giving.wishes import changes
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


@shared_task(name=Job.CARRY_OUT.value)
def carry_out() -> int:
    """Ask Stripe for what the house owes there: refunds, and the ends of pledges."""
    return drain(
        Job.CARRY_OUT, Refund, lambda key: refunds.carry_out(key, gateway(), now=utcnow())
    ) + drain(
        Job.CARRY_OUT, PledgeChange, lambda key: changes.carry_out(key, gateway(), now=utcnow())
    )


@shared_task(name=Job.REMIND.value)
def remind() -> int:
    """Owe the letters whose day has come, in January the yearly statements. Safe to run twice."""
    jobs.begin(Job.REMIND)
    now = utcnow()
    count = reminders.owe_due(now=now)
    if (year := reminders.year_to_state(now)) is not None:
        count += statements.owe_for_year(year, now=now)
    return count


@shared_task(name=Job.FOLLOW_GRACE.value)
def follow_grace() -> int:
    """Enter the movements of graces that ran out; by night prove that all movements add up."""
    jobs.begin(Job.FOLLOW_GRACE)
    now = utcnow()
    count = movements.grace_over(now=now)
    if movement_checks.due(now, zone()):
        movement_checks.check(now=now)
    return count


@shared_task(name=Job.COUNT_STEPS.value)
def count_steps() -> int:
    """Add what was counted of visits to the giving page to its table. Safe to run twice."""
    jobs.begin(Job.COUNT_STEPS)
    return steps.fold(now=utcnow())


@shared_task(name=Job.FOLLOW_PAYOUTS.value)
def follow_payouts() -> int:
    """Look what Stripe paid out, read what each payout holds, and match it with the ledger."""
    count = payouts.look(gateway(), now=utcnow())
    count += drain(
        Job.FOLLOW_PAYOUTS, Payout, lambda key: payouts.read(key, gateway(), now=utcnow())
    )
    return count + payouts.sum_up_again(now=utcnow())
