"""The web application, assembled from its rooms. Only front doors import from here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.routing import IntegerConverter, Map

from app import cli, errors, localisation, observability, pool, queue, security
from app.bank.routes import LARGEST_FILE
from app.clock import utcnow
from app.extensions import csrf, db, limiter, login_manager, migrate
from app.giving.rules import CURRENCIES
from app.machines import FOR_MACHINES
from app.mailer import SmtpMailer
from app.payments.stripe_gateway import StripeGateway
from app.privacy import guard
from app.rooms import ROOMS
from app.voting import rounds, short_road
from app.voting.pictures import LARGEST as LARGEST_PICTURE
from config import logging
from config.settings import Environment, IncompleteSettings, Settings, read

ROOT = Path(__file__).resolve().parent.parent


#: A page never waits for Redis: one new connection is tried, and without it the page goes on.
QUICK = {
    "socket_connect_timeout": 0.3,
    "socket_timeout": 0.5,
    "retry": Retry(NoBackoff(), 1),
}

#: A form of ours holds a few texts; a larger body is not one.
LARGEST_FORM = 256 * 1024


class KeyConverter(IntegerConverter):
    """A primary key in an address; a number that no row can have is no page."""

    def __init__(self, map: Map) -> None:  # noqa: A002 - the name werkzeug passes it by
        super().__init__(map, max=2**63 - 1)


#: Forms that carry a file, and how large one may be.
FOR_FILES = {
    "bank_staff.new": LARGEST_FILE + LARGEST_FORM,
    "voting_staff.picture": LARGEST_PICTURE + LARGEST_FORM,
}

#: What is often asked and answered without a page. Null leads on to the view.
SHORT_ROADS: dict[str, Callable[..., Response | None]] = {"voting.cast": short_road.cast}


class Site(Flask):
    """The application. No view or hook of it is asynchronous."""

    def preprocess_request(self) -> ResponseReturnValue | None:
        """Do what comes before every view; what a machine signs is only given its request id."""
        endpoint = request.endpoint or ""
        if endpoint in FOR_MACHINES:
            observability.begin()
            return None
        # Before anything reads the form, the check of its token included.
        request.max_content_length = FOR_FILES.get(endpoint, LARGEST_FORM)
        if endpoint in SHORT_ROADS:
            observability.begin()
            g.short = SHORT_ROADS[endpoint](**(request.view_args or {}))
            if g.short is not None:
                return g.short
        return super().preprocess_request()

    def process_response(self, response: Response) -> Response:
        """Do what comes after every view; what no browser shows needs no policies for one."""
        if request.endpoint in FOR_MACHINES or response is g.get("short"):
            return observability.end(response)
        return guard.only_listed(super().process_response(response))

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function itself; Flask would inspect each of them for every request."""
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """Assemble the application. Ends the process with a clear line when settings are missing."""
    settings = settings or read()
    if unknown := set(settings.currencies) - set(CURRENCIES):
        raise IncompleteSettings(f"CURRENCIES: no amounts are known for {', '.join(unknown)}")
    logging.configure(settings.log_level)
    app = Site(__name__, template_folder=str(ROOT / "templates"))
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SQLALCHEMY_DATABASE_URI=settings.database_url.get_secret_value(),
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": 8,
            "max_overflow": 8,
            # An error in the log must not repeat what somebody typed, or voted.
            "hide_parameters": True,
        },
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        TESTING=settings.environment is Environment.TEST,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        RATELIMIT_STORAGE_URI=settings.redis_url,
        RATELIMIT_STORAGE_OPTIONS=QUICK,
        # A limiter that has lost its store counts in this process meanwhile.
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_HEADERS_ENABLED=False,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.url_map.converters["key"] = KeyConverter
    _bind_extensions(app, settings)
    for room in ROOMS:
        app.register_blueprint(room.bp)
    cli.init_app(app)
    app.context_processor(_words_for_templates)
    return app


def _bind_extensions(app: Flask, settings: Settings) -> None:
    app.extensions["settings"] = settings
    app.extensions["redis"] = Redis.from_url(settings.redis_url, **QUICK)
    app.extensions["gateway"] = StripeGateway(
        settings.stripe_api_key.get_secret_value(),
        [secret.get_secret_value() for secret in settings.stripe_webhook_secrets],
        settings.stripe_api_base,
    )
    app.extensions["mailer"] = SmtpMailer(
        settings.smtp_url.get_secret_value(), settings.mail_from, settings.newsroom.name.within
    )
    observability.init_app(app)
    security.init_app(app, settings)
    db.init_app(app)
    with app.app_context():
        pool.init_app(app, db.engine)
    migrate.init_app(app, db, directory=str(ROOT / "app" / "migrations"), render_as_batch=False)
    csrf.init_app(app)
    limiter.init_app(app)
    # Every limit stands on its view and is checked there; none holds for all views, so looking
    # for those before each request finds nothing.
    app.before_request_funcs[None].remove(limiter._check_request_limit)
    login_manager.init_app(app)
    localisation.init_app(app)
    errors.init_app(app)
    queue.init_app(app, settings)


def _words_for_templates() -> dict[str, object]:
    return {
        "newsroom": localisation.words(),
        "locale": localisation.current_locale(),
        "languages": localisation.language_links(),
        "current_user": current_user,
        "footer_links": [
            (gettext("Our patrons"), url_for("giving.patrons")),
            (gettext("Topics that patrons suggest"), url_for("topics.index")),
            (gettext("You asked, we covered"), url_for("promises.index")),
            (gettext("Other ways to support"), url_for("giving.other_ways")),
            (gettext("Corrections"), url_for("corrections.log")),
            (gettext("Privacy"), url_for("privacy.index")),
            (gettext("Cookies"), url_for("privacy.cookies")),
            (gettext("Reprint our work"), url_for("reprints.ask")),
        ],
        # A function: only the pages that show the open round ask the database for it.
        "open_round": lambda: rounds.current(utcnow()),
    }
