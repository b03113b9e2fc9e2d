"""The job of the reports: owe the Monday letter."""

from celery import shared_task

from app import jobs
from app.clock import utcnow
from app.current import settings, zone
from app.jobs import Job
from app.reports import monday


@shared_task(name=Job.MONDAY.value)
def owe_monday_letters() -> int:
    """Owe this Monday's letter once its hour has come. Safe to run twice."""
    jobs.begin(Job.MONDAY)
    return monday.owe_due(hour=settings().monday_letter_hour, now=utcnow(), zone=zone())
