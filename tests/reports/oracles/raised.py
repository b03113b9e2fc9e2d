"""What stated campaigns brought, and the way to a gift, recounted gift by gift."""

import random
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from app.extensions import db
from app.giving.arrivals import campaigns
from app.giving.arrivals.campaigns import Terms
from app.giving.models import (
    Adjustment,
    Campaign,
    Checkout,
    Donation,
    DonationFee,
    FunnelDay,
    Pledge,
    PledgeMovement,
    Touch,
)
from app.money import Money
from app.reports import funnels
from app.reports.figures import campaign_results, funnel
from app.reports.shape import Asked, Share
from tests.reports.lives import DAY, NOW, cells
from tests.reports.oracles.books import grouped, kept_of, lists_as_long

STEPS = ("seen", "sent", "opened", "paid")
CAME = ("new", "returned", "more")


def chance_campaigns(seed: int, by: int) -> None:
    """State two campaigns, and one that was over long before."""
    chance = random.Random(seed)
    for name, year in (("winter", 2026), ("a:b", 2026), ("winter", 2024)):
        begin = date(year, 1, 1) + chance.randrange(200) * DAY
        ends = begin + chance.randrange(90) * DAY
        goal = chance.choice([None, Money(20000, "EUR")])
        cost = Money(chance.choice([0, 1500]), "EUR")
        campaigns.add(Terms(name, begin, ends, goal, cost), by=by, now=NOW)


def campaigns_raised(of: Asked) -> None:
    """What each campaign raised and what was left of it is what a recount finds."""
    table = cells(campaign_results.build(of))[1] if _shown(of) else []
    told = {(row[0], row[1], row[3]): row for row in table}
    for one in _shown(of):
        slow = _recount(one, of)
        wanted = (
            {one.currency, *slow} if of.currency is None else {one.currency, *slow} & {of.currency}
        )
        for code in wanted:
            row = told.pop((one.name, one.starts_on, code))
            found = slow.get(code, Counter())
            own = code == one.currency
            raised, net = found["raised"], found["net"]
            goal = Share(raised, one.goal_minor, code) if own and one.goal_minor else None
            paid = (
                Share(net - one.cost_minor, one.cost_minor, code)
                if own and one.cost_minor
                else None
            )
            assert row[4:12] == [
                Money(raised, code),
                goal,
                *(found[came] for came in CAME),
                one.cost if own else None,
                Money(net, code),
                paid,
            ]
    assert not told
    lists_as_long(campaign_results.REPORT, of, campaign_results.build(of))


def _shown(of: Asked) -> list[Campaign]:
    after = (of.last + 31 * DAY).replace(day=1)
    return [
        one
        for one in db.session.scalars(select(Campaign)).all()
        if one.starts_on < after and one.ends_on >= of.first
    ]


def _recount(one: Campaign, of: Asked) -> dict[str, Counter[str]]:
    """By currency what a campaign raised, what was left, and which movements it brought."""
    since = datetime.combine(one.starts_on, time(), of.zone)
    until = datetime.combine(one.ends_on + DAY, time(), of.zone)
    follows = one.ends_on + DAY
    later = min(datetime.combine(follows.replace(year=follows.year + 1), time(), of.zone), NOW)
    touched = [
        touch
        for touch in db.session.scalars(select(Touch)).all()
        if touch.campaign == one.name and touch.turn == "last"
    ]
    pledges = {touch.pledge_id for touch in touched if touch.pledge_id}
    once = {touch.checkout_id for touch in touched}
    moves = grouped(db.session.scalars(select(Adjustment)).all(), lambda move: move.donation_id)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for gift in db.session.scalars(select(Donation)).all():
        began = gift.received_at if gift.checkout_id in once else None
        if gift.pledge_id in pledges:
            began = db.session.get_one(Pledge, gift.pledge_id).started_at
        if began is None or not since <= began < until or gift.received_at >= later:
            continue
        gone = [move for move in moves.get(gift.id, []) if move.happened_at < later]
        kept = kept_of(gift, db.session.get(DonationFee, gift.id))
        found[gift.currency]["raised"] += gift.amount_minor if gift.received_at < until else 0
        found[gift.currency]["net"] += gift.amount_minor - kept + sum(map(_left, gone))
    for row in db.session.scalars(select(PledgeMovement)).all():
        begins = row.pledge_id in pledges and row.cause in ("first_gift", "another_pledge")
        if begins and since <= row.at < min(until, NOW):
            came = {"new": "new", "returning": "returned"}.get(row.kind, "more")
            found[row.currency][came] += 1
    return found


