"""The roll at the close: money that went back takes the vote with it, and nothing else does."""

from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import func, select, text

from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.giving.models import Adjustment, Donation, Pledge
from app.voting import results, roll, turnouts
from app.voting.models import RollEntry, Round, Tally
from tests.builders import a_patron, a_pledge
from tests.voting.builders import an_open_round, time_passes, votes


def paid(pledge: Pledge, at: datetime, minor: int = 500) -> Donation:
    """A renewal that came."""
    donation = Donation(
        account_id=pledge.account_id,
        pledge_id=pledge.id,
        amount_minor=minor,
        currency="EUR",
        received_at=at,
        entered_at=at,
        stripe_invoice_id=f"in_{pledge.id.hex}_{at:%y%m%d%H%M}",
    )
    db.session.add(donation)
    db.session.commit()
    return donation


def back(donation: Donation, minor: int, kind: str, at: datetime) -> None:
    """Money of a donation that moves later."""
    db.session.add(
        Adjustment(
            donation_id=donation.id,
            kind=kind,
            amount_minor=minor,
            currency="EUR",
            settled_minor=minor,
            fee_minor=0,
            net_minor=minor,
            settled_currency="EUR",
            stripe_balance_transaction_id=f"txn_{donation.id}_{kind}",
            happened_at=at,
            entered_at=at,
        )
    )
    db.session.commit()


def pledge_of(account: Account) -> Pledge:
    return db.session.scalars(select(Pledge).where(Pledge.account_id == account.id)).one()


def closed(round_: Round) -> tuple[dict[int, str], Tally]:
    """Count a round; the reason of each on its roll, and the count."""
    time_passes(round_)
    results.close_and_tally(round_.id, now=utcnow())
    rows = db.session.scalars(select(RollEntry).where(RollEntry.round_id == round_.id))
    counted = db.session.scalars(select(Tally).where(Tally.round_id == round_.id)).one()
    return {row.account_id: row.reason for row in rows}, counted


def test_a_gift_refunded_whole_or_charged_back_takes_the_ballot_with_it(app: Flask) -> None:
    now = utcnow()
    refunded, charged_back, in_part, won_back, kept = (a_patron() for _ in range(5))
    round_ = an_open_round()
    for account in (refunded, charged_back, in_part, won_back, kept):
        votes(account, round_, 1)
        paid(pledge_of(account), now - timedelta(days=40))
    newest = {a.id: paid(pledge_of(a), now - timedelta(days=3)) for a in (refunded, charged_back)}
    back(newest[refunded.id], -500, "refund", now - timedelta(days=1))
    back(newest[charged_back.id], -500, "dispute", now - timedelta(days=1))
    part = paid(pledge_of(in_part), now - timedelta(days=3))
    back(part, -300, "refund", now - timedelta(days=1))
    returned = paid(pledge_of(won_back), now - timedelta(days=3))
    back(returned, -500, "dispute", now - timedelta(days=2))
    back(returned, 500, "dispute_returned", now - timedelta(days=1))
    reasons, counted = closed(round_)
    assert reasons == {
        refunded.id: "refunded",
        charged_back.id: "refunded",
        in_part.id: "patron",
        won_back.id: "patron",
        kept.id: "patron",
    }
    assert counted.voided == 2
    assert counted.result["ballots"] == 3


def test_an_earlier_refund_does_not_matter_once_the_next_gift_has_come(app: Flask) -> None:
    now = utcnow()
    patron = a_patron()
    earlier = paid(pledge_of(patron), now - timedelta(days=40))
    back(earlier, -500, "refund", now - timedelta(days=39))
    paid(pledge_of(patron), now - timedelta(days=3))
    round_ = an_open_round()
    votes(patron, round_, 1)
    assert closed(round_)[0] == {patron.id: "patron"}


