"""What becomes of a patron's wishes at Stripe: other terms, pauses, going on, leaving."""

from datetime import timedelta

import pytest
import stripe

from app.money import Money
from app.payments.facts import PledgeSeen, Standing
from app.payments.gateway import GatewayError
from app.payments.orders import Terms
from app.payments.stripe_gateway import StripeGateway
from tests.payments.conftest import Sandbox
from tests.payments.orders import (
    PAYS_ONCE,
    a_pledge,
    an_order,
    months_after,
    paid,
    seen,
    the_same,
    told,
)

TEN = Terms(Money(1000, "EUR"), "month", 45)
YEARLY = Terms(Money(6000, "EUR"), "year", 0)


@pytest.fixture
def gateway(stripe_gateway: StripeGateway) -> StripeGateway:
    """The real gateway, and not the fake that other rooms are tested with."""
    return stripe_gateway


def charged(api: stripe.StripeClient, pledge: PledgeSeen) -> list[int]:
    """The amounts a customer has paid, the oldest first."""
    charges = api.v1.charges.list({"customer": pledge.customer_id, "limit": 100}).data
    return [charge.amount for charge in reversed(charges) if charge.paid]


def let_pass(sandbox: Sandbox, pledge: PledgeSeen, **more: int) -> None:
    """Let time pass to the pledge's next payment, its hour as a draft, and more."""
    assert pledge.next_payment_at is not None
    until = int((pledge.next_payment_at + timedelta(hours=2, **more)).timestamp())
    sandbox.control("advance", to=until)


