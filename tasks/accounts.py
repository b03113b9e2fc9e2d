"""Forget what is no longer needed: of accounts, of the bank and of letters' links."""

from celery import shared_task

from app import jobs
from app.accounts import sign_ins
from app.bank import imports
from app.clock import utcnow
from app.giving.gift import leftovers
from app.giving.wishes import links
from app.jobs import Job


@shared_task(name=Job.FORGET.value)
def forget() -> int:
    """Remove old requests to sign in, old bank data, dead links and what came to nothing.

    Safe to run twice.
    """
    jobs.begin(Job.FORGET)
    now = utcnow()
    return sum(each.forget(now=now) for each in (sign_ins, imports, links, leftovers))
