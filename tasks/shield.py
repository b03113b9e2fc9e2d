"""Jobs of the shield's room: watch over it."""

from celery import shared_task

from app import jobs
from app.clock import utcnow
from app.jobs import Job
from app.shield import watch


@shared_task(name=Job.WATCH_SHIELD.value)
def watch_shield() -> bool:
    """Lower the shield when all is quiet, and mend what was lost on the way."""
    jobs.begin(Job.WATCH_SHIELD)
    return watch.sweep(now=utcnow())
