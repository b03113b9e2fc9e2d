"""The jobs of readers' rights: files of one's own data, and erasures."""

from celery import shared_task

from app.clock import utcnow
from app.current import gateway
from app.jobs import Job
from app.privacy import erasing, erasure_books, erasure_ends, erasure_events, takeouts
from app.privacy.erasure_models import Erasure
from app.privacy.takeout_models import Takeout
from tasks.drain import drain


@shared_task(name=Job.TAKE_OUT.value)
def take_out() -> int:
    """Make the files that people asked for. Safe to run twice."""
    return drain(Job.TAKE_OUT, Takeout, lambda key: takeouts.make(key, now=utcnow()), batch=1)


@shared_task(name=Job.ERASE.value)
def erase() -> int:
    """Carry out what has its day, empty what Stripe told since, cut what the books need no more.

    Safe to run twice.
    """
    count = drain(
        Job.ERASE,
        Erasure,
        lambda key: erasing.carry_out(key, gateway(), now=utcnow()),
        batch=1,
    )
    erasing.follow_up(gateway(), now=utcnow())
    erasure_ends.expire(now=utcnow())
    count += erasure_books.cut(now=utcnow())
    erasure_events.watch(now=utcnow())
    return count