def test_a_pledge_tells_its_next_payment_its_card_and_what_covers_the_fee(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    session = paid(gateway, sandbox, an_order(cover_minor=33), "5555555555554444")
    pledge = seen(gateway, session["subscription"])
    assert pledge.next_payment_at == pledge.paid_until
    assert pledge.cover_minor == 33
    assert pledge.card is not None
    assert (pledge.card.brand, pledge.card.last4) == ("mastercard", "4444")
    assert (pledge.card.exp_year, pledge.card.exp_month) == (2040, 12)
    assert pledge.resumes_at is None


def test_another_amount_is_taken_from_the_next_payment_on_and_nothing_now(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    before = a_pledge(gateway, sandbox)
    changed = told(gateway.change_terms(before.subscription_id, TEN, "change-amount"))
    assert (changed.amount, changed.cover_minor) == (TEN.amount, 45)
    assert changed.next_payment_at == before.next_payment_at
    assert len(api.v1.subscriptions.retrieve(before.subscription_id).items.data) == 1
    again = told(gateway.change_terms(before.subscription_id, TEN, "change-amount"))
    assert the_same(again, changed)
    assert charged(api, before) == [500]
    let_pass(sandbox, changed)
    assert charged(api, before) == [500, 1000]


def test_a_year_instead_of_months_begins_when_the_paid_month_is_over(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    before = a_pledge(gateway, sandbox)
    changed = told(gateway.change_terms(before.subscription_id, YEARLY, "change-year"))
    assert (changed.interval, changed.amount) == ("year", YEARLY.amount)
    assert (changed.standing, changed.resumes_at) == (Standing.PAYING, None)
    assert changed.next_payment_at == changed.paid_until == before.paid_until
    assert the_same(told(gateway.change_terms(before.subscription_id, YEARLY, "x")), changed)
    assert charged(api, before) == [500]
    let_pass(sandbox, changed)
    assert charged(api, before) == [500, 6000]
    renewed = seen(gateway, before.subscription_id)
    assert before.paid_until is not None
    assert renewed.next_payment_at is not None
    assert 364 <= (renewed.next_payment_at - before.paid_until).days <= 366


def test_who_changes_to_a_year_and_back_within_the_month_pays_nothing_sooner(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    before = a_pledge(gateway, sandbox)
    gateway.change_terms(before.subscription_id, YEARLY, "there")
    back = told(gateway.change_terms(before.subscription_id, TEN, "and-back"))
    assert (back.interval, back.next_payment_at) == ("month", before.next_payment_at)
    let_pass(sandbox, back)
    assert charged(api, before) == [500, 1000]


def test_a_month_is_skipped_and_the_one_after_it_paid_on_its_day(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    before = a_pledge(gateway, sandbox)
    assert before.paid_until is not None
    resumes_at = months_after(before.paid_until, 1)
    paused = told(gateway.pause(before.subscription_id, resumes_at, "skip"))
    assert paused.standing is Standing.PAUSED
    assert (paused.resumes_at, paused.next_payment_at) == (resumes_at, resumes_at)
    assert paused.paid_until == before.paid_until
    assert the_same(told(gateway.pause(before.subscription_id, resumes_at, "skip")), paused)
    let_pass(sandbox, before)
    assert charged(api, before) == [500]
    let_pass(sandbox, paused)
    assert charged(api, before) == [500, 500]
    after = seen(gateway, before.subscription_id)
    assert (after.standing, after.resumes_at) == (Standing.PAYING, None)
    assert after.next_payment_at == months_after(resumes_at, 1)


def test_a_yearly_pledge_rests_and_pays_its_year_when_the_pause_is_over(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    before = a_pledge(gateway, sandbox, "year")
    assert before.paid_until is not None
    resumes_at = months_after(before.paid_until, 3)
    paused = told(gateway.pause(before.subscription_id, resumes_at, "pause-year"))
    assert paused.standing is Standing.PAUSED
    assert (paused.resumes_at, paused.next_payment_at) == (resumes_at, resumes_at)
    assert paused.paid_until == before.paid_until
    assert the_same(told(gateway.pause(before.subscription_id, resumes_at, "pause-year")), paused)
    let_pass(sandbox, before)
    assert charged(api, before) == [500]
    assert the_same(seen(gateway, before.subscription_id), paused)
    let_pass(sandbox, paused)
    assert charged(api, before) == [500, 500]
    assert seen(gateway, before.subscription_id).standing is Standing.PAYING


@pytest.mark.parametrize("interval", ["month", "year"])
def test_who_comes_back_early_pays_when_the_paid_time_is_over(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient, interval: str
) -> None:
    before = a_pledge(gateway, sandbox, interval)
    assert before.paid_until is not None
    gateway.pause(before.subscription_id, months_after(before.paid_until, 2), f"p-{interval}")
    for _press in range(2):
        back = told(gateway.resume(before.subscription_id, before.paid_until, f"r-{interval}"))
        assert (back.standing, back.resumes_at) == (Standing.PAYING, None)
        assert back.next_payment_at == back.paid_until == before.paid_until
    let_pass(sandbox, back)
    assert charged(api, before) == [500, 500]


def test_a_yearly_pledge_resumed_after_its_paid_time_is_charged_at_once(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    before = a_pledge(gateway, sandbox, "year")
    assert before.paid_until is not None
    gateway.pause(before.subscription_id, months_after(before.paid_until, 6), "long")
    let_pass(sandbox, before, days=30)
    reading = gateway.resume(before.subscription_id, before.paid_until, "at-last")
    assert told(reading).standing is Standing.PAYING
    # The money is told at once, and not only by its event.
    assert len(reading.facts) == 2
    assert charged(api, before) == [500, 500]


def test_a_pause_made_in_the_dashboard_is_told_as_it_is(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    before = a_pledge(gateway, sandbox)
    subscription = before.subscription_id
    api.v1.subscriptions.update(subscription, {"pause_collection": {"behavior": "void"}})
    endless = seen(gateway, subscription)
    assert (endless.standing, endless.next_payment_at) == (Standing.PAUSED, None)
    assert before.paid_until is not None
    until = before.paid_until + timedelta(days=3)
    api.v1.subscriptions.update(
        subscription,
        {"pause_collection": {"behavior": "void", "resumes_at": int(until.timestamp())}},
    )
    bounded = seen(gateway, subscription)
    assert bounded.resumes_at == until
    assert bounded.next_payment_at == months_after(before.paid_until, 1)
    back = told(gateway.resume(subscription, before.paid_until, "from-the-dashboard"))
    assert (back.standing, back.next_payment_at) == (Standing.PAYING, before.paid_until)


def test_a_pledge_put_to_rest_in_the_dashboard_comes_back_on_its_old_days(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    before = a_pledge(gateway, sandbox)
    assert before.paid_until is not None
    api.v1.subscriptions.pause(
        before.subscription_id,
        {"type": "subscription", "bill_for": {"unused_time_from": {"type": "none"}}},
    )
    resting = seen(gateway, before.subscription_id)
    assert (resting.standing, resting.next_payment_at) == (Standing.PAUSED, None)
    for _press in range(2):
        back = told(gateway.resume(before.subscription_id, before.paid_until, "wake"))
        assert (back.standing, back.next_payment_at) == (Standing.PAYING, before.paid_until)
    assert charged(api, before) == [500]


def test_a_paused_pledge_that_turns_yearly_pays_its_year_when_the_pause_is_over(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    before = a_pledge(gateway, sandbox)
    assert before.paid_until is not None
    resumes_at = months_after(before.paid_until, 2)
    gateway.pause(before.subscription_id, resumes_at, "then-yearly")
    yearly = told(gateway.change_terms(before.subscription_id, YEARLY, "yearly-later"))
    assert (yearly.standing, yearly.interval) == (Standing.PAUSED, "year")
    assert (yearly.resumes_at, yearly.paid_until) == (resumes_at, before.paid_until)
    let_pass(sandbox, yearly)
    assert charged(api, before) == [500, 6000]


def test_who_owes_money_gets_no_time_for_nothing(gateway: StripeGateway, sandbox: Sandbox) -> None:
    monthly = paid(gateway, sandbox, an_order(), PAYS_ONCE)["subscription"]
    sandbox.control("advance", months=1)
    assert seen(gateway, monthly).standing is Standing.PAST_DUE
    with pytest.raises(GatewayError, match="past due"):
        gateway.change_terms(monthly, YEARLY, "no-trial")
    # The amount may change; what is open stays open.
    assert told(gateway.change_terms(monthly, TEN, "lower")).standing is Standing.PAST_DUE


def test_a_payment_that_fails_after_a_pause_is_of_the_period_that_the_pause_ends_with(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    before = seen(gateway, paid(gateway, sandbox, an_order(), PAYS_ONCE)["subscription"])
    assert before.paid_until is not None
    resumes_at = months_after(before.paid_until, 2)
    rests = told(gateway.pause(before.subscription_id, resumes_at, "rests-then-fails"))
    let_pass(sandbox, rests)
    after = seen(gateway, before.subscription_id)
    assert (after.standing, after.period_began_at) == (Standing.PAST_DUE, resumes_at)


def test_a_link_pressed_again_with_another_choice_asks_for_that(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    pledge = a_pledge(gateway, sandbox)
    assert pledge.paid_until is not None
    three = Terms(Money(300, "EUR"), "month", 0)
    for terms in (TEN, three):
        after = told(gateway.change_terms(pledge.subscription_id, terms, "one-link"))
        assert after.amount == terms.amount
    for months in (1, 3):
        day = months_after(pledge.paid_until, months)
        after = told(gateway.pause(pledge.subscription_id, day, "one-link"))
        assert after.resumes_at == day
