"""Steps on the way to a gift, counted in Redis and folded into a table by the day.

A count is about nobody: it has the day, the page's language, the kind of device, the campaign and
the article, and no mark of a browser. What Redis loses before it is folded stays lost.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import structlog
from flask import current_app
from redis import RedisError
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.extensions import db
from app.giving.models import FunnelDay, FunnelFold

if TYPE_CHECKING:
    from redis import Redis

log = structlog.get_logger()

PREFIX = "hromada:funnel:"
#: Counts that are not folded yet, and the lot that is being folded.
NEW, TAKEN = PREFIX + "new", PREFIX + "taken"
#: Which field of a lot says which lot it is.
LOT = "lot"
#: How many pairs of campaign and article are told apart on one day: addresses are typed by anybody.
MOST_APART = 2000
#: What the others are counted as.
OTHERS = "*"
#: How long it is remembered which lots were folded, and which pairs a day has.
REMEMBERED = timedelta(days=2)

#: Count one visit, apart from others while the day has room. KEYS new, pairs of the day; ARGV the
#: pair, the field with it, the field without, most, seconds to keep the pairs for.
COUNT = """
local known = redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 1
if not known and redis.call('SCARD', KEYS[2]) < tonumber(ARGV[4]) then
  redis.call('SADD', KEYS[2], ARGV[1])
  redis.call('EXPIRE', KEYS[2], ARGV[5])
  known = true
end
redis.call('HINCRBY', KEYS[1], known and ARGV[2] or ARGV[3], 1)
"""

#: Take what was counted, under a name of its own, unless an earlier lot is still to be folded.
#: KEYS new, taken; ARGV the field and the name.
TAKE = """
if redis.call('EXISTS', KEYS[2]) == 0 and redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('RENAME', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
end
"""

#: Forget a lot that was folded, and no other. KEYS taken; ARGV the field and the name.
DROP = "if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('DEL', KEYS[1]) end"


class Step(StrEnum):
    """How far a visit went. That it was paid is told by the checkouts themselves."""

    #: Saw an appeal on a page of the newsroom's own: a view and not a visit, counted each time.
    SHOWN = "shown"
    SEEN = "seen"
    SENT = "sent"
    OPENED = "opened"


class Device(StrEnum):
    """What a browser runs on, by its own word."""

    PHONE = "phone"
    DESKTOP = "desktop"


#: What robots call themselves by, as small letters.
ROBOTS = (
    *("bot", "crawl", "spider", "slurp", "preview", "facebookexternalhit", "headless", "monitor"),
    *(
        "lighthouse",
        "python",
        "curl",
        "wget",
        "go-http",
        "okhttp",
        "java/",
        "scan",
        "fetch",
        "http:",
    ),
)


def device(browser: str) -> Device | None:
    """Return what a browser runs on by its User-Agent; None for robots and who does not say."""
    small = browser.lower()
    if not small or any(word in small for word in ROBOTS):
        return None
    return Device.PHONE if "mobi" in small else Device.DESKTOP


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit at one step."""

    day: date
    step: Step
    language: str
    device: Device
    #: Of the last touch; empty for none.
    campaign: str = ""
    article: str = ""
    appeal: str = ""


def count(visit: Visit, *, most: int = MOST_APART) -> None:
    """Count a visit that reached a step. Best effort: without Redis it is not counted.

    Beyond so many pairs of campaign and article a day, those that are new count as `OTHERS`. Where
    appeals were shown has pairs of its own: there may be as many as there are articles. Their
    names are known to be ours by then, and are never left out.
    """
    pair = _pair(visit)
    others = (OTHERS, OTHERS, visit.appeal if visit.step is Step.SHOWN else OTHERS)
    common = (visit.day.isoformat(), visit.step, visit.language, visit.device)
    try:
        _run(
            COUNT,
            [NEW, _pairs_of(visit)],
            *(json.dumps(texts) for texts in (pair, common + pair, common + others)),
            *(most, int(REMEMBERED.total_seconds())),
        )
    except RedisError as error:
        log.warning("step_not_counted", step=visit.step, error=type(error).__name__)


def is_apart(visit: Visit) -> bool:
    """Whether the day tells a visit's campaign and article apart already.

    Raises `redis.RedisError`.
    """
    return bool(_redis().sismember(_pairs_of(visit), json.dumps(_pair(visit))))


def _pair(visit: Visit) -> tuple[str, str, str]:
    return visit.campaign, visit.article, visit.appeal


def _pairs_of(visit: Visit) -> str:
    return f"{PREFIX}pairs:{visit.day}{':shown' if visit.step is Step.SHOWN else ''}"


def fold(*, now: datetime) -> int:
    """Add what Redis has counted to the table; commits. Return how many visits it was.

    Safe to run twice and at once: each lot has a name, entered with its counts. Raises
    `redis.RedisError`.
    """
    _run(TAKE, [NEW, TAKEN], LOT, str(uuid.uuid4()))
    found: Any = _redis().hgetall(TAKEN)
    kept = {name.decode(): text.decode() for name, text in found.items()}
    lot = kept.pop(LOT, None)
    if lot is None:
        return 0
    rows = [(*json.loads(name), int(text)) for name, text in sorted(kept.items())]
    visits = _enter(uuid.UUID(lot), rows, now)
    _run(DROP, [TAKEN], LOT, lot)
    return visits


def _enter(lot: uuid.UUID, rows: Sequence[tuple[Any, ...]], now: datetime) -> int:
    """Add the counts of a lot, unless it was added before; commits."""
    fresh = db.session.scalar(
        insert(FunnelFold)
        .values(id=lot, folded_at=now)
        .on_conflict_do_nothing()
        .returning(FunnelFold.id)
    )
    if fresh is not None and rows:
        names = [column.key for column in FunnelDay.__table__.columns]
        # What an earlier release counted a moment ago has no appeal.
        rows = [(*row[:-1], "", row[-1]) if len(row) < len(names) else row for row in rows]
        add = insert(FunnelDay)
        db.session.execute(
            add.on_conflict_do_update(
                index_elements=names[:-1], set_={"count": FunnelDay.count + add.excluded.count}
            ),
            [
                dict(zip(names, (date.fromisoformat(day), *rest), strict=True))
                for day, *rest in rows
            ],
        )
    db.session.execute(delete(FunnelFold).where(FunnelFold.folded_at < now - REMEMBERED))
    db.session.commit()
    return sum(row[-1] for row in rows) if fresh is not None else 0


def _redis() -> "Redis":
    found: Redis = current_app.extensions["redis"]
    return found


def _run(script: str, keys: Sequence[str], *values: str | int) -> Any:
    return _redis().eval(script, len(keys), *keys, *map(str, values))
