"""Why patrons leave and who stays after all: by hand, and against a slow recount of wishes."""

import random
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.giving.models import Pledge, PledgeChange
from app.giving.rules import EndReason, Interval, LeaveReason
from app.giving.wishes import changes
from app.giving.wishes.changes import Asker
from app.money import Money
from app.payments.facts import Ending, Reading, Standing
from app.reports.figures import reasons
from app.reports.shape import Share
from tests.builders import a_pledge, a_reader
from tests.fakes import FakeGateway
from tests.giving.facts import seen
from tests.reports.lives import NOW, asked, cells, opened
from tests.reports.oracles.stays import out_of

APRIL = datetime(2026, 4, 6, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def given(**over: Any) -> Pledge:
    """A monthly pledge that goes on."""
    return a_pledge(a_reader(), started_at=APRIL - 40 * DAY, amount_minor=1000, **over)


class Patron:
    """Somebody who says at the page of a pledge what is wished; Stripe does as it is asked."""

    def __init__(self, gateway: FakeGateway) -> None:
        self.gateway, self.pledge = gateway, given()
        self.subscription = self.pledge.stripe_subscription_id or ""
        self.asker = Asker(self.pledge.account_id)

    def _says(self, at: datetime, standing: Standing = Standing.PAYING, **over: Any) -> None:
        fact = seen(self.pledge, standing, seen_at=at, paid_until=None, **over)
        self.gateway.readings[self.subscription] = Reading((fact,))

    def leaves(self, at: datetime, reason: LeaveReason | None, *, at_once: bool = False) -> None:
        if at_once:
            ending = {"ended_at": at, "ending": Ending.BY_WISH}
            self._says(at, Standing.ENDED, **ending)
        else:
            self._says(at, ends_at=NOW + 9 * DAY)
        changes.leave(
            self.pledge.id, self.asker, self.gateway, at_once=at_once, reason=reason, now=at
        )

    def stays(self, at: datetime) -> None:
        self._says(at)
        changes.stay(self.pledge.id, self.asker, self.gateway, now=at)

    def lowers(self, at: datetime) -> None:
        less = Money(300, "EUR")
        self._says(at, amount=less)
        changes.set_terms(self.pledge.id, less, Interval.MONTH, self.asker, self.gateway, now=at)

    def pauses(self, at: datetime) -> None:
        self._says(at, Standing.PAUSED)
        changes.pause(self.pledge.id, 1, self.asker, self.gateway, now=at)


def test_each_wish_is_told_with_its_reason_and_what_came_of_it(gateway: FakeGateway) -> None:
    gone, back, low, rests, waits, wavers = (Patron(gateway) for _each in range(6))
    dear, other = LeaveReason.TOO_EXPENSIVE, LeaveReason.OTHER
    gone.leaves(APRIL, dear, at_once=True)
    back.leaves(APRIL, dear)
    back.stays(APRIL + DAY)
    back.leaves(APRIL + 60 * DAY, None, at_once=True)
    low.leaves(APRIL, dear)
    low.stays(APRIL + DAY)
    low.lowers(APRIL + 2 * DAY)
    rests.leaves(NOW - 10 * DAY, other)
    rests.stays(NOW - 9 * DAY)
    rests.pauses(NOW - 8 * DAY)
    waits.leaves(NOW - 9 * DAY, other)
    wavers.leaves(APRIL, other)
    wavers.leaves(APRIL + DAY, other, at_once=True)
    quiet = given()
    quiet.status, quiet.ended_at, quiet.end_reason = "ended", APRIL, EndReason.LEFT
    db.session.commit()
    answer = reasons.build(asked("2026-04", "2026-08"))
    by_reason, ways = cells(answer)
    told = {row[0]: row[1:] for row in by_reason}
    # In all eight wishes: the one that was repeated is one, and so is the one made at Stripe.
    assert told["Too much money"] == [3, Share(3, 8), 1, 0, Share(2, 3)]
    assert told["Another reason"] == [3, Share(3, 8), 1, 1, Share(1, 2)]
    assert told["No reason given"] == [1, Share(1, 8), 1, 0, Share(0, 1)]
    assert told["Ended at Stripe, where no reason is asked"] == [1, Share(1, 8), 1, 0, Share(0, 1)]
    # Who went on as before left within 90 days; who paused has not had them.
    assert [row[1:] for row in ways] == [
        [1, 1, Share(0, 1)],
        [1, 1, Share(1, 1)],
        [1, 0, Share(0, 0)],
        [0, 0, Share(0, 0)],
    ]
    values = [one.value for figure in answer.figures for one in figure.values]  # type: ignore[union-attr]
    assert values == [8, Share(3, 7), Share(1, 2)]


def test_an_end_by_the_house_is_no_wish_and_one_that_stripe_refused_neither() -> None:
    pledge, refused = given(), given()
    for one, via, applied in ((pledge, "rule", APRIL), (refused, "page", None)):
        _wish(one, "leave_now", APRIL, via=via, applied_at=applied)
    db.session.commit()
    answer = reasons.build(asked())
    assert answer.figures[0].values == [0]
    assert reasons.listed(asked(), "all:all").rows.count() == 0


@pytest.mark.parametrize("key", ["", "all", "all:nothing", "no:all", "how:week"])
def test_a_key_that_was_never_given_out_has_no_list(key: str) -> None:
    with pytest.raises(KeyError):
        reasons.listed(asked(), key)


def _wish(pledge: Pledge, kind: str, at: datetime, **over: Any) -> None:
    row = {
        "id": uuid.uuid4(),
        "pledge_id": pledge.id,
        "kind": kind,
        "asked_at": at,
        "applied_at": at,
        "amount_before": 1000,
        "interval_before": "month",
    }
    db.session.add(PledgeChange(**(row | over)))


def wished(seed: int) -> None:
    """Let people wish to leave, come back on it, lower, pause and go, at random."""
    chance = random.Random(seed)
    for _person in range(25):
        pledge = given()
        at, leaving = APRIL - 60 * DAY, False
        for _turn in range(chance.randrange(7)):
            at += timedelta(hours=chance.randrange(1, 900))
            kind = chance.choice(["leave", "leave", "amount", "pause"])
            if leaving:
                kind = chance.choice(["stay", "leave_now"])
            over: dict[str, Any] = {"reason": chance.choice([None, "other", "content"])}
            if kind == "amount":
                over = {"amount_after": chance.choice([300, 2000]), "interval_after": "month"}
            if at < NOW:
                _wish(pledge, kind, at, **over)
                leaving = kind.startswith("leave")
        if leaving and chance.random() < 0.8:
            pledge.ends_at = NOW + DAY
            if chance.random() < 0.7:
                pledge.ended_at, pledge.end_reason = min(at + DAY, NOW), "left"
                pledge.status = "ended"
        elif chance.random() < 0.3:
            pledge.ended_at, pledge.status = NOW - DAY, "ended"
            pledge.end_reason = chance.choice(["left", "unpaid"])
    db.session.commit()


def recount() -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Of each reason what came of it, and of each way of staying whether it held."""
    became: Counter[tuple[str, str]] = Counter()
    ways: Counter[tuple[str, str]] = Counter()
    of = asked()
    for pledge in db.session.scalars(select(Pledge)).all():
        said = db.session.scalars(
            select(PledgeChange)
            .where(PledgeChange.pledge_id == pledge.id)
            .order_by(PledgeChange.asked_at)
        ).all()
        leaving = False
        for place, one in enumerate(said):
            if one.kind in ("leave", "leave_now") and not leaving:
                leaving = True
                if of.since <= one.asked_at:
                    reason = one.reason or "unsaid"
                    stay = next((two for two in said[place:] if two.kind == "stay"), None)
                    became[reason, _outcome(pledge, stay)] += 1
                    _count_way(ways, pledge, stay, list(said))
            if one.kind == "stay":
                leaving = False
        no_wish = not any(one.kind.startswith("leave") for one in said)
        if no_wish and pledge.end_reason == "left" and pledge.ended_at:
            became["at_stripe", "left"] += of.since <= pledge.ended_at < of.until
    return became, ways


def _outcome(pledge: Pledge, stay: PledgeChange | None) -> str:
    if stay is not None or (pledge.ended_at is None and pledge.ends_at is None):
        return "saved"
    return "left" if pledge.ended_at else "leaving"


def _count_way(
    ways: Counter[tuple[str, str]],
    pledge: Pledge,
    stay: PledgeChange | None,
    said: list[PledgeChange],
) -> None:
    if stay is None:
        ways["elsewhere", "all"] += _outcome(pledge, None) == "saved"
        return
    later = [one for one in said if timedelta(0) <= one.asked_at - stay.asked_at < 30 * DAY]
    how = "stayed"
    if any(one.kind == "amount" and (one.amount_after or 0) < one.amount_before for one in later):
        how = "lowered"
    if any(one.kind == "pause" for one in later):
        how = "paused"
    until = stay.asked_at + 90 * DAY
    ways[how, "all"] += 1
    ways[how, "over"] += until <= NOW
    ways[how, "held"] += until <= NOW and out_of(pledge)[0] >= until


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_figure_is_what_a_slow_recount_finds(seed: int) -> None:
    wished(seed)
    answer = reasons.build(asked())
    became, ways = recount()
    table, stayed = cells(answer)
    names = [*(each.value for each in LeaveReason), "unsaid", "at_stripe"]
    for name, row in zip(names, table, strict=True):
        left, leaving, saved = (became[name, how] for how in ("left", "leaving", "saved"))
        assert row[1] == left + leaving + saved
        assert row[3:] == [left, leaving, Share(saved, saved + left)]
    for how, row in zip(("stayed", "lowered", "paused", "elsewhere"), stayed, strict=True):
        assert row[1:3] == [ways[how, "all"], ways[how, "over"]]
        assert row[3] == Share(ways[how, "held"], ways[how, "over"])
    for behind, rows in opened(reasons.REPORT, asked(), answer):
        value = behind.value.part if isinstance(behind.value, Share) else behind.value
        assert len(rows) == value, behind.key
