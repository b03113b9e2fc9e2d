"""Forget what is no longer needed, in every room."""

from celery import shared_task

from app import jobs
from app.clock import utcnow
from app.jobs import Job
from app.privacy import forgetting


@shared_task(name=Job.FORGET.value)
def forget() -> int:
    """Hold to every time limit that is due. Safe to run twice."""
    jobs.begin(Job.FORGET)
    return forgetting.run_due(now=utcnow())
