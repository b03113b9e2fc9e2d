"""Jobs of the desk: compare with Stripe, repair what differs, show that workers live."""

from contextlib import suppress

from celery import shared_task
from flask import current_app

from app import jobs
from app.clock import utcnow
from app.current import gateway, zone
from app.desk import comparisons, differences, pulse
from app.desk.differences import UnknownDifference
from app.desk.models import Comparison, Difference
from app.jobs import Job
from tasks.drain import drain


@shared_task(name=Job.COMPARE.value)
def compare() -> int:
    """Repair what staff asked to be repaired, and carry out the comparison that is due."""
    comparisons.owe_nightly(now=utcnow(), zone=zone())
    return drain(Job.COMPARE, Difference, _repair) + drain(
        Job.COMPARE,
        Comparison,
        lambda key: comparisons.run(key, gateway(), clock=utcnow),
    )


def _repair(difference_id: int) -> None:
    # The first of several about one object mends them all.
    with suppress(UnknownDifference):
        differences.repair(difference_id, gateway(), now=utcnow())


@shared_task(name=Job.PULSE.value)
def show_pulse() -> None:
    """Say that a worker lives and that the beat asks."""
    jobs.begin(Job.PULSE)
    pulse.show(current_app.extensions["redis"], now=utcnow())
