"""Sums that are kept: begun where nothing else has happened, followed, and read row by row."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.extensions import Base, db
from app.reports.rollups import following
from app.reports.rollups.kept import Rollup
from tests.conftest import _empty
from tests.reports.lives import live
from tests.reports.stories import Story


def anew(story: Story) -> None:
    """Let a story happen where nothing else has."""
    db.session.remove()
    _empty()
    live(story)


def follow(kept: Sequence[Rollup]) -> None:
    """Let these sums be up to date."""
    assert following.follow(kept)


def rows(table: type[Base]) -> Counter[tuple[Any, ...]]:
    """Every row but for the numbers they happen to have; lists as what can be counted."""
    columns = [column for column in table.__table__.columns if column.name != "id"]
    return Counter(tuple(map(str, row)) for row in db.session.execute(select(*columns)))
