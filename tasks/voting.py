"""Jobs of the voting room: what rounds owe as time passes."""

from celery import shared_task

from app.clock import utcnow
from app.jobs import Job
from app.voting import monthly, turns
from app.voting.models import Round
from app.voting.plans import RoundTemplate
from tasks.drain import drain


@shared_task(name=Job.TURN_ROUNDS.value)
def turn_rounds() -> int:
    """Draft the month's round, tell of those that open, count those that have closed, seal them."""
    return drain(
        Job.TURN_ROUNDS, RoundTemplate, lambda key: monthly.turn(key, now=utcnow())
    ) + drain(Job.TURN_ROUNDS, Round, lambda key: turns.turn(key, now=utcnow()))
