"""The worker's front door: the Celery application with every job."""

from app import create_app
from tasks import (
    accounts,
    desk,
    giving,
    letters,
    passes,
    privacy,
    promises,
    reports,
    shield,
    voting,
)

JOBS = (accounts, desk, giving, letters, passes, privacy, promises, reports, shield, voting)

flask_app = create_app()
celery_app = flask_app.extensions["celery"]
