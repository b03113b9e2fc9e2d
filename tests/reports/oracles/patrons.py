"""Patrons and churn, recounted pledge by pledge."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from app.current import zone
from app.extensions import db
from app.giving.models import Pledge
from app.giving.rules import Interval
from app.reports import months
from app.reports.figures import churn, patrons
from app.reports.shape import Asked, Share
from app.reports.spans import Why
from tests.reports.lives import NOW, cells, opened, plain

GRACE = timedelta(days=14)
WHY = {"left": "wish", "unpaid": "payment", "disputed": "payment", "paused": "paused"}

Stay = tuple[datetime, datetime | None, str | None, bool, str]


def _out(pledge: Pledge) -> tuple[datetime | None, str | None]:
    """When and why a pledge ceased to stand, as a person would tell from its row."""
    out, why = _ends(pledge)
    return (out, why) if out is not None and out <= NOW else (None, None)


def _ends(pledge: Pledge) -> tuple[datetime | None, str | None]:
    """The same, also of one whose grace or paid time will only run out."""
    out, why = None, None
    if pledge.ended_at is not None:
        return pledge.ended_at, WHY.get(pledge.end_reason or "", "unknown")
    if pledge.status == "past_due" and pledge.past_due_since is not None:
        out, why = pledge.past_due_since + GRACE, "payment"
    if pledge.status == "paused":
        out, why = pledge.paid_until, "paused"
    return out, why


def stays_of(currency: str | None) -> list[Stay]:
    """Every stay: from when, to when, why over, whether the person's first, the plan."""
    people: dict[int, list[Pledge]] = {}
    for pledge in db.session.scalars(select(Pledge).where(Pledge.started_at.is_not(None))):
        if currency in (None, pledge.currency):
            people.setdefault(pledge.account_id, []).append(pledge)
    found: list[Stay] = []
    for pledges in people.values():
        group: list[Pledge] = []
        count = 0
        for pledge in sorted(pledges, key=lambda one: (one.started_at or NOW, one.id)):
            out = _out(pledge)[0]
            assert pledge.started_at is not None
            if out is not None and out <= pledge.started_at:
                continue
            reach = max(
                (_out(one)[0] or datetime.max.replace(tzinfo=UTC) for one in group), default=None
            )
            if reach is not None and reach < pledge.started_at:
                found.append(_stay(group, count == 0))
                group, count = [], count + 1
            group.append(pledge)
        if group:
            found.append(_stay(group, count == 0))
    return found


def _stay(group: list[Pledge], first: bool) -> Stay:
    far = datetime.max.replace(tzinfo=UTC)
    longest = max(_ends(one)[0] or far for one in group)
    last = min((one for one in group if (_ends(one)[0] or far) == longest), key=lambda one: one.id)
    assert group[0].started_at is not None
    return (group[0].started_at, *_out(last), first, last.interval)


def _bounds(of: Asked) -> list[tuple[datetime, datetime]]:
    return [
        (months.start_of(month, zone()), min(months.start_of(months.following(month), zone()), NOW))
        for month in of.months
    ]


def _within(moment: datetime | None, since: datetime, until: datetime) -> bool:
    return moment is not None and since <= moment < until


def _before(stay: Stay, moment: datetime) -> bool:
    return stay[0] < moment and (stay[1] is None or stay[1] >= moment)


def patrons_and_churn(of: Asked) -> None:
    """Every count of patrons, and of those lost, is what a recount finds; lists have the rows."""
    stays = stays_of(of.currency)
    answer = patrons.build(of)
    (table,) = cells(answer)
    for row, (since, until) in zip(table, _bounds(of), strict=True):
        came = [one for one in stays if _within(one[0], since, until)]
        went = [one for one in stays if _within(one[1], since, until)]
        start = sum(_before(one, since) for one in stays)
        end = sum(_before(one, until) for one in stays)
        new = sum(one[3] for one in came)
        by_why = [sum(one[2] == why for one in went) for why in Why]
        assert row[1:] == [start, new, len(came) - new, *by_why, end]
        assert start + len(came) - len(went) == end
    for value, rows in opened(patrons.REPORT, of, answer):
        assert len(rows) == plain(value)
    totals = [plain(figure.values[0]) for figure in answer.figures]
    assert totals == [table[-1][-1], *(sum(row[place] for row in table) for place in range(2, 8))]

    answer = churn.build(of)
    for plan, rows_ in zip((Interval.MONTH, Interval.YEAR), cells(answer), strict=True):
        for row, (since, until) in zip(rows_, _bounds(of), strict=True):
            stood = [one for one in stays if _before(one, since) and one[4] == plan]
            lost = [one for one in stood if _within(one[1], since, until)]
            by_why = [sum(one[2] == why for one in lost) for why in Why]
            n = len(stood)
            shares = [Share(len(lost), n), Share(by_why[0], n), Share(by_why[1], n)]
            assert row[1:] == [n, *by_why, len(lost), *shares]
    for value, rows in opened(churn.REPORT, of, answer):
        assert len(rows) == plain(value)
