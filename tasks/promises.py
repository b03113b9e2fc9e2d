"""The job of promises: make those that rounds owe, remind of late ones, tell of stories."""

from celery import shared_task

from app import jobs
from app.clock import utcnow
from app.jobs import Job
from app.promises import intake, letters
from app.promises.models import Promise
from tasks.drain import drain


@shared_task(name=Job.KEEP_PROMISES.value)
def keep_promises() -> int:
    """Tell of published stories, take in new results, remind of what is late. May run twice."""
    jobs.begin(Job.KEEP_PROMISES)
    count = drain(Job.KEEP_PROMISES, Promise, lambda key: letters.tell(key, now=utcnow()))
    count += intake.take_in_due(now=utcnow())
    return count + letters.remind_of_late(now=utcnow())
