"""How badly events travel: shuffled, doubled, late or never, the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from typing import Any

from tests.sandbox.errors import invalid

#: Seconds within which the order is lost when events are shuffled.
_SHUFFLED_WITHIN = 1.0


@dataclass(frozen=True, slots=True)
class Mode:
    """What happens on the way to an endpoint; as it stands here, nothing."""

    #: Seconds within which events lose their order; 0 for none.
    shuffle: float = 0.0
    #: How likely an event is delivered a second time.
    duplicate: float = 0.0
    #: The least and the most seconds an event is late.
    delay: tuple[float, float] = (0.0, 0.0)
    #: How likely an event is not delivered at all, unless it is asked for by its id.
    drop: float = 0.0
    seed: int = 0

    def journeys(self, event_id: str, endpoint_id: str) -> list[float]:
        """Give after how many seconds an event arrives, for each time that it does.

        Drawn from the seed and the ids alone: the same acts fare the same every time.
        """
        if self == NORMAL:
            return [0.0]
        draws = random.Random(f"{self.seed} {event_id} {endpoint_id}")
        if draws.random() < self.drop:
            return []
        twice = draws.random() < self.duplicate
        return [self._late(draws) for _ in range(2 if twice else 1)]

    def _late(self, draws: random.Random) -> float:
        return draws.uniform(*self.delay) + draws.uniform(0, self.shuffle)

    def shown(self) -> dict[str, Any]:
        """Give what was asked for."""
        return asdict(self)


NORMAL = Mode()


def mode(asked: dict[str, Any], seed: int) -> Mode:
    """Make a mode as asked for; refuse what is not known or makes no sense."""
    known = {"shuffle", "duplicate", "delay", "drop"}
    if unknown := asked.keys() - known:
        raise invalid(f"Unknown: {sorted(unknown)}; known: {sorted(known)}")
    shuffle = asked.get("shuffle", False)
    low, high = asked.get("delay", (0, 0))
    likely = [float(asked.get(name, 0)) for name in ("duplicate", "drop")]
    if not 0 <= low <= high or not all(0 <= one <= 1 for one in likely):
        raise invalid("A delay is [least, most] seconds; what is likely lies between 0 and 1.")
    return Mode(
        shuffle=_SHUFFLED_WITHIN if shuffle is True else float(shuffle),
        duplicate=likely[0],
        delay=(float(low), float(high)),
        drop=likely[1],
        seed=seed,
    )
