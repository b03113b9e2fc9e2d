"""Jobs of the voting room: what rounds owe as time passes."""

from celery import shared_task

from app.clock import utcnow
from app.jobs import Job
from app.voting import turns
from app.voting.models import Round
from tasks.drain import drain


@shared_task(name=Job.TURN_ROUNDS.value)
def turn_rounds() -> int:
    """Tell of rounds that open, count those that have closed, destroy keys kept long enough."""
    return drain(Job.TURN_ROUNDS, Round, lambda key: turns.turn(key, now=utcnow()))
