"""How much room a day has for pairs of campaign and article that one network is first to name."""

from datetime import datetime

from app.giving.arrivals import steps
from app.giving.arrivals.steps import MOST_APART, Visit
from app.shield import counters
from app.shield.rules import Limit, block_of


def left(visit: Visit, limit: Limit, network: str, *, now: datetime) -> int:
    """Return how many pairs a day has room for; none for a network that has named enough new ones.

    Names are typed by anybody, and a day has room for `steps.MOST_APART`: `limit` says how many of
    them a block of addresses (/24, in IPv6 /48) may take. `network` is where the visit comes from
    (`extensions.network_of_reader`). Raises `redis.RedisError`.
    """
    if steps.is_apart(visit) or counters.hit([(limit, block_of(network))], now) is None:
        return MOST_APART
    return 0
