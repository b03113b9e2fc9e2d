"""How the steps of an erasure remove and empty rows, and tell how many those were."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, update

from app.extensions import db

#: The accounts of the person.
Ids = Sequence[int]


def gone(model: Any, *which: ColumnElement[bool]) -> int:
    """Remove rows and return how many; the caller commits."""
    done = db.session.execute(
        delete(model)
        .where(*which)
        .returning(*model.__table__.primary_key)
        .execution_options(synchronize_session=False)
    )
    return len(done.all())


def emptied(model: Any, which: ColumnElement[bool], **values: Any) -> int:
    """Set columns of the rows in which one of them is otherwise; return how many those were.

    The caller commits.
    """
    other = or_(*(getattr(model, name).is_distinct_from(value) for name, value in values.items()))
    done = db.session.execute(
        update(model)
        .where(which, other)
        .values(**values)
        .returning(*model.__table__.primary_key)
        .execution_options(synchronize_session=False)
    )
    return len(done.all())
