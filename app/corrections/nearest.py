"""Which of an article's groups a passage is one with, found within a bounded time. Pure."""

import time
from collections.abc import Callable, Iterable, Mapping

from app.corrections import passages
from app.corrections.passages import Laid, Likeness, Passage

#: Seconds of this thread's own work, from any beginning.
Clock = Callable[[], float]
worked: Clock = time.thread_time


class Search:
    """What is known of a passage's likeness to groups, which are shown to it lot by lot."""

    def __init__(self, passage: Passage, *, clock: Clock = worked) -> None:
        self._passage, self._clock = passage, clock
        self._laid = Laid(passage)
        self._seen: set[int] = set()
        self._alike: dict[int, Likeness] = {}

    def look(self, groups: Mapping[int, Passage], *, seconds: float) -> None:
        """Compare with these groups, in their order, for so long; what is left over is passed over.

        One whose passage is the same letter for letter costs nothing, and ends the search: it is
        found however many there are.
        """
        self._seen |= groups.keys()
        same = [key for key, passage in groups.items() if passage == self._passage]
        if same:
            self._alike |= dict.fromkeys(same, Likeness.SAME)
            return
        began = self._clock()
        for key, passage in groups.items():
            found = passages.compare(Laid(passage), self._laid)
            if found:
                self._alike[key] = found
            if self._clock() - began >= seconds:
                return

    def unseen(self, keys: Iterable[int]) -> list[int]:
        """Return which of these groups it was never shown."""
        return [key for key in keys if key not in self._seen]

    def best(self, among: Iterable[int]) -> int | None:
        """Return the group that is most alike, of several the oldest; None where none is."""
        found = [(self._alike[key], -key) for key in among if key in self._alike]
        return -max(found)[1] if found else None