def test_a_second_pledge_taken_by_mistake_and_refunded_costs_nobody_the_vote(app: Flask) -> None:
    now = utcnow()
    patron = a_patron()
    paid(pledge_of(patron), now - timedelta(days=9))
    twice = paid(a_pledge(patron), now - timedelta(days=3))
    back(twice, -500, "refund", now - timedelta(days=1))
    round_ = an_open_round()
    votes(patron, round_, 1)
    assert closed(round_)[0] == {patron.id: "patron"}


def test_a_refund_after_the_close_changes_nothing(app: Flask) -> None:
    patron = a_patron()
    round_ = an_open_round()
    votes(patron, round_, 1)
    gift = paid(pledge_of(patron), utcnow() - timedelta(days=3))
    back(gift, -500, "refund", utcnow() + timedelta(minutes=1))
    assert closed(round_)[0] == {patron.id: "patron"}


def test_a_void_ballot_is_not_part_of_the_turnout(app: Flask) -> None:
    stays, returned = a_patron(), a_patron()
    gift = paid(pledge_of(returned), utcnow() - timedelta(days=1))
    round_ = an_open_round()
    for voter in (stays, returned):
        votes(voter, round_, 1)
    back(gift, -500, "refund", utcnow() - timedelta(seconds=1))
    _, count = closed(round_)
    assert count.voided == 1
    found = turnouts.turnout(round_.id, now=utcnow())
    assert (found.eligible, found.voted) == (1, 1)


def _crowd(pledge: Pledge, people: int) -> None:
    """Very many patrons with a gift each that went back, copied from one who has them."""
    given = db.session.scalars(select(Donation).where(Donation.pledge_id == pledge.id)).one()
    moved = db.session.scalars(select(Adjustment)).one()
    own = {
        Account: (pledge.account_id, {"id": "100000 + n", "email": "'p' || n || '@example.org'"}),
        Pledge: (
            pledge.id,
            {
                "id": "md5('pledge' || n)::uuid",
                "account_id": "100000 + n",
                **dict.fromkeys(("stripe_customer_id", "stripe_subscription_id"), "NULL"),
            },
        ),
        Donation: (
            given.id,
            {
                "id": "100000 + n",
                "account_id": "100000 + n",
                "pledge_id": "md5('pledge' || n)::uuid",
                "stripe_invoice_id": "'in_' || n",
            },
        ),
        Adjustment: (
            moved.id,
            {
                "id": "100000 + n",
                "donation_id": "100000 + n",
                "stripe_balance_transaction_id": "'txn_' || n",
            },
        ),
    }
    for model, (key, told) in own.items():
        names = [column.name for column in model.__table__.columns]
        values = ", ".join(told.get(name, f'of."{name}"') for name in names)
        columns = ", ".join(f'"{name}"' for name in names)
        db.session.execute(
            text(
                f"INSERT INTO {model.__tablename__} ({columns}) SELECT {values} "
                f"FROM {model.__tablename__} of, generate_series(1, {people}) n WHERE of.id = :key"
            ),
            {"key": key},
        )
    db.session.commit()


def _read_whole() -> int:
    """How many rows were read of late by going through a table from its beginning."""
    told = (
        "SELECT sum(seq_tup_read)::int FROM pg_stat_xact_user_tables"
        " WHERE relname IN ('donation', 'adjustment')"
    )
    return db.session.scalar(text(told)) or 0


def test_a_roll_asks_once_what_went_back_where_statistics_lag(app: Flask) -> None:
    # The server then takes the tables for empty.
    db.session.execute(text("ANALYZE account, pledge, donation, adjustment"))
    db.session.commit()
    patron = a_patron()
    gift = paid(pledge_of(patron), utcnow() - timedelta(days=3))
    back(gift, -500, "refund", utcnow() - timedelta(days=1))
    _crowd(pledge_of(patron), 300)
    round_ = an_open_round()
    time_passes(round_)
    before = _read_whole()
    roll.freeze(round_, now=utcnow())
    # Gifts once, with what went back of them, and once more for what is newer.
    assert _read_whole() - before < 4 * 301
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(RollEntry)) == 301
