"""Jobs of the letters room: send what is owed."""

from celery import shared_task

from app.clock import utcnow
from app.current import mailer
from app.jobs import Job
from app.letters import letters
from app.letters.models import Letter
from tasks.drain import drain


@shared_task(name=Job.SEND_LETTERS.value)
def send_letters() -> int:
    """Send every letter that is due, those a person waits for first."""
    return drain(
        Job.SEND_LETTERS,
        Letter,
        lambda key: letters.send(key, mailer(), now=utcnow()),
        first=(Letter.urgency,),
    )
