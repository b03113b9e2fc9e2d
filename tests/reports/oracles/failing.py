"""Payments that fail and what is at risk, recounted attempt by attempt and pledge by pledge."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.giving.models import Donation, FailedPayment, Pledge
from app.localisation import format_month
from app.money import Money
from app.reports.figures import at_risk, failed_payments
from app.reports.shape import Asked, Share
from tests.reports.lives import DAY, NOW, cells, plain
from tests.reports.oracles.books import grouped, lists_as_long, sums
from tests.reports.oracles.stays import GRACE

WINDOW = 28 * DAY
WAYS = {
    "card": "another card",
    "again": "the same card, when it was tried again",
    "hand": "the same card at another time: paid or approved by hand",
    "unknown": "unknown, for no card is known",
}


@dataclass(frozen=True)
class Case:
    """One renewal whose first attempt failed: what became of it, and by what."""

    first: FailedPayment
    became: str
    by: str

    @property
    def closed(self) -> bool:
        """Whether its window is over."""
        return self.first.failed_at + WINDOW <= NOW


def cases(of: Asked) -> list[Case]:
    """Every renewal of the period that failed at first."""
    attempts = grouped(
        db.session.scalars(select(FailedPayment)).all(), lambda one: one.stripe_invoice_id
    )
    found = []
    for mine in attempts.values():
        first = min(mine, key=lambda one: one.attempt)
        if of.since <= first.failed_at < of.until and of.currency in (None, first.currency):
            found.append(_case(first, mine))
    return found


def _case(first: FailedPayment, attempts: Sequence[FailedPayment]) -> Case:
    gifts = [
        one
        for one in db.session.scalars(select(Donation)).all()
        if one.pledge_id == first.pledge_id and one.received_at <= NOW
    ]
    paid = next((one for one in gifts if one.stripe_invoice_id == first.stripe_invoice_id), None)
    if paid is None:
        return Case(first, "lost" if first.failed_at + WINDOW <= NOW else "open", "")
    became = "recovered" if paid.received_at <= first.failed_at + WINDOW else "late"
    earlier = [one for one in gifts if one.received_at < first.failed_at]
    before = max(earlier, key=lambda one: one.received_at, default=None)
    if before is None or before.card_last4 is None or paid.card_last4 is None:
        return Case(first, became, "unknown")
    if (before.card_brand, before.card_last4) != (paid.card_brand, paid.card_last4):
        return Case(first, became, "card")
    tried = [one for one in attempts if one.failed_at <= paid.received_at]
    told = max(tried, key=lambda one: one.attempt).next_attempt_at
    near = told is not None and abs(paid.received_at - told) <= timedelta(hours=12)
    return Case(first, became, "again" if near else "hand")


def _at_once(of: Asked) -> list[Donation]:
    failed = set(db.session.scalars(select(FailedPayment.stripe_invoice_id)))
    return [
        one
        for one in db.session.scalars(select(Donation)).all()
        if one.stripe_invoice_id is not None
        and one.stripe_invoice_id not in failed
        and of.since <= one.received_at < of.until
        and of.currency in (None, one.currency)
        and one.received_at > _began(one)
    ]


def _began(gift: Donation) -> Any:
    return db.session.get_one(Pledge, gift.pledge_id).started_at


def _cells(ones: Sequence[Case]) -> list[Any]:
    closed = [one for one in ones if one.closed]
    counts = Counter(one.became for one in closed)
    won = Share(counts["recovered"], len(closed))
    return [len(closed), won, counts["late"], counts["lost"], len(ones) - len(closed)]


def _money(ones: Sequence[Case], code: str) -> Share:
    closed = [one for one in ones if one.closed]
    won = sum(one.first.amount_minor for one in closed if one.became == "recovered")
    return Share(won, sum(one.first.amount_minor for one in closed), code)


def failures_and_recovery(of: Asked) -> None:
    """What failed, what was won back and by what is what a recount finds."""
    answer, found, at_once = failed_payments.build(of), cases(of), _at_once(of)
    closed = [one for one in found if one.closed]
    by_code = grouped(found, lambda one: one.first.currency)
    figures = [[plain(value) for value in figure.values] for figure in answer.figures]
    assert figures == [
        [Share(len(found), len(found) + len(at_once))],
        [_cells(found)[1]],
        [
            _money(ones, code)
            for code, ones in sorted(by_code.items())
            if any(one.closed for one in ones)
        ],
        [len(found) - len(closed)],
    ]
    months, money, remedies, codes, ways = cells(answer)
    for (_month, since, until), row in zip(of.spans(), months, strict=True):
        mine = [one for one in found if since <= one.first.failed_at < until]
        tried = len(mine) + sum(since <= one.received_at < until for one in at_once)
        assert row[1:] == [tried, Share(len(mine), tried), *_cells(mine)]
    alike = grouped(
        found,
        lambda one: (format_month(one.first.failed_at.astimezone(of.zone)), one.first.currency),
    )
    assert {(row[0], row[1]): row[2:] for row in money} == {
        key: [
            len(ones),
            Money(sum(one.first.amount_minor for one in ones), key[1]),
            sum(one.closed for one in ones),
            _money(ones, key[1]),
        ]
        for key, ones in alike.items()
    }
    words = {"wait": "Mostly passes by itself", "new_card": "Needs another card"}
    by_remedy = grouped(found, lambda one: (words[one.first.remedy], one.first.currency))
    assert {(row[0], row[1]): row[2:] for row in remedies} == {
        key: [len(ones), *_cells(ones), _money(ones, key[1])] for key, ones in by_remedy.items()
    }
    by_word = grouped(found, lambda one: (one.first.decline_code or "unknown").replace("_", " "))
    assert {row[0]: row[1:] for row in codes} == {
        key: [len(ones), *_cells(ones)] for key, ones in by_word.items()
    }
    won = [one for one in closed if one.became == "recovered"]
    by_way = grouped(won, lambda one: (WAYS[one.by], one.first.currency))
    assert {(row[0], row[1]): row[2:] for row in ways} == {
        key: [len(ones), Money(sum(one.first.amount_minor for one in ones), key[1])]
        for key, ones in by_way.items()
    }
    lists_as_long(failed_payments.REPORT, of, answer)


def at_risk_now(of: Asked) -> None:
    """What is in grace, and what is past it, is what the pledges are."""
    answer = at_risk.build(of)
    every = [
        one
        for one in db.session.scalars(select(Pledge)).all()
        if one.started_at and of.currency in (None, one.currency)
    ]
    late = [one for one in every if one.status == "past_due" and one.past_due_since]
    in_grace = [one for one in late if one.past_due_since and one.past_due_since + GRACE > NOW]
    cards = [one for one in every if one.status == "active" and one.ends_at is None]
    figures = [[plain(value) for value in figure.values] for figure in answer.figures]
    assert figures[:3] == [[len(in_grace)], _monthly(in_grace), [0]]
    # No card is ever told of in these stories.
    first, ages, by_card = cells(answer)
    assert len(first) == len(late)
    by_age = grouped(late, lambda one: (_age(one), one.currency))
    assert {(row[0], row[1]): row[2:] for row in ages} == {
        key: _sums(ones, key[1]) for key, ones in by_age.items()
    }
    assert {(row[0], row[1]): row[2:] for row in by_card} == {
        ("unknown", code): _sums(ones, code)
        for code, ones in grouped(cards, lambda one: one.currency).items()
    }
    lists_as_long(at_risk.REPORT, of, answer)


def _yearly(one: Pledge) -> int:
    return one.amount_minor * (12 if one.interval == "month" else 1)


def _monthly(ones: Sequence[Pledge]) -> list[Money]:
    return [
        Money((yearly.minor + 6) // 12, yearly.currency)
        for yearly in sums((one.currency, _yearly(one)) for one in ones)
    ]


def _sums(ones: Sequence[Pledge], code: str) -> list[Any]:
    yearly = sum(map(_yearly, ones))
    return [len(ones), Money(yearly, code), Money((yearly + 6) // 12, code)]


def _age(one: Pledge) -> str:
    assert one.past_due_since is not None
    days = (NOW - one.past_due_since) / DAY
    if one.past_due_since + GRACE <= NOW:
        return "grace is over, Stripe still tries"
    if days < 4:
        return "up to 3 days"
    return "4 to 7 days" if days < 8 else "8 to 14 days"
