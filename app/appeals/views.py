"""Views of appeals, counted by the day: about nobody, and without a mark of any browser."""

import json
from datetime import datetime
from typing import Any

from app.appeals import appeals, rules
from app.current import zone
from app.giving.arrivals import steps, touches
from app.giving.arrivals.steps import Step, Visit
from config.newsroom import LANGUAGES


def count(note: bytes, browser: str, *, now: datetime) -> bool:
    """Count a view that a page told of, and return whether it was counted.

    Robots are not, nor an appeal that is not shown now: anybody can send anything. Best effort.
    """
    told, device = _read(note), steps.device(browser)
    tag, language = told.get("appeal", ""), told.get("lang", "")
    if device is None or language not in LANGUAGES or not rules.TAG.match(tag):
        return False
    if tag != rules.USUAL and not _is_shown(tag, now):
        return False
    texts = {name: touches.clean(name, told.get(name, "")) for name in ("campaign", "article")}
    day = now.astimezone(zone()).date()
    steps.count(
        Visit(
            day,
            Step.SHOWN,
            language,
            device,
            texts["campaign"] or "",
            texts["article"] or "",
            tag,
        )
    )
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
