"""What counts as too much: blocks of addresses, shares of payments, mail that lasts minutes."""

import pytest

from app.shield.rules import Threshold, block_of, is_disposable


@pytest.mark.parametrize(
    ("network", "block"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("unknown", "unknown"),
    ],
)
def test_a_block_is_what_one_owner_rents_at_once(network: str, block: str) -> None:
    assert block_of(network) == block


@pytest.mark.parametrize(
    ("unpaid", "paid", "passed"),
    [
        (29, 0, False),
        (30, 0, True),
        (30, 7, True),
        # Every fifth is paid: that is a day on which much is given.
        (30, 8, False),
        (400, 100, False),
        (401, 100, True),
    ],
)
def test_many_starts_are_an_attack_only_while_few_of_them_are_paid(
    unpaid: int, paid: int, passed: bool
) -> None:
    assert Threshold(30, 20).passed(unpaid, paid) is passed


@pytest.mark.parametrize(
    ("email", "disposable"),
    [
        ("a@mailinator.com", True),
        ("a@MAILINATOR.com", True),
        ("a@eu.mailinator.com", True),
        ("a@gmail.com", False),
        ("a@ukr.net", False),
        ("a@proton.me", False),
        # Relays that lead to a person's own mailbox last.
        ("a@duck.com", False),
        ("a@privaterelay.appleid.com", False),
        ("a", False),
    ],
)
def test_addresses_that_last_minutes_are_told_from_those_that_hide_a_person(
    email: str, disposable: bool
) -> None:
    assert is_disposable(email) is disposable
