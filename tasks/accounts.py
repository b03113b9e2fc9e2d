"""Jobs of the accounts room: forget what is no longer needed."""

from celery import shared_task

from app import jobs
from app.accounts import sign_ins
from app.clock import utcnow
from app.jobs import Job


@shared_task(name=Job.FORGET.value)
def forget() -> int:
    """Remove requests to sign in that are long over. Safe to run twice."""
    jobs.begin(Job.FORGET)
    return sign_ins.forget(now=utcnow())
