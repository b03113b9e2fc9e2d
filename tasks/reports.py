"""Jobs of the reports: owe the Monday letter, make long files."""

from celery import shared_task

from app import jobs
from app.clock import utcnow
from app.current import settings, zone
from app.jobs import Job
from app.reports import exports, monday
from app.reports.models import ExportFile
from tasks.drain import drain


@shared_task(name=Job.MONDAY.value)
def owe_monday_letters() -> int:
    """Owe this Monday's letter once its hour has come. Safe to run twice."""
    jobs.begin(Job.MONDAY)
    return monday.owe_due(hour=settings().monday_letter_hour, now=utcnow(), zone=zone())


@shared_task(name=Job.EXPORT.value)
def make_files() -> int:
    """Make the files that staff asked for and remove those whose time is over.

    Safe to run twice. Each takes minutes, so they are claimed one by one.
    """
    exports.remove_old(now=utcnow())
    return drain(Job.EXPORT, ExportFile, lambda key: exports.make(key, clock=utcnow), batch=1)
