"""What is counted in Redis: attempts by where they come from, pages opened and pages paid.

Pages are members of sorted sets, by the moment they were opened, under the ids of their checkouts:
to count one twice changes nothing.
"""

import threading
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from flask import current_app

from app.shield.rules import Limit, Threshold

if TYPE_CHECKING:
    from redis import Redis

PREFIX = "hromada:shield:"
UP, UNPAID, PAID, TRIES, COUNTS = (
    PREFIX + name for name in ("up", "unpaid", "paid", "tries", "counts")
)
#: What an attack may fill Redis with.
MOST_TRIES = 10_000

#: Count up to the first limit that is passed, and return its place. ARGV most, seconds, for each.
HIT = """
for place, key in ipairs(KEYS) do
  local count = redis.call('INCR', key)
  if count == 1 then redis.call('EXPIRE', key, ARGV[2 * place]) end
  if count > tonumber(ARGV[2 * place - 1]) then return place end
end
return 0
"""

#: Let a page be opened, unless the shield is up or goes up because of it: all in one step, so that
#: of many at the same moment no more pass than the threshold says.
#: KEYS up, unpaid, paid, counts; ARGV now, window's begin, checkout, unpaid, percent, keep.
ADMIT = """
if redis.call('ZSCORE', KEYS[2], ARGV[3]) then return 'open' end
if redis.call('EXISTS', KEYS[1]) == 1 then return 'held' end
local unpaid = redis.call('ZCOUNT', KEYS[2], ARGV[2], '+inf')
local paid = redis.call('ZCOUNT', KEYS[3], ARGV[2], '+inf')
if unpaid >= tonumber(ARGV[4]) and paid * 100 < tonumber(ARGV[5]) * (unpaid + paid) then
  redis.call('SET', KEYS[1], ARGV[1])
  redis.call('HSET', KEYS[4], 'held', 0, 'reached', unpaid + paid, 'paid', paid)
  return 'raised'
end
redis.call('ZADD', KEYS[2], ARGV[1], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[6])
return 'open'
"""


class Admission(StrEnum):
    """Whether a page may be opened; `RAISED` says so to the one attempt that raised the shield."""

    OPEN = "open"
    HELD = "held"
    RAISED = "raised"


@dataclass(frozen=True, slots=True)
class Counts:
    """What came while the shield was up."""

    held_back: int = 0
    reached_stripe: int = 0
    paid: int = 0


def _redis() -> "Redis":
    found: Redis = current_app.extensions["redis"]
    return found


def _run(script: str, keys: Sequence[str], *numbers: float | str) -> Any:
    """Run a script in one step; the library's type allows for an answer that is awaited."""
    return _redis().eval(script, len(keys), *keys, *map(str, numbers))


def hit(limits: Sequence[tuple[Limit, str]], now: datetime) -> Limit | None:
    """Count one for each limit and its key, up to the first that is passed, and return that.

    What comes after it is not counted: who is refused for the own address uses up nothing that is
    others' as well. Raises `redis.RedisError`.
    """
    moment = int(now.timestamp())
    keys = [f"{PREFIX}{one.name}:{key}:{moment // one.seconds}" for one, key in limits]
    numbers = [number for one, _ in limits for number in (one.most, one.seconds)]
    passed = int(_run(HIT, keys, *numbers))
    return limits[passed - 1][0] if passed else None


def is_up() -> bool:
    """Whether the shield is up. Raises `redis.RedisError`."""
    return bool(_redis().exists(UP))


def admit(
    checkout_id: uuid.UUID, threshold: Threshold, *, window: int, keep: int, now: datetime
) -> Admission:
    """Let a page be opened, or not. Raises `redis.RedisError`. `window` and `keep` are seconds."""
    answer: bytes = _run(
        ADMIT,
        [UP, UNPAID, PAID, COUNTS],
        *(now.timestamp(), now.timestamp() - window, str(checkout_id)),
        *(threshold.unpaid, threshold.paid_percent, keep),
    )
    return Admission(answer.decode())


