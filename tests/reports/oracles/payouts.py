"""Payouts and yearly money, recounted movement by movement and gift by gift."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.giving.models import Adjustment, Donation, DonationFee, Payout, PayoutEntry
from app.localisation import format_month
from app.money import Money
from app.reports.figures import deferred, payouts
from app.reports.shape import Asked
from tests.reports.lives import cells, opened, plain
from tests.reports.oracles.books import grouped, is_yearly, lists_as_long, sums

KINDS = {
    "gifts": ("gift",),
    "refunds": ("refund", "refund_failed"),
    "disputes": ("dispute", "dispute_returned"),
}


def _ledger() -> dict[str, tuple[int, datetime]]:
    """Of each movement of the balance that the ledger has its net and when it happened."""
    found = {}
    gifts = select(DonationFee, Donation.received_at).join(Donation)
    for fee, at in db.session.execute(gifts):
        found[fee.stripe_balance_transaction_id] = fee.net_minor, at
    for move in db.session.scalars(select(Adjustment)).all():
        if move.stripe_balance_transaction_id:
            found[move.stripe_balance_transaction_id] = move.net_minor, move.happened_at
    return found


def _parts(held: Sequence[PayoutEntry], known: dict[str, tuple[int, datetime]]) -> list[int]:
    """Gifts, refunds, disputes, fees, not in the ledger, other; and all of it."""
    ledger_kinds = [kind for kinds in KINDS.values() for kind in kinds]
    ours = [
        one
        for one in held
        if one.kind in ledger_kinds
        and known.get(one.stripe_balance_transaction_id, (None,))[0] == one.net_minor
    ]
    lacking = [one for one in held if one.kind in ledger_kinds and one not in ours]
    charged = sum(one.net_minor for one in held if one.kind == "stripe_fee")
    other = [one for one in held if one.kind in ("payout_returned", "other")]
    return [
        *(sum(one.amount_minor for one in ours if one.kind in kinds) for kinds in KINDS.values()),
        charged - sum(one.fee_minor for one in ours),
        sum(one.net_minor for one in lacking),
        sum(one.net_minor for one in other),
        sum(one.net_minor for one in held),
    ]


def payouts_and_what_they_hold(of: Asked) -> None:
    """Each payout is what it holds, and what has not arrived is the rest of the ledger."""
    answer, known = payouts.build(of), _ledger()
    rows = [
        one
        for one in db.session.scalars(select(Payout).order_by(Payout.made_at.desc())).all()
        if of.first <= one.arrives_on and one.arrives_on.replace(day=1) <= of.last
    ]
    held = grouped_entries()
    paid, differing, lacking, waiting = answer.figures
    assert [plain(value) for value in paid.values] == sums(
        (one.currency, one.amount_minor) for one in rows
    )
    assert plain(differing.values[0]) == 0
    assert plain(lacking.values[0]) == sum(
        one.kind not in ("stripe_fee", "payout_returned", "other")
        and one.stripe_balance_transaction_id not in known
        for row in rows
        for one in held.get(row.id, [])
    )
    assert [plain(value) for value in waiting.values] == _waiting(of, known)
    if not rows:
        return
    months, each = cells(answer)
    told = [
        [Money(row.amount_minor, "EUR"), *_euros(_parts(held[row.id], known)), Money(0, "EUR")]
        for row in rows
    ]
    assert [[*row[2:11]] for row in each] == told
    by_month = grouped(zip(rows, told, strict=True), lambda one: one[0].arrives_on.replace(day=1))
    assert months == [
        [
            format_month(month),
            "EUR",
            len(ones),
            *_euros([sum(row[place].minor for _, row in ones) for place in range(9)]),
        ]
        for month, ones in sorted(by_month.items())
    ]
    lists_as_long(payouts.REPORT, of, answer)


def grouped_entries() -> dict[int, list[PayoutEntry]]:
    """What each payout holds."""
    return grouped(db.session.scalars(select(PayoutEntry)).all(), lambda one: one.payout_id)


def _euros(minors: Sequence[int]) -> list[Money]:
    return [Money(minor, "EUR") for minor in minors]


def _waiting(of: Asked, known: dict[str, tuple[int, datetime]]) -> list[Money]:
    last = (of.until - timedelta(microseconds=1)).astimezone(of.zone).date()
    arrived = {
        entry.stripe_balance_transaction_id
        for entry, on in db.session.execute(
            select(PayoutEntry, Payout.arrives_on).join(Payout, Payout.id == PayoutEntry.payout_id)
        )
        if on <= last
    }
    early = [net for name, (net, at) in known.items() if at < of.until and name not in arrived]
    ever = [at for _net, at in known.values() if at < of.until]
    return [Money(sum(early), "EUR")] if ever else []


def yearly_money(of: Asked) -> None:
    """What yearly gifts earned and what of them is owed is what a recount by days finds."""
    gifts = [
        one
        for one in db.session.scalars(select(Donation)).all()
        if is_yearly(one) and of.currency in (None, one.currency)
    ]
    moves = grouped(db.session.scalars(select(Adjustment)).all(), lambda one: one.donation_id)
    answer = deferred.build(of)
    assert not answer.refused
    (table,) = cells(answer)
    expected: dict[tuple[str, str], list[Any]] = {}
    for month, since, until in of.spans():
        for code in sorted({one.currency for one in gifts}):
            mine = [one for one in gifts if one.currency == code]
            start, end = (
                [_rest(one, moment, moves.get(one.id, []), of) for one in mine]
                for moment in (since, until)
            )
            came = sum(one.amount_minor for one in mine if since <= one.received_at < until)
            went = sum(
                move.amount_minor
                for one in mine
                for move in moves.get(one.id, [])
                if since <= move.happened_at < until
            )
            minors = [sum(start), came, went, sum(end) - sum(start) - came - went, sum(end)]
            row = [Money(minor, code) for minor in minors]
            expected[format_month(month), code] = [*row, sum(rest != 0 for rest in end)]
    told = {(row[0], row[1]): row[2:] for row in table}
    # A currency of which nothing was ever owed in these months has no rows.
    assert {key: row for key, row in expected.items() if key in told} == told
    for key, row in expected.items():
        assert key in told or not any(one.minor for one in row[:5]), key
    for behind, rows in opened(deferred.REPORT, of, answer):
        if behind.key.endswith("received"):
            assert sum(row[2].minor for row in rows) == behind.value.minor  # type: ignore[union-attr]
        elif isinstance(behind.value, int):
            assert len(rows) == behind.value


def _rest(gift: Donation, moment: datetime, moves: Sequence[Adjustment], of: Asked) -> int:
    """What of a gift is not earned at a moment, by the days that have passed."""
    if gift.received_at >= moment:
        return 0
    total = gift.amount_minor
    total += sum(one.amount_minor for one in moves if one.happened_at < moment)
    if total <= 0:
        return 0
    began = gift.received_at.astimezone(of.zone).date()
    leap = (began.month, began.day) == (2, 29)
    ends = began.replace(year=began.year + 1, day=28 if leap else began.day)
    length = (ends - began).days
    passed = min((moment.astimezone(of.zone).date() - began).days, length)
    return total - (2 * total * passed + length) // (2 * length)
