"""Whether reports read what is kept, or the raw rows, to hold one against the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_raw: ContextVar[bool] = ContextVar("raw", default=False)


@contextmanager
def raw() -> Iterator[None]:
    """Read everything from the raw rows for a while, which is slow and always right."""
    before = _raw.set(True)
    try:
        yield
    finally:
        _raw.reset(before)


def is_raw() -> bool:
    """Whether the raw rows are read."""
    return _raw.get()
