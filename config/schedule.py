"""The beat: which job, how often, and which queue it waits in.

Every job is a sweep; a nudge only makes it sooner.
"""

from typing import Any

from app.jobs import Job

#: Seconds between two sweeps of each job. What the queue loses waits no longer than this.
EVERY: dict[Job, float] = {
    Job.SETTLE_EVENTS: 10,
    Job.SEND_LETTERS: 10,
    Job.TURN_ROUNDS: 10,
    Job.FETCH_FEES: 60,
    Job.KEEP_PROMISES: 30,
    Job.WATCH_SHIELD: 30,
    Job.CARRY_OUT: 60,
    Job.COUNT_STEPS: 60,
    Job.PULSE: 30,
    # Looks whether its hour has come, and takes up what staff asked for and the queue lost.
    Job.COMPARE: 300,
    # Also proves once a night that the movements add up.
    Job.FOLLOW_GRACE: 300,
    # What is given shows in the figures within a minute.
    Job.FOLLOW_ROLLUPS: 20,
    # Looks whether it is Monday morning.
    Job.MONDAY: 300,
    Job.FOLLOW_PAYOUTS: 1800,
    # Takes up what a worker left, and removes files whose time is over.
    Job.EXPORT: 60,
    # Takes up what a worker left, and removes files whose time is over.
    Job.TAKE_OUT: 60,
    # Begins what has its day, goes on with what was held up, empties what Stripe still tells.
    Job.ERASE: 30,
    Job.REMIND: 3600,
    # Looks whether a new key is due to be published, and removes what has expired.
    Job.KEEP_PASSES: 3600,
    Job.FORGET: 3600,
}

#: The queue of most jobs, as Celery calls it where nothing else is said.
USUAL = "celery"
#: The queue of jobs that may take as long as a file of millions of rows does: a worker of its own
#: answers, so that no receipt waits behind them.
FILES = "files"
LONG = (Job.EXPORT, Job.TAKE_OUT)


def routes() -> dict[str, dict[str, str]]:
    """Return which queue each job waits in, for Celery; the others wait in the usual one."""
    return {job.value: {"queue": FILES} for job in LONG}


def beat() -> dict[str, dict[str, Any]]:
    """Return Celery's beat schedule. A sweep not taken in time is dropped: the next is as good."""
    return {
        job.value: {"task": job.value, "schedule": seconds, "options": {"expires": seconds}}
        for job, seconds in EVERY.items()
    }
