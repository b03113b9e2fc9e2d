"""The jobs of the reports: Monday's letter, long files, and rollups kept up with the raw rows."""

from celery import shared_task

from app import jobs
from app.clock import utcnow
from app.current import settings, zone
from app.jobs import Job
from app.reports import exports, monday
from app.reports.models import ExportFile
from app.reports.rollups import catalogue, checking, following
from tasks.drain import drain


@shared_task(name=Job.MONDAY.value)
def owe_monday_letters() -> int:
    """Owe this Monday's letter once its hour has come. Safe to run twice."""
    jobs.begin(Job.MONDAY)
    return monday.owe_due(hour=settings().monday_letter_hour, now=utcnow(), zone=zone())


@shared_task(
    name=Job.EXPORT.value,
    soft_time_limit=exports.MOST_SECONDS,
    time_limit=exports.MOST_SECONDS + exports.GRACE_SECONDS,
)
def make_files() -> int:
    """Make the files that staff asked for.

    Safe to run twice. Each takes minutes, so they are claimed one by one and have a time limit of
    their own.
    """
    return drain(Job.EXPORT, ExportFile, lambda key: exports.make(key, clock=utcnow), batch=1)


# To fill all people from nothing takes minutes, and is one statement after the other.
@shared_task(name=Job.FOLLOW_ROLLUPS.value, soft_time_limit=3000, time_limit=3300)
def follow_rollups() -> bool:
    """Fill what is out of date of the rollups; by night look whether they are right.

    Safe to run twice and at once. One that cannot be filled keeps the others from nothing; what
    went wrong with it is raised in the end.
    """
    jobs.begin(Job.FOLLOW_ROLLUPS)
    # What raises has come to the end of all the others.
    done = True
    try:
        done = following.follow(catalogue.ROLLUPS)
    finally:
        if not done:
            jobs.enqueue(Job.FOLLOW_ROLLUPS)
        elif checking.due(utcnow(), zone()):
            checking.check(catalogue.ROLLUPS, now=utcnow())
    return done
