"""Payouts that Stripe refuses to tell: the report says so until it tells them again."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from app.reports.figures import payouts as report
from tests.fakes import FakeGateway
from tests.reports.test_payouts_report import MARCH, arriving, asked, follow, gift


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def test_while_stripe_refuses_to_tell_payouts_the_report_says_that_and_not_that_there_were_none(
    gateway: FakeGateway,
) -> None:
    gift(1000, MARCH)
    gateway.refuses = {"payouts"}
    follow(gateway, arriving(1, 500, date(2026, 3, 12)))
    answer = report.build(asked())
    assert "Stripe did not tell its payouts" in answer.alarm
    assert answer.refused == ""
    gateway.refuses = set()
    follow(gateway)
    answer = report.build(asked())
    assert "No payout" in answer.refused
    assert answer.alarm == ""
