"""Merges that meet payments and each other."""

import threading
from contextvars import Context

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Account
from app.desk import merging
from app.desk.merging import SameAccount
from app.extensions import db
from app.giving import settlement
from app.giving.models import Donation
from tests.builders import a_pledge, a_reader, a_staff_member
from tests.giving.facts import paid
from tests.giving.gifts import NOW


@pytest.fixture
def by(app: Flask) -> int:
    """A fundraiser."""
    return a_staff_member("fundraiser").id


@pytest.fixture
def pair(app: Flask) -> tuple[Account, Account]:
    """The account that is kept, and the one that is merged."""
    return a_reader("ann@example.org"), a_reader("old@example.org")


def test_a_payment_that_arrives_during_a_merge_is_not_left_behind(
    app: Flask, pair: tuple[Account, Account], by: int
) -> None:
    kept, merged = pair
    pledge = a_pledge(merged)
    facts = [paid(pledge, number) for number in range(1, 13)]

    def settle() -> None:
        with app.app_context():
            for fact in facts:
                settlement.apply([fact], now=NOW)
                db.session.commit()
            db.session.remove()

    arriving = threading.Thread(target=lambda: Context().run(settle))
    arriving.start()
    merging.merge(pair[0].id, pair[1].id, by=by, now=NOW)
    arriving.join()
    db.session.rollback()
    assert set(db.session.scalars(select(Donation.account_id))) == {kept.id}
    assert len(db.session.scalars(select(Donation)).all()) == len(facts)


def test_two_merges_of_the_same_pair_in_both_directions_leave_one_kept(
    app: Flask, pair: tuple[Account, Account], by: int
) -> None:
    refused: list[Exception] = []

    def turn(kept_id: int, merged_id: int) -> None:
        with app.app_context():
            try:
                merging.merge(kept_id, merged_id, by=by, now=NOW)
            except SameAccount as error:
                refused.append(error)
            db.session.remove()

    ways = [(pair[0].id, pair[1].id), (pair[1].id, pair[0].id)]
    threads = [threading.Thread(target=lambda way=way: Context().run(turn, *way)) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    db.session.expire_all()
    assert len(refused) == 1
    into = [db.session.get_one(Account, account.id).merged_into_id for account in pair]
    assert into.count(None) == 1
