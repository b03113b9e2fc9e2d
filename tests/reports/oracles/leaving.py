"""Wishes to leave, recounted wish by wish."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.extensions import db
from app.giving.models import Pledge, PledgeChange
from app.giving.rules import LeaveReason
from app.reports.figures import reasons
from app.reports.shape import Asked, Share
from tests.reports.lives import DAY, NOW, cells, plain
from tests.reports.oracles.books import lists_as_long
from tests.reports.oracles.stays import out_of

NAMES = (*(each.value for each in LeaveReason), "unsaid", "at_stripe")
WAYS = ("stayed", "lowered", "paused", "elsewhere")


@dataclass(frozen=True)
class Wish:
    """One wish, what became of it, and how somebody stayed; `held` after 90 days if `over`."""

    at: datetime
    currency: str
    reason: str
    became: str
    how: str = ""
    over: bool = False
    held: bool = False


def wishes() -> list[Wish]:
    """Every wish there ever was, told from what was said and from what pledges are."""
    found: list[Wish] = []
    for pledge in db.session.scalars(select(Pledge)).all():
        said = sorted(
            (
                one
                for one in db.session.scalars(
                    select(PledgeChange).where(PledgeChange.pledge_id == pledge.id)
                )
                if one.applied_at is not None and one.via != "rule"
            ),
            key=lambda one: one.asked_at,
        )
        leaving = False
        for place, one in enumerate(said):
            if one.kind in ("leave", "leave_now") and not leaving:
                leaving = True
                found.append(_wish(pledge, one, said[place + 1 :], said))
            if one.kind == "stay":
                leaving = False
        silent = not any(one.kind.startswith("leave") for one in said)
        if silent and pledge.started_at and pledge.end_reason == "left" and pledge.ended_at:
            found.append(Wish(pledge.ended_at, pledge.currency, "at_stripe", "left"))
    return found


def _wish(
    pledge: Pledge, one: PledgeChange, later: Sequence[PledgeChange], said: Sequence[PledgeChange]
) -> Wish:
    reason = one.reason or "unsaid"
    stay = next((two for two in later if two.kind == "stay"), None)
    if stay is None:
        if pledge.ended_at is None and pledge.ends_at is None:
            return Wish(one.asked_at, pledge.currency, reason, "saved", "elsewhere")
        became = "left" if pledge.ended_at else "leaving"
        return Wish(one.asked_at, pledge.currency, reason, became)
    until = stay.asked_at + 90 * DAY
    over = until <= NOW
    held = over and out_of(pledge)[0] >= until
    how = _how(stay, said)
    return Wish(one.asked_at, pledge.currency, reason, "saved", how, over, held)


def _how(stay: PledgeChange, said: Sequence[PledgeChange]) -> str:
    soon = [one for one in said if stay.asked_at <= one.asked_at < stay.asked_at + 30 * DAY]
    if any(one.kind == "pause" for one in soon):
        return "paused"
    return "lowered" if any(_lowers(one) for one in soon) else "stayed"


def _lowers(one: PledgeChange) -> bool:
    if one.amount_after is None or one.interval_after is None:
        return False
    times = {"month": 12, "year": 1}
    after = one.amount_after * times[one.interval_after]
    return after < one.amount_before * times[one.interval_before]


def why_people_leave(of: Asked) -> None:
    """Reasons, what became of wishes and whether staying held are what a recount finds."""
    found = [
        one
        for one in wishes()
        if of.since <= one.at < of.until and of.currency in (None, one.currency)
    ]
    answer = reasons.build(of)
    outcomes = Counter(one.became for one in found)
    over = [one for one in found if one.over]
    assert [plain(figure.values[0]) for figure in answer.figures] == [
        len(found),
        Share(outcomes["saved"], outcomes["saved"] + outcomes["left"]),
        Share(sum(one.held for one in over), len(over)),
    ]
    table, ways = cells(answer)
    for name, row in zip(NAMES, table, strict=True):
        mine = Counter(one.became for one in found if one.reason == name)
        decided = mine["saved"] + mine["left"]
        assert row[1:] == [
            mine.total(),
            Share(mine.total(), len(found)),
            mine["left"],
            mine["leaving"],
            Share(mine["saved"], decided),
        ]
    for how, row in zip(WAYS, ways, strict=True):
        stayed = [one for one in found if one.how == how]
        known = [one for one in stayed if one.over]
        held = Share(sum(one.held for one in known), len(known))
        assert row[1:] == [len(stayed), len(known), held]
    lists_as_long(reasons.REPORT, of, answer)
