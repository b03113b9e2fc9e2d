"""The job of the passes' room: turn the keys."""

from celery import shared_task

from app import jobs
from app.clock import utcnow
from app.jobs import Job
from app.passes import keys


@shared_task(name=Job.KEEP_PASSES.value)
def keep_passes() -> None:
    """Make the key that signs next. Safe to run twice."""
    jobs.begin(Job.KEEP_PASSES)
    keys.turn(now=utcnow())
