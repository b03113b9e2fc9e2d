"""A sandbox for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.world import Options
from tests.test_sandbox.shop import SECRET, Receiver, Shop, free_port


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def opened() -> Iterator[Callable[..., Shop]]:
    """A way to open shops with options; they are closed at the end."""
    shops: list[Shop] = []

    def open_one(**options: Any) -> Shop:
        options.setdefault("port", free_port())
        options.setdefault("settle_delay", 0.05)
        shops.append(Shop(Options(webhook_secret=SECRET, **options)))
        return shops[-1]

    yield open_one
    for shop in shops:
        shop.close()


@pytest.fixture
def shop(opened: Callable[..., Shop]) -> Shop:
    """A shop nobody delivers events to."""
    return opened()


@pytest.fixture
def told(opened: Callable[..., Shop], receiver: Receiver) -> Shop:
    """A shop whose events are delivered to the receiver."""
    return opened(webhook_url=receiver.url)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "sandbox"
