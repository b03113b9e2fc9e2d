"""The register of requests and permissions: filtered, searched, by pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, func, or_, select

from app.accounts.models import Account
from app.current import newsroom, zone
from app.extensions import db
from app.reprints.models import ReprintPermission, ReprintRequest
from app.reprints.rules import State, read_number

PAGE = 25
#: How many rows of a file are held at once.
BATCH = 500
LONGEST_SEARCH = 100


class Filter(StrEnum):
    """Which requests are listed."""

    OPEN = "open"
    VALID = "valid"
    ENDED = "ended"
    REFUSED = "refused"
    SPAM = "spam"


@dataclass(frozen=True, slots=True)
class Question:
    """What the register is asked for; no filter lists all, the open ones first."""

    filter: Filter | None = None
    text: str = ""
    number: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A request, whose account it is, and the permission it was granted."""

    request: ReprintRequest
    email: str
    permission: ReprintPermission | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the register, and how many pages and requests there are."""

    rows: Sequence[Row]
    number: int
    pages: int
    total: int


def page(asked: Question, *, now: datetime) -> Page:
    """Return a page of the register; a number beyond the last gives the last."""
    total = db.session.scalar(select(func.count()).select_from(_found(asked, now).subquery())) or 0
    pages = max(1, -(-total // PAGE))
    number = min(max(asked.number, 1), pages)
    found = db.session.execute(_found(asked, now).limit(PAGE).offset((number - 1) * PAGE))
    return Page([Row(*row) for row in found], number, pages, total)


def every(asked: Question, *, now: datetime) -> Iterator[Row]:
    """Yield the whole of what the register is asked for; few rows are held at once."""
    found = db.session.execute(_found(asked, now).execution_options(yield_per=BATCH))
    for row in found:
        yield Row(*row)


def counts(*, now: datetime) -> dict[Filter, int]:
    """Return how many requests each filter lists."""
    return {
        each: db.session.scalar(
            select(func.count()).select_from(_found(Question(each), now).subquery())
        )
        or 0
        for each in Filter
    }


def late_since(now: datetime) -> datetime:
    """Return the moment before which a request that is still open was asked too long ago."""
    return now - timedelta(days=newsroom().reprints.answer_days)


def _found(asked: Question, now: datetime) -> Select[ReprintRequest, str, ReprintPermission]:
    found = (
        select(ReprintRequest, Account.email, ReprintPermission)
        .join(Account, Account.id == ReprintRequest.account_id)
        .outerjoin(ReprintPermission, ReprintPermission.request_id == ReprintRequest.id)
    )
    if asked.filter is not None:
        found = found.where(_which(asked.filter, now))
    if asked.text:
        found = found.where(_about(asked.text))
    # Who has waited the longest comes first; what is decided, the newest first.
    is_open = ReprintRequest.state == State.OPEN
    return found.order_by(
        is_open.desc(),
        ReprintRequest.decided_at.desc().nulls_first(),
        ReprintRequest.asked_at,
        ReprintRequest.id,
    )


def _which(wanted: Filter, now: datetime) -> ColumnElement[bool]:
    today = now.astimezone(zone()).date()
    over = ReprintPermission.withdrawn_at.is_not(None) | func.coalesce(
        ReprintPermission.valid_until < today, False
    )
    match wanted:
        case Filter.OPEN:
            return ReprintRequest.state == State.OPEN
        case Filter.REFUSED:
            return ReprintRequest.state == State.REFUSED
        case Filter.SPAM:
            return ReprintRequest.state == State.SPAM
        case Filter.VALID:
            return (ReprintRequest.state == State.GRANTED) & ~over
        case Filter.ENDED:
            return (ReprintRequest.state == State.GRANTED) & over


def _about(text: str) -> ColumnElement[bool]:
    number = read_number(text)
    if number is not None:
        return ReprintPermission.id == number.serial
    like = f"%{text.replace('^', '^^').replace('%', '^%').replace('_', '^_')}%"
    columns = (
        ReprintRequest.name,
        ReprintRequest.organisation,
        ReprintRequest.place,
        ReprintRequest.articles,
        ReprintPermission.holder,
        Account.email,
    )
    return or_(*(column.ilike(like, escape="^") for column in columns))