def let(checkout_id: uuid.UUID, *, keep: int, now: datetime) -> None:
    """Count a page that is opened whatever the shield says. Raises `redis.RedisError`."""
    new = _redis().zadd(UNPAID, {str(checkout_id): now.timestamp()}, nx=True)
    _redis().expire(UNPAID, keep)
    if new and is_up():
        _redis().hincrby(COUNTS, "reached", 1)


def held(what: str, *, keep: int, now: datetime) -> None:
    """Count an attempt that was held back, by any name of its own. Raises `redis.RedisError`."""
    pipe = _redis().pipeline(transaction=False)
    pipe.zadd(TRIES, {what: now.timestamp()})
    pipe.zremrangebyrank(TRIES, 0, -MOST_TRIES - 1)
    pipe.expire(TRIES, keep)
    pipe.exists(UP)
    if pipe.execute()[-1]:
        _redis().hincrby(COUNTS, "held", 1)


def paid(checkout_id: uuid.UUID, *, keep: int, now: datetime) -> None:
    """Count a page that was paid, once. Raises `redis.RedisError`."""
    pipe = _redis().pipeline(transaction=False)
    pipe.zadd(PAID, {str(checkout_id): now.timestamp()}, nx=True)
    pipe.zrem(UNPAID, str(checkout_id))
    pipe.zrem(TRIES, str(checkout_id))
    pipe.expire(PAID, keep)
    pipe.exists(UP)
    new, *_, up = pipe.execute()
    if new and up:
        _redis().hincrby(COUNTS, "paid", 1)


def seen_since(moment: datetime) -> tuple[int, int]:
    """Return how many attempts since then are unpaid, held back ones among them, and how many paid.

    Raises `redis.RedisError`.
    """
    pipe = _redis().pipeline(transaction=False)
    # One that was held back and confirmed since stands in both.
    pipe.zrangebyscore(UNPAID, moment.timestamp(), "+inf")
    pipe.zrangebyscore(TRIES, moment.timestamp(), "+inf")
    pipe.zcount(PAID, moment.timestamp(), "+inf")
    opened, tried, paid_ = pipe.execute()
    return len({*opened, *tried}), int(paid_)


def forget_before(moment: datetime) -> None:
    """Drop what is too old to matter. Raises `redis.RedisError`."""
    pipe = _redis().pipeline(transaction=False)
    for name in (UNPAID, PAID, TRIES):
        pipe.zremrangebyscore(name, "-inf", moment.timestamp())
    pipe.execute()


def put_up(counts: Counts, now: datetime) -> None:
    """Raise the shield, unless it is up. Raises `redis.RedisError`."""
    if _redis().set(UP, now.timestamp(), nx=True):
        fields = {
            "held": counts.held_back,
            "reached": counts.reached_stripe,
            "paid": counts.paid,
        }
        _redis().hset(COUNTS, mapping=fields)


def take_down() -> None:
    """Lower the shield and begin to count anew. Raises `redis.RedisError`."""
    _redis().delete(UP, UNPAID, PAID, TRIES, COUNTS)


def counts() -> Counts | None:
    """Return what came since the shield was raised; None when it is down.

    Raises `redis.RedisError`.
    """
    found: Any = _redis().hgetall(COUNTS)
    if not found:
        return None
    kept = {name.decode(): int(value) for name, value in found.items()}
    return Counts(kept.get("held", 0), kept.get("reached", 0), kept.get("paid", 0))


class Memory:
    """The same limits counted in this process alone, for while Redis does not answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._hour = 0

    def hit(self, limits: Sequence[tuple[Limit, str]], now: datetime) -> Limit | None:
        """Count as `hit` does, within the hour of the clock."""
        with self._lock:
            hour = int(now.timestamp()) // 3600
            if hour != self._hour:
                self._hour, self._counts = hour, Counter()
            for limit, key in limits:
                self._counts[limit.name, key] += 1
                if self._counts[limit.name, key] > limit.most:
                    return limit
            return None