def _left(move: Adjustment) -> int:
    """What a movement did to what is left of a gift, the bank's fee with it, in its currency."""
    if not move.fee_minor:
        return move.amount_minor
    sign = 1 if move.fee_minor > 0 else -1
    whole = abs(move.settled_minor)
    fee = (2 * abs(move.amount_minor) * abs(move.fee_minor) + whole) // (2 * whole)
    return move.amount_minor - sign * fee


# -- the way to a gift -----------------------------------------------------------------------------


def chance_visits(seed: int) -> None:
    """Visits of half a year by all sorts of ways."""
    chance = random.Random(seed)
    for _row in range(60):
        day = date(2026, 1, 1) + timedelta(days=chance.randrange(200))
        row = FunnelDay(
            day=day,
            step=chance.choice(STEPS[:3]),
            language=chance.choice(["en", "uk"]),
            device=chance.choice(["phone", "desktop"]),
            campaign=chance.choice(["", "winter", "a:b"]),
            article=chance.choice(["", "night", "*"]),
            appeal=chance.choice(["", "3-1-a"]),
            count=chance.randrange(1, 40),
        )
        db.session.merge(row)
    for checkout in db.session.scalars(select(Checkout).order_by(Checkout.id)).all():
        checkout.device = chance.choice(["phone", "desktop", None])
    db.session.commit()


def steps(of: Asked, side: str | None) -> dict[str, Counter[str]]:
    """Visits and gifts of the period by a side, from the raw rows."""
    found: dict[str, Counter[str]] = {}
    rows = db.session.scalars(select(FunnelDay)).all()
    last = (of.last + 31 * DAY).replace(day=1)
    for row in rows:
        if of.first <= row.day < last:
            name = getattr(row, side) if side else ""
            found.setdefault(name, Counter())[row.step] += row.count
    first = min(row.day for row in rows)
    for checkout in db.session.scalars(select(Checkout)).all():
        at, device = checkout.closed_at, checkout.device
        if checkout.status != "paid" or at is None or device is None:
            continue
        if not of.since <= at < of.until or at.astimezone(of.zone).date() < first:
            continue
        touch = db.session.get(Touch, (checkout.id, "last"))
        told = {
            "language": checkout.locale,
            "device": device,
            "campaign": touch.campaign if touch else None,
            "article": touch.article if touch else None,
            None: "",
        }
        found.setdefault(told[side] or "", Counter())["paid"] += 1
    return found


def way_to_a_gift(of: Asked) -> None:
    """How many reached each step, by every side, is what a recount finds."""
    found, whole = funnels.counted(of), steps(of, None).get("", Counter())
    assert found.whole == tuple(whole[step] for step in STEPS)
    for side, reached in found.sides.items():
        assert {one.name: one.counts for one in reached} == {
            name: tuple(counts[step] for step in STEPS) for name, counts in steps(of, side).items()
        }
    answer = funnel.build(of)
    seen, sent, opened, paid = (whole[step] for step in STEPS)
    assert [row[1] for row in cells(answer)[0]] == [seen, sent, opened, paid]
    assert [figure.values[0] for figure in answer.figures] == [
        Share(paid, seen),
        Share(sent, seen),
        Share(opened, sent),
        Share(paid, opened),
        Share(sent - paid, sent),
    ]
    lists_as_long(funnel.REPORT, of, answer)
