"""Years that are given again, and what people bring, recounted row by row."""

from collections import Counter
from fractions import Fraction
from typing import Any

from sqlalchemy import select

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Adjustment, Donation, DonationFee, Pledge
from app.localisation import format_month
from app.money import Money
from app.reports.figures import lifetime, renewals
from app.reports.shape import Asked, Share
from tests.reports.lives import NOW, cells, plain
from tests.reports.oracles.books import grouped, is_yearly, lists_as_long
from tests.reports.oracles.stays import GRACE, humans

CAME = ("renewed", "left", "unpaid", "otherwise", "open")
BY_REASON = {"left": "left", "unpaid": "unpaid", "disputed": "unpaid"}


def years_given_again(of: Asked) -> None:
    """Of the years that ended as many were given again as a recount finds."""
    gifts = db.session.scalars(select(Donation)).all()
    moves = grouped(db.session.scalars(select(Adjustment)).all(), lambda one: one.donation_id)
    slow: Counter[tuple[str, str]] = Counter()
    for gift in gifts:
        left = gift.amount_minor + sum(one.amount_minor for one in moves.get(gift.id, []))
        if not is_yearly(gift) or left <= 0 or of.currency not in (None, gift.currency):
            continue
        local = gift.received_at.astimezone(of.zone).replace(tzinfo=None)
        leap = (local.month, local.day) == (2, 29)
        ended = local.replace(year=local.year + 1, day=28 if leap else local.day, tzinfo=of.zone)
        if of.since <= ended < of.until:
            slow[format_month(ended), _came(gift, ended, gifts)] += 1
    answer = renewals.build(of)
    (table,) = cells(answer)
    for row in table:
        counts = [slow[row[0], came] for came in CAME]
        decided = sum(counts) - counts[-1]
        assert row[1:] == [sum(counts), *counts, Share(counts[0], decided)]
    by_came = Counter({came: sum(slow[key] for key in slow if key[1] == came) for came in CAME})
    whole = by_came.total()
    assert [plain(figure.values[0]) for figure in answer.figures] == [
        Share(by_came["renewed"], whole - by_came["open"]),
        whole,
        by_came["open"],
    ]
    lists_as_long(renewals.REPORT, of, answer)


def _came(gift: Donation, ended: Any, gifts: Any) -> str:
    pledge = db.session.get_one(Pledge, gift.pledge_id)
    later = [
        one.received_at
        for one in gifts
        if one.pledge_id == pledge.id and one.received_at > gift.received_at
    ]
    if later and min(later) <= ended + GRACE:
        return "renewed"
    if ended + GRACE > NOW:
        return "open"
    return BY_REASON.get(pledge.end_reason or "", "otherwise")


def what_people_bring(of: Asked) -> None:
    """Who came, what they give now and have brought so far is what a recount finds."""
    people = grouped(humans(of.currency), lambda one: (one.plan, one.currency))
    (table,) = cells(lifetime.build(of)) if people else ([],)
    plans = {"Monthly": "month", "Yearly": "year"}
    assert {(plans[row[0]], row[1]) for row in table} == set(people)
    for row in table:
        plan, code = plans[row[0]], row[1]
        those = people[plan, code]
        giving = [
            one.amount_minor for one in _giving() if (one.interval, one.currency) == (plan, code)
        ]
        settled, kept, paid = _brought({one.name for one in those}, code)
        # Twenty people are needed for a step, and thirty losses for a value: see its own tests.
        assert (row[2:5], row[7]) == ([len(those), 0, 0], None)
        assert row[5] == (
            Money(_whole(Fraction(sum(giving), len(giving))), code) if giving else None
        )
        assert row[6] == Share(_whole(kept), settled, code)
        assert row[8] == Money(_whole(Fraction(paid - _whole(kept), len(those))), code)


def _whole(number: Fraction) -> int:
    """To the nearest minor unit, halves away from nothing."""
    whole = (2 * abs(number.numerator) + number.denominator) // (2 * number.denominator)
    return whole if number >= 0 else -whole


def _giving() -> list[Pledge]:
    """The pledges that give now."""
    return [
        one
        for one in db.session.scalars(select(Pledge)).all()
        if one.started_at is not None
        and one.status in ("active", "past_due")
        and (one.past_due_since is None or one.past_due_since + GRACE > NOW)
    ]


def _brought(names: set[str], code: str) -> tuple[int, Fraction, int]:
    """Of people's gifts on pledges in a currency: those with a fee, their fees, and what stayed."""
    settled = paid = 0
    kept = Fraction(0)
    moves = grouped(db.session.scalars(select(Adjustment)).all(), lambda one: one.donation_id)
    rows = (
        select(Donation, Account.name)
        .join(Account, Account.id == Donation.account_id)
        .where(Donation.pledge_id.is_not(None))
    )
    for gift, name in db.session.execute(rows):
        if name not in names or gift.currency != code:
            continue
        paid += gift.amount_minor + sum(one.amount_minor for one in moves.get(gift.id, []))
        fee = db.session.get(DonationFee, gift.id)
        if fee is not None:
            settled += gift.amount_minor
            kept += Fraction(gift.amount_minor * fee.fee_minor, fee.fee_minor + fee.net_minor)
    return settled, kept, paid
