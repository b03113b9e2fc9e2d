"""The months of a report in SQL, and the words by which the lists behind figures name them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, DateTime, cast, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute

from app.localisation import format_month
from app.reports.shape import Asked

#: Stands for every month of a period, and for every currency, where a list is named.
ALL = "all"


def place_of(moment: Any, asked: Asked) -> ColumnElement[int]:
    """The place of a moment's month among `asked.spans()`, from 1; there must be a span."""
    starts = [since for _month, since, _until in asked.spans()]
    return func.width_bucket(moment, cast(starts, ARRAY(DateTime(timezone=True))))


def within(
    moment: InstrumentedAttribute[Any] | ColumnElement[Any], asked: Asked
) -> ColumnElement[bool]:
    """Whether a moment lies in the period; a period that has not begun holds nothing."""
    return (moment >= asked.since) & (moment < max(asked.until, asked.since))


def parts_of(key: str, count: int) -> Sequence[str]:
    """Take the name of a list apart. Raises `KeyError` when it has another number of parts."""
    parts = key.split(":")
    if len(parts) != count:
        raise KeyError(key)
    return parts


def span_of(asked: Asked, word: str) -> tuple[str, datetime, datetime]:
    """Return what a month, or `ALL`, is called, its first instant and the one after its last.

    Raises `KeyError` for what is no month of the period.
    """
    if word == ALL:
        return _("the whole time"), asked.since, max(asked.until, asked.since)
    for month, since, until in asked.spans():
        if word == month.isoformat():
            return format_month(month), since, until
    raise KeyError(word)


def currency_of(word: str) -> str | None:
    """Return the currency of a list's name, null for `ALL`. Raises `KeyError` for what is none."""
    if word == ALL:
        return None
    if len(word) != 3 or not word.isascii() or not word.isupper():
        raise KeyError(word)
    return word


def month_at(asked: Asked, place: int) -> date:
    """Return the month of a place that `place_of` gave."""
    return asked.spans()[place - 1][0]
