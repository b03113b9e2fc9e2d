"""The Celery application, bound to the Flask one: every job runs inside its context."""

from typing import Any

import structlog
from celery import Celery, Task
from flask import Flask
from kombu.transport.redis import Channel

from app.extensions import db
from config.schedule import FILES, USUAL, beat, routes
from config.settings import Settings

# A worker that loses Redis would try to put back the nudges it had fetched, fail at that, and end.
# It need not: what they ask for is owed in the database, and every job has a sweep.
Channel.do_restore = False


def init_app(app: Flask, settings: Settings) -> Celery:
    """Make the Celery application and keep it among the extensions."""

    class ContextTask(Task):
        """A task with the application's context and the id of the request that asked for it."""

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            structlog.contextvars.clear_contextvars()
            asked_by = (self.request.headers or {}).get("request_id")
            structlog.contextvars.bind_contextvars(job=self.name, request_id=asked_by)
            with app.app_context():
                try:
                    return self.run(*args, **kwargs)
                finally:
                    db.session.remove()

    celery = Celery("hromada", task_cls=ContextTask)
    celery.conf.update(
        broker_url=settings.broker_url or settings.redis_url,
        # Nobody waits for a result: what came of a job stands in the database.
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "socket_connect_timeout": 1.0,
            "socket_timeout": 5.0,
            "visibility_timeout": 3600,
        },
        # A nudge that waits while all workers drain is worth nothing later.
        worker_prefetch_multiplier=1,
        task_soft_time_limit=300,
        task_time_limit=360,
        worker_hijack_root_logger=False,
        timezone="UTC",
        # A worker that is told of none answers both.
        task_queues={USUAL: {}, FILES: {}},
        task_default_queue=USUAL,
        task_routes=routes(),
        beat_schedule=beat(),
    )
    celery.set_default()
    app.extensions["celery"] = celery
    return celery
