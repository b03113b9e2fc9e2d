"""Cash, fees and what went back, recounted entry by entry."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.giving.models import Dispute, DonationFee, FraudWarning, Refund
from app.giving.reversals import reversal_words
from app.localisation import format_month
from app.money import Money
from app.reports.figures import cash, fees, returns
from app.reports.shape import Asked, Share
from tests.reports.lives import cells, opened, plain
from tests.reports.oracles.books import (
    WAYS,
    Entry,
    entries,
    grouped,
    kept_of,
    lists_as_long,
    sums,
)

BACK = (("refund", "refund_failed"), ("dispute", "dispute_returned"), ("correction",))


def cash_by_month(of: Asked) -> None:
    """What came and what is left is what a recount finds, and each sum is that of its list."""
    answer, found = cash.build(of), entries(of)
    gifts = [one for one in found if one.kind == "gift"]
    figures = [[plain(value) for value in figure.values] for figure in answer.figures[:5]]
    other = [(one.currency, 0 if one.kind == "gift" else one.amount) for one in found]
    given = [(one.currency, one.amount if one.kind == "gift" else 0) for one in found]
    assert figures == [
        sums(given),
        sums(other),
        sums((one.settled_in, -one.fee) for one in found),
        sums((one.settled_in, one.net) for one in found),
        [sum(one.settled_in is None for one in gifts)],
    ]
    months, cards = cells(answer)
    slow = grouped(
        found,
        lambda one: (one.month(of), one.currency, WAYS[one.gift.source], one.settled_in),
    )
    assert {(*row[:3], _settled(row[5])): row[3:] for row in months} == {
        key: _cash_cells(ones, key[1], key[3]) for key, ones in slow.items()
    }
    by_card = grouped(found, lambda one: (_card(one), one.currency, one.settled_in))
    assert {(*row[:2], _settled(row[4])): row[2:] for row in cards} == {
        key: _cash_cells(ones, key[1], key[2]) for key, ones in by_card.items()
    }
    lists_as_long(cash.REPORT, of, answer)
    for behind, rows in opened(cash.REPORT, of, answer):
        if isinstance(behind.value, Money):
            what = behind.key.rpartition(":")[2]
            place = 6 if what == "all" else 4
            if behind in [value for figure in answer.figures for value in figure.values]:
                fee = behind.key.split(":")[4] != "all" and behind.key.split(":")[2] == "stripe"
                place = 3 if what in ("gifts", "back") else (5 if fee else 6)
            total = sum(row[place].minor for row in rows if row[place])
            assert abs(total) == abs(behind.value.minor), behind


def _settled(cell: str) -> str | None:
    return None if cell == "not known yet" else cell


def _card(one: Entry) -> str:
    return (one.gift.card_brand or "").title() or WAYS[one.gift.source]


def _cash_cells(ones: Sequence[Entry], currency: str, settled: str | None) -> list[Any]:
    gifts = [one for one in ones if one.kind == "gift"]
    head = [len(gifts), Money(sum(one.amount for one in gifts), currency)]
    if settled is None:
        return [*head, "not known yet", *[None] * 6]
    back = [sum(one.settled for one in ones if one.kind in kinds) for kinds in BACK]
    minors = [
        sum(one.settled for one in gifts),
        *back,
        -sum(one.fee for one in ones),
        sum(one.net for one in ones),
    ]
    assert sum(minors[:-1]) == minors[-1]
    return [*head, settled, *(Money(minor, settled) for minor in minors)]


def fees_and_covers(of: Asked) -> None:
    """The share that Stripe kept and what givers added for it are what a recount finds."""
    answer = fees.build(of)
    stripe = [one for one in entries(of) if one.gift.source == "stripe"]
    known = [one for one in stripe if one.settled_in is not None]
    gifts = [one for one in stripe if one.kind == "gift"]
    covering = [one for one in gifts if one.gift.cover_minor]
    rates, uptake, over = answer.figures
    assert list(rates.values) == [
        _rate(ones, currency)
        for currency, ones in sorted(grouped(known, lambda one: one.settled_in).items())
    ]
    assert plain(uptake.values[0]) == Share(len(covering), len(gifts))
    told = [one for one in covering if one.settled_in]
    assert list(over.values) == sums(
        (one.currency, one.gift.cover_minor - _kept(one)) for one in told
    )
    months, covers, cards = cells(answer)
    by_month = grouped(known, lambda one: (one.month(of), one.settled_in))
    assert {(row[0], row[1]): row[2:] for row in months} == {
        key: _fee_cells(ones, key[1]) for key, ones in by_month.items()
    }
    by_card = grouped(known, lambda one: (_brand(one), one.settled_in))
    assert {(row[0], row[1]): row[2:] for row in cards} == {
        key: _fee_cells(ones, key[1]) for key, ones in by_card.items()
    }
    alike = grouped(gifts, lambda one: (one.month(of), one.currency))
    assert {(row[0], row[1]): row[2:] for row in covers} == {
        key: _cover_cells(ones, key[1]) for key, ones in alike.items()
    }
    lists_as_long(fees.REPORT, of, answer)


def _brand(one: Entry) -> str:
    return (one.gift.card_brand or "").title() or "no card known"


def _kept(one: Entry) -> int:
    return kept_of(one.gift, db.session.get(DonationFee, one.gift.id))


def _rate(ones: Sequence[Entry], currency: str) -> Share:
    gifts = [one for one in ones if one.kind == "gift"]
    return Share(sum(one.fee for one in gifts), sum(one.settled for one in gifts), currency)


def _fee_cells(ones: Sequence[Entry], currency: str) -> list[Any]:
    rate = _rate(ones, currency)
    return [
        sum(one.kind == "gift" for one in ones),
        Money(rate.whole, currency),
        Money(rate.part, currency),
        rate,
        Money(sum(one.fee for one in ones if one.kind != "gift"), currency),
    ]


def _cover_cells(ones: Sequence[Entry], currency: str) -> list[Any]:
    covering = [one for one in ones if one.gift.cover_minor]
    known = [one for one in covering if one.settled_in]
    added, kept = sum(one.gift.cover_minor for one in known), sum(map(_kept, known))
    return [
        Share(len(covering), len(ones)),
        Money(sum(one.gift.cover_minor for one in covering), currency),
        len(known),
        Money(added, currency),
        Money(kept, currency),
        Money(added - kept, currency),
    ]


def refunds_and_disputes(of: Asked) -> None:
    """How much went back, how often and why is what a recount finds."""
    answer = returns.build(of)
    found, disputes = entries(of), _disputes(of)
    paid = [one for one in found if one.kind == "gift" and one.gift.source == "stripe"]
    contested = [one for one in disputes if one.status in ("open", "won", "lost")]
    refunds = [one for one in found if one.kind == "refund"]
    figures = [[plain(value) for value in figure.values] for figure in answer.figures]
    assert figures == [
        [Share(len(refunds), len(paid))],
        [Share(len(contested), len(paid))],
        *(
            sums((one.currency, one.amount) for one in found if one.kind in kinds)
            for kinds in BACK[:2]
        ),
    ]
    months, money, reasons, whys = cells(answer)
    assert not db.session.scalars(select(FraudWarning)).all()
    for month, row in zip(of.spans(), months, strict=True):
        name = format_month(month[0])
        mine = Counter(one.kind for one in found if one.month(of) == name)
        opened_ = Counter(one.status for one in disputes if month[1] <= one.opened_at < month[2])
        whole = sum(one.month(of) == name for one in paid)
        taken = sum(opened_[state] for state in ("open", "won", "lost"))
        assert row == [
            name,
            whole,
            mine["refund"],
            Share(mine["refund"], whole),
            mine["refund_failed"],
            taken,
            Share(taken, whole),
            opened_["inquiry"] + opened_["closed"],
            0,
        ]
    moved = [one for one in found if one.kind in BACK[0] + BACK[1]]
    by_month = grouped(moved, lambda one: (one.month(of), one.currency))
    assert {(row[0], row[1]): row[2:] for row in money} == {
        key: [
            Money(sum(one.amount for one in ones if one.kind in kinds), key[1])
            for kinds in BACK[:2]
        ]
        for key, ones in by_month.items()
    }
    known = set(db.session.scalars(select(Refund.reason)))
    assert known <= {"at_stripe"}
    alike = grouped(refunds, lambda one: one.currency)
    assert reasons == [
        ["Made at Stripe", code, len(ones), Money(sum(one.amount for one in ones), code)]
        for code, ones in sorted(alike.items())
    ]
    assert {(row[0], row[1]): row[2:] for row in whys} == _by_reason(contested)
    lists_as_long(returns.REPORT, of, answer)


def _disputes(of: Asked) -> list[Dispute]:
    return [
        one
        for one in db.session.scalars(select(Dispute)).all()
        if of.since <= one.opened_at < of.until and of.currency in (None, one.currency)
    ]


def _by_reason(contested: Sequence[Dispute]) -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = {}
    for one in contested:
        key = reversal_words.dispute_reason(one.reason), one.currency
        row = found.setdefault(key, [0, Money(0, one.currency), 0, 0, 0])
        row[0] += 1
        row[1] = Money(row[1].minor + one.amount_minor, one.currency)
        row[2 + ("open", "won", "lost").index(one.status)] += 1
    return found
