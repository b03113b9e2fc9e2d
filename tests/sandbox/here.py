"""The world a request is about."""

from __future__ import annotations

from flask import current_app

from tests.sandbox.world import World


def here() -> World:
    """Give the world the running application was made for."""
    world: World = current_app.extensions["sandbox"]
    return world
