"""The gate before forms that anybody may send: how often from where, and what it costs a browser.

While the shield is up, and from whoever has sent more than a few, a form is taken once the browser
has done the work of `proofs`; without JavaScript it is taken more seldom. Nothing about who asked
is kept but counts in Redis, under the network's name, for an hour.
"""

from datetime import datetime

import structlog
from redis import RedisError

from app.shield import counters, gate, proofs
from app.shield.counters import Memory
from app.shield.rules import HOUR, MINUTES, Limit, Mode, block_of

log = structlog.get_logger()

#: Counts for as long as this process lives, while Redis does not answer.
_memory = Memory()

#: Of an address, its block (/24, in IPv6 /48), and all.
CALM = ((3, 10 * MINUTES), (20, 10 * MINUTES), (60, 10 * MINUTES))
PROVED = ((8, HOUR), (40, HOUR), (600, HOUR))
PLAIN = ((2, HOUR), (6, HOUR), (120, HOUR))


def wants_proof() -> bool:
    """Whether the page of such a form is to have its browser do the work beforehand."""
    return gate.mode() is not Mode.CALM


def wait(form: str, network: str, proof: tuple[str, str], *, now: datetime) -> int:
    """Return after how many seconds a form may be sent again; 0: it is taken now.

    `form` is its name, `network` where it comes from (`extensions.network_of_reader`), `proof` the
    task of `proofs` and the number found for it, empty without JavaScript.
    """
    try:
        if not wants_proof() and counters.hit(_limits(form, "calm", network), now) is None:
            return 0
        kind = "proved" if proof[1] and proofs.spend(*proof, now) else "plain"
        over = counters.hit(_limits(form, kind, network), now)
    except RedisError:
        over = _memory.hit(_limits(form, "plain", network), now)
    if over is None:
        return 0
    log.info("open_form_wait", limit=over.name)
    return over.seconds - int(now.timestamp()) % over.seconds


def _limits(form: str, kind: str, network: str) -> list[tuple[Limit, str]]:
    most = {"calm": CALM, "proved": PROVED, "plain": PLAIN}[kind]
    of = ("an address", "a block", "all")
    keys = (network, block_of(network), "all")
    return [
        (Limit(f"{form} {kind} of {whom}", *numbers), key)
        for whom, numbers, key in zip(of, most, keys, strict=True)
    ]
