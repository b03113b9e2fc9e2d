"""A reader's visit as the pages of giving see it: how they came, and which step this is."""

from datetime import date
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import request, session
from redis import RedisError

from app.addresses import readable
from app.clock import utcnow
from app.current import settings, zone
from app.extensions import network_of_reader
from app.giving.arrivals import room, steps, touches
from app.giving.arrivals.steps import Device, Step, Visit
from app.giving.arrivals.touches import LONGEST_ADDRESS, LONGEST_ESCAPED, LONGEST_TITLE, Came
from app.giving.models import Checkout
from app.localisation import current_locale
from app.shield.rules import HOUR, Limit

log = structlog.get_logger()

#: How many pairs of campaign and article a block of addresses may be the first to name in a day.
FIRST = Limit("first visits of a block", 100, 24 * HOUR)
#: Which steps this browser was counted at, and on which day.
KEY = "steps"
#: Who pays comes back from there: it is no page that led to us.
STRIPE = "stripe.com"


def article() -> str | None:
    """Return the article that this address names, as it is known; see `touches.named`."""
    return touches.named(request.args.get("article", "")) or None


def page() -> dict[str, Any]:
    """Return what this address tells of the article's page: `article`, `title` and `url`.

    Of an address what follows its path is left out: it may say who reads.
    """
    title = " ".join(request.args.get("title", "").split())[:LONGEST_TITLE]
    url = request.args.get("url", "").strip().partition("#")[0].partition("?")[0]
    url = readable(url[:LONGEST_ESCAPED])
    fit = url.startswith(("https://", "http://")) and len(url) <= LONGEST_ADDRESS
    return {"article": article(), "title": title or None, "url": url if fit else None}


def arrived() -> None:
    """Keep in the session how the reader of this page came, if the visit tells."""
    found = touches.read(request.args, request.referrer, own=_own_hosts(), on=_today())
    if found is not None and touches.note(session, found):
        # By another way it is another visit, and counted as one.
        session.pop(KEY, None)


def came() -> Came:
    """Return how the reader of this page came, this page included."""
    arrived()
    return touches.came(session, device=steps.device(request.user_agent.string)).by(**page())


def stepped(step: Step, *, of: Checkout | None = None) -> None:
    """Count that this visit reached a step: once a day for each browser that keeps the session.

    A step of a checkout that was begun elsewhere, and confirmed by its letter here, counts as that
    of the one who began it. Robots are not counted, nor what a browser fetches ahead of its reader.
    """
    device = steps.device(request.user_agent.string)
    if device is None or request.method == "HEAD" or _fetched_ahead():
        return
    day = _today()
    on, *reached = session.get(KEY, [""])
    if on != day.isoformat():
        reached = []
    if step in reached:
        return
    session[KEY] = [day.isoformat(), *reached, step]
    language, last = current_locale(), touches.came(session).by(article()).last
    if of is not None:
        device = Device(of.device) if of.device else device
        language, last = of.locale, touches.last_of(of)
    told = (last.campaign, last.article, last.appeal) if last else ()
    visit = Visit(day, step, language, device, *(text or "" for text in told))
    try:
        most = room.left(visit, FIRST, network_of_reader(), now=utcnow())
    except RedisError as error:
        log.warning("step_not_counted", step=step, error=type(error).__name__)
        return
    steps.count(visit, most=most)


def _today() -> date:
    return utcnow().astimezone(zone()).date()


def _fetched_ahead() -> bool:
    return "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))


def _own_hosts() -> set[str]:
    """The site, by the name it has and by the one it was asked by, and the pages of Stripe."""
    bases = (settings().site_url, settings().stripe_api_base or "")
    hosts = {urlsplit(base).hostname for base in bases}
    return {host for host in (*hosts, request.host.partition(":")[0], STRIPE) if host}
