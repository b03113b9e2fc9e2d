"""The people who give: everyone who pledged or gave once, searched, filtered and sorted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, func, or_, select, true

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Pledge
from app.giving.rules import EndReason, Interval, PledgeStatus
from app.mailer import NOWHERE
from app.money import Money
from app.reports import article_names, standings
from app.reports.rollups import following
from app.reports.rollups import supporters as kept
from app.reports.rollups.supporters import Supporter as KeptSupporter

PER_PAGE = 50
#: How many rows of a file are held at once.
BATCH = 500
#: No name and no address is longer.
LONGEST_SEARCH = 254


class Filter(StrEnum):
    """Which supporters are listed."""

    ALL = "all"
    PATRONS = "patrons"
    AT_RISK = "at_risk"
    LEAVING = "leaving"
    TWICE = "twice"
    LEFT = "left"
    ONCE = "once"


class Sort(StrEnum):
    """In which order."""

    NEWEST = "newest"
    NAME = "name"
    LAST_GIFT = "last_gift"


class State(StrEnum):
    """Where a supporter stands, by the pledge that says the most."""

    PATRON = "patron"
    AT_RISK = "at_risk"
    LEAVING = "leaving"
    PAUSED = "paused"
    LEFT = "left"
    LAPSED = "lapsed"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Supporter:
    """One person who gives or gave. `given` holds one sum for each currency, by its code.

    `email` is empty for a giver whom staff entered by name alone.
    """

    account_id: int
    name: str
    email: str
    locale: str
    state: State
    amount: Money | None
    interval: Interval | None
    #: What the article is called that led to the pledge.
    article: str | None
    since: datetime
    until: datetime | None
    gifts: int
    last_gift: datetime | None
    given: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked of the list. `text` is part of a name or an address, in any case."""

    text: str = ""
    filter: Filter = Filter.ALL
    sort: Sort = Sort.NEWEST


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list; `number` counts from 1 and is at most `pages`, which is at least 1."""

    number: int
    pages: int
    total: int
    rows: list[Supporter]


def question(words: Mapping[str, str]) -> Question:
    """Read what is asked of the list; what it does not know is left out."""
    text = "".join(letter for letter in words.get("q", "") if letter.isprintable())
    chosen, sort = words.get("filter", ""), words.get("sort", "")
    return Question(
        text.strip()[:LONGEST_SEARCH],
        Filter(chosen) if chosen in Filter.__members__.values() else Filter.ALL,
        Sort(sort) if sort in Sort.__members__.values() else Sort.NEWEST,
    )


def count(asked: Question, *, now: datetime) -> int:
    """Count the whole list from what is kept of each; may commit, see `following.fresh`."""
    following.fresh(kept.ROLLUP)
    return _count(_chosen(asked, now))


def page(asked: Question, number: int, *, now: datetime) -> Page:
    """Return a page of the list; a number beyond the last gives the last."""
    following.fresh(kept.ROLLUP)
    chosen = _chosen(asked, now)
    total = _count(chosen)
    pages = max(1, -(-total // PER_PAGE))
    number = min(max(1, number), pages)
    few = _in_order(chosen, asked).limit(PER_PAGE).offset((number - 1) * PER_PAGE).cte("few")
    rows = db.session.execute(
        _ordered(_listed(asked, now).where(Account.id.in_(select(few.c.account_id))), asked)
    ).all()
    return Page(number, pages, total, [_supporter(row) for row in rows])


def _count(chosen: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(chosen.subquery())) or 0


def _chosen(asked: Question, now: datetime) -> Select[Any]:
    """Select who is asked for, from what is kept of each."""
    found = select(KeptSupporter.account_id)
    if asked.text:
        found = found.where(kept.holds(asked.text))
    until = KeptSupporter.stands_until
    match asked.filter:
        case Filter.ALL:
            return found
        case Filter.PATRONS:
            return found.where(until > now)
        case Filter.TWICE:
            return found.where(KeptSupporter.twice_until > now)
        case Filter.LEFT:
            return found.where(until <= now)
        case Filter.ONCE:
            return found.where(until.is_(None))
        case Filter.AT_RISK | Filter.LEAVING:
            told = standings.pledge_that_tells(now)
            few = or_(Pledge.status == PledgeStatus.PAST_DUE, Pledge.ends_at.is_not(None))
            found = found.join(Account, Account.id == KeptSupporter.account_id).join(told, true())
            found = found.where(Account.id.in_(select(Pledge.account_id).where(few)))
            return found.where(_condition(asked.filter, told))


def _in_order(chosen: Select[Any], asked: Question) -> Select[Any]:
    account_id = KeptSupporter.account_id
    match asked.sort:
        case Sort.NEWEST:
            return chosen.order_by(KeptSupporter.since.desc(), account_id.desc())
        case Sort.NAME:
            return chosen.order_by(KeptSupporter.name, account_id)
        case Sort.LAST_GIFT:
            return chosen.order_by(KeptSupporter.last_gift.desc().nulls_last(), account_id.desc())


def each(asked: Question, *, now: datetime) -> Iterator[Supporter]:
    """Yield the whole list, holding few of its rows at once; the transaction lasts as long."""
    listed = _ordered(_listed(asked, now), asked)
    for row in db.session.execute(listed, execution_options={"yield_per": BATCH}):
        yield _supporter(row)


def _listed(asked: Question, now: datetime) -> Select[Any]:
    told, gave = standings.pledge_that_tells(now), standings.gave()
    listed = (
        select(
            Account.id,
            Account.name,
            Account.email,
            Account.locale,
            *(column for column in told.c if column.key != "account_id"),
            gave.c.gifts,
            gave.c.last_gift,
            gave.c.given,
            article_names.title_of(told.c.article).label("title"),
            func.least(told.c.first_came_at, gave.c.first_gift).label("since"),
        )
        .select_from(Account)
        .join(told, true(), isouter=True)
        .join(gave, true(), isouter=True)
        .where(or_(told.c.pledge_id.is_not(None), gave.c.gifts > 0))
    )
    if asked.text:
        part = asked.text
        listed = listed.where(
            or_(
                Account.name.icontains(part, autoescape=True),
                and_(
                    Account.email.icontains(part, autoescape=True),
                    ~Account.email.endswith(f"@{NOWHERE}"),
                ),
            )
        )
    return listed.where(_condition(asked.filter, told))


def _condition(chosen: Filter, told: FromClause) -> ColumnElement[bool]:
    stands = and_(told.c.pledge_id.is_not(None), told.c.out_at.is_(None))
    match chosen:
        case Filter.ALL:
            return true()
        case Filter.PATRONS:
            return stands
        case Filter.AT_RISK:
            return and_(stands, told.c.status == PledgeStatus.PAST_DUE)
        case Filter.LEAVING:
            return and_(stands, told.c.ends_at.is_not(None))
        case Filter.TWICE:
            return told.c.standing > 1
        case Filter.LEFT:
            return told.c.out_at.is_not(None)
        case Filter.ONCE:
            return told.c.pledge_id.is_(None)


def _ordered(listed: Select[Any], asked: Question) -> Select[Any]:
    columns = listed.selected_columns
    match asked.sort:
        case Sort.NEWEST:
            return listed.order_by(columns.since.desc(), Account.id.desc())
        case Sort.NAME:
            return listed.order_by(func.lower(Account.name), Account.id)
        case Sort.LAST_GIFT:
            return listed.order_by(columns.last_gift.desc().nulls_last(), Account.id.desc())


def _supporter(row: Row[Any]) -> Supporter:
    pledged = row.pledge_id is not None
    return Supporter(
        account_id=row.id,
        name=row.name,
        email="" if row.email.endswith(f"@{NOWHERE}") else row.email,
        locale=row.locale,
        state=_state(row),
        amount=Money(row.amount_minor, row.currency) if pledged else None,
        interval=Interval(row.interval) if pledged else None,
        article=article_names.written(row.article, row.title) if row.article else None,
        since=row.since,
        until=row.out_at or row.ends_at,
        gifts=int(row.gifts or 0),
        last_gift=row.last_gift,
        given=tuple(Money(int(minor), code) for code, minor in sorted((row.given or {}).items())),
    )


def _state(row: Row[Any]) -> State:
    if row.pledge_id is None:
        return State.ONCE
    if row.out_at is not None:
        return State.LEFT if row.cause == EndReason.LEFT else State.LAPSED
    if row.status == PledgeStatus.PAST_DUE:
        return State.AT_RISK
    if row.ends_at is not None:
        return State.LEAVING
    return State.PAUSED if row.status == PledgeStatus.PAUSED else State.PATRON
