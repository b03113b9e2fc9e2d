"""Jobs of the passes' room: turn the keys, forget what has expired."""

from celery import shared_task

from app import jobs
from app.clock import utcnow
from app.jobs import Job
from app.passes import keys, passes


@shared_task(name=Job.KEEP_PASSES.value)
def keep_passes() -> int:
    """Make the key that signs next, and remove codes and renewals whose time is over.

    Safe to run twice.
    """
    jobs.begin(Job.KEEP_PASSES)
    now = utcnow()
    keys.turn(now=now)
    return passes.forget(now=now)
