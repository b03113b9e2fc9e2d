"""Views of appeals, counted by the day: about nobody, and without a mark of any browser."""

import json
from datetime import datetime
from typing import Any

import structlog
from redis import RedisError

from app import sites
from app.appeals import appeals, rules
from app.current import settings, zone
from app.giving.arrivals import room, steps, touches
from app.giving.arrivals.steps import Step, Visit
from app.shield.rules import HOUR, Limit
from config.newsroom import LANGUAGES
from config.origins import origin

log = structlog.get_logger()

#: How many pairs of campaign and article a block of addresses may be the first to name in a day.
FIRST = Limit("first views of a block", 100, 24 * HOUR)


def may_tell(page: str) -> bool:
    """Whether the pages of an origin, as a browser names it, may tell of views.

    Those of the newsroom's own sites may, and ours. What is no browser can say anything; it is
    held to what one block of addresses may name.
    """
    return sites.is_ours(page) or page == origin(settings().site_url)


def count(note: bytes, browser: str, network: str, *, now: datetime) -> bool:
    """Count a view that a page told of, and return whether it was counted.

    Robots are not, nor an appeal that is not shown now: anybody can send anything. `network` is
    where it comes from (`extensions.network_of_reader`). Best effort; a statement at most.
    """
    told, device = _read(note), steps.device(browser)
    tag, language = told.get("appeal", ""), told.get("lang", "")
    if device is None or language not in LANGUAGES or not rules.TAG.match(tag):
        return False
    if tag != rules.USUAL and not _is_shown(tag, now):
        return False
    texts = {name: touches.clean(name, told.get(name, "")) for name in ("campaign", "article")}
    day = now.astimezone(zone()).date()
    visit = Visit(
        day,
        Step.SHOWN,
        language,
        device,
        texts["campaign"] or "",
        texts["article"] or "",
        tag,
    )
    try:
        most = room.left(visit, FIRST, network, now=now)
    except RedisError as error:
        log.warning("view_not_counted", error=type(error).__name__)
        return False
    steps.count(visit, most=most)
    return True


def _is_shown(tag: str, now: datetime) -> bool:
    return any(tag in appeals.tags(appeal) for appeal in appeals.live(now))


def _read(note: bytes) -> dict[str, str]:
    try:
        told: Any = json.loads(note)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {name: text for name, text in told.items() if isinstance(text, str) and "\0" not in text}
