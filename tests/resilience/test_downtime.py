"""A month during which nothing Stripe told us arrived, and how one command makes it good."""

import time

import pytest
from celery import Celery

from app.desk.comparing import What
from app.jobs import Job
from app.money import Money
from app.payments.orders import SurveyKind
from tests.processes import Newsroom
from tests.resilience.outside import Giver, Outside, assert_numbers_have_no_gap

PAYS, PAYS_ONCE = "4242424242424242", "4000000000000341"

#: Who gave before, and with which card.
GIFTS = {
    "steady": (PAYS, Money(500, "EUR"), "month"),
    "yearly": (PAYS, Money(6000, "USD"), "year"),
    "failing": (PAYS_ONCE, Money(1000, "EUR"), "month"),
    "leaving": (PAYS, Money(20_000, "UAH"), "month"),
    "raising": (PAYS, Money(700, "EUR"), "month"),
    "refunded": (PAYS, Money(2500, "USD"), "month"),
    "contested": (PAYS, Money(900, "JPY"), "month"),
    "ending": (PAYS, Money(300, "EUR"), "month"),
    "asked about": (PAYS, Money(400, "EUR"), "month"),
    "once": (PAYS, Money(4000, "EUR"), "once"),
}
#: How each pledge stands at Stripe when it is over.
STANDINGS = {
    "steady": ("active", 500),
    "yearly": ("active", 6000),
    "failing": ("past_due", 1000),
    "leaving": ("ended", 20_000),
    "raising": ("active", 1200),
    "refunded": ("active", 2500),
    # The house itself ends a pledge whose gift a bank has taken back.
    "contested": ("lapsed", 900),
    "ending": ("ended", 300),
    "asked about": ("active", 400),
}


@pytest.fixture(scope="module")
def givers(newsroom: Newsroom, outside: Outside) -> dict[str, Giver]:
    """Everybody who gave before the line was cut, all of it entered here."""
    made = {}
    for name, (card, amount, interval) in GIFTS.items():
        made[name] = outside.giver(amount, interval)
        outside.pay(made[name], card)
    newsroom.wait_until(outside.ledgers_agree, 60, "every gift is entered")
    newsroom.wait_until(lambda: unsettled(newsroom) == 0, 60, "every event is settled")
    return made


def test_what_was_never_told_is_found_by_comparing_and_repaired_without_its_events(
    newsroom: Newsroom, outside: Outside, givers: dict[str, Giver]
) -> None:
    outside.control("deliveries", mode={"drop": 1.0})
    for interval in ("month", "year", "once"):
        outside.pay(outside.giver(Money(1100, "GBP"), interval))
    outside.stripe.v1.subscriptions.cancel(subscription(newsroom, givers["ending"]))
    outside.stripe.v1.refunds.create({"charge": charge(newsroom, givers["ending"])})
    outside.control("dispute", charge=charge(newsroom, givers["asked about"]), inquiry=True)
    assert not outside.ledgers_agree()

    error, found = compare(newsroom)

    told = newsroom.query("SELECT kind, what, field FROM difference WHERE gone_at IS NULL")
    assert error is None
    assert found == len(told)
    assert {(kind, what) for kind, what, _field in told} >= {
        (SurveyKind.SUBSCRIPTIONS, What.DIFFERS),
        (SurveyKind.INVOICES, What.MISSING_HERE),
        (SurveyKind.GIFTS, What.MISSING_HERE),
        (SurveyKind.REFUNDS, What.MISSING_HERE),
        (SurveyKind.DISPUTES, What.MISSING_HERE),
    }
    newsroom.query("UPDATE difference SET due_at = now() WHERE gone_at IS NULL")
    ask(newsroom, Job.COMPARE)
    newsroom.wait_until(
        lambda: newsroom.query("SELECT * FROM difference WHERE gone_at IS NULL") == [],
        60,
        "every difference is repaired",
    )
    assert outside.ledgers_agree()
    assert standings(newsroom, givers)["ending"] == ("ended", 300)
    assert newsroom.query("SELECT count(*) FROM pledge WHERE status = 'pending'") == [(0,)]
    assert newsroom.query("SELECT * FROM difference WHERE error IS NOT NULL") == []
    assert compare(newsroom) == (None, 0)
    assert_numbers_have_no_gap(newsroom)
    outside.control("deliveries", mode={})


def test_what_a_month_of_silence_lost_is_fetched_settled_and_equal_to_the_cent(
    newsroom: Newsroom, outside: Outside, givers: dict[str, Giver]
) -> None:
    newsroom.stop("web")
    outside.control("deliveries", mode={"drop": 1.0})
    known = newsroom.query("SELECT count(*) FROM inbox_event")
    much_happens(newsroom, outside, givers)
    outside.control("deliveries", mode={})
    newsroom.start("web")
    assert newsroom.query("SELECT count(*) FROM inbox_event") == known
    assert not outside.ledgers_agree()

    said = newsroom.flask("payments", "backfill", "--since", "3d")

    print(f"\n{said}")
    newsroom.wait_until(lambda: unsettled(newsroom) == 0, 60, "every event is settled")
    assert outside.ledgers_agree()
    newsroom.wait_until(
        lambda: standings(newsroom, givers) == STANDINGS, 60, "every pledge stands as at Stripe"
    )
    newsroom.wait_until(
        lambda: balance(newsroom) == stripes_balance(outside), 60, "the balances agree"
    )
    assert_numbers_have_no_gap(newsroom)
    assert newsroom.query("SELECT count(*) FROM failed_payment") != [(0,)]


def test_fetching_again_finds_nothing_new_and_changes_nothing(
    newsroom: Newsroom, outside: Outside
) -> None:
    before = balance(newsroom), newsroom.query("SELECT count(*) FROM letter")
    said = newsroom.flask("payments", "backfill", "--since", "30d")
    assert " 0 new here, 0 settled." in said
    assert (balance(newsroom), newsroom.query("SELECT count(*) FROM letter")) == before


def test_a_comparison_over_all_of_it_finds_no_difference(newsroom: Newsroom) -> None:
    comparison = compare(newsroom)
    assert comparison == (None, 0), newsroom.query(
        "SELECT kind, object_id, what, field, ours, theirs FROM difference WHERE gone_at IS NULL"
    )


def much_happens(newsroom: Newsroom, outside: Outside, givers: dict[str, Giver]) -> None:
    """A month in which everything about a pledge changes, told to nobody."""
    subscriptions = outside.stripe.v1.subscriptions
    raised = subscription(newsroom, givers["raising"])
    item = subscriptions.retrieve(raised).items.data[0]
    assert item.price.recurring is not None
    subscriptions.update(
        raised,
        {
            "items": [
                {
                    "id": item.id,
                    "price_data": {
                        "currency": "eur",
                        "product": str(item.price.product),
                        "unit_amount": 1200,
                        "recurring": {"interval": "month"},
                    },
                }
            ],
            "proration_behavior": "none",
        },
    )
    outside.stripe.v1.refunds.create(
        {"charge": charge(newsroom, givers["refunded"]), "amount": 1000}
    )
    outside.control("dispute", charge=charge(newsroom, givers["contested"]))
    outside.control("advance", months=1)
    subscriptions.cancel(subscription(newsroom, givers["leaving"]))
    late = outside.giver(Money(1500, "PLN"), "once")
    outside.pay(late)
    outside.control("advance", days=1)
    outside.control("settle")


def subscription(newsroom: Newsroom, giver: Giver) -> str:
    """Stripe's id of a giver's pledge."""
    [(found,)] = newsroom.query(
        "SELECT stripe_subscription_id FROM pledge WHERE id = %s", giver.pledge_id
    )
    return str(found)


def charge(newsroom: Newsroom, giver: Giver) -> str:
    """Stripe's id of a giver's first charge."""
    [(found,)] = newsroom.query(
        "SELECT stripe_charge_id FROM donation WHERE pledge_id = %s ORDER BY id LIMIT 1",
        giver.pledge_id,
    )
    return str(found)


def unsettled(newsroom: Newsroom) -> int:
    """How many events wait."""
    [(count,)] = newsroom.query("SELECT count(*) FROM inbox_event WHERE settled_at IS NULL")
    return int(count)


def standings(newsroom: Newsroom, givers: dict[str, Giver]) -> dict[str, tuple[str, int]]:
    """How each pledge stands here, and its amount."""
    rows = {
        key: (status, amount)
        for key, status, amount in newsroom.query("SELECT id, status, amount_minor FROM pledge")
    }
    return {name: rows[giver.pledge_id] for name, giver in givers.items() if giver.pledge_id}


def balance(newsroom: Newsroom) -> tuple[int, int, int, int]:
    """How many movements of Stripe's balance we have entered: their amount, fees and net."""
    [row] = newsroom.query(
        "SELECT count(*), sum(settled)::bigint, sum(fee)::bigint, sum(net)::bigint FROM ("
        " SELECT fee_minor + net_minor AS settled, fee_minor AS fee, net_minor AS net"
        " FROM donation_fee UNION ALL"
        " SELECT settled_minor, fee_minor, net_minor FROM adjustment) AS every"
    )
    return row[0], row[1], row[2], row[3]


def stripes_balance(outside: Outside) -> tuple[int, int, int, int]:
    """The same as Stripe has it."""
    total = outside.look("ledger")["balance"]["total"]
    return total["count"], total["amount"], total["fee"], total["net"]


def ask(newsroom: Newsroom, job: Job) -> None:
    """Ask a worker for a job, as the beat does."""
    with Celery(broker=newsroom.env["REDIS_URL"]) as queue:
        queue.send_task(job.value)


def compare(newsroom: Newsroom) -> tuple[str | None, int]:
    """Have everything compared by a worker; return why it broke off and what it found."""
    # Stripe counts whole seconds, and a comparison leaves out the one it begins in.
    second = int(time.time())
    newsroom.wait_until(lambda: time.time() > second + 1, 5, "the next second")
    newsroom.query(
        "INSERT INTO comparison (asked_at, since, due_at)"
        " VALUES (now(), now() - interval '35 days', now())"
    )
    ask(newsroom, Job.COMPARE)
    unfinished = "SELECT * FROM comparison WHERE finished_at IS NULL"
    newsroom.wait_until(lambda: newsroom.query(unfinished) == [], 90, "the comparison has ended")
    [row] = newsroom.query("SELECT error, found FROM comparison ORDER BY id DESC LIMIT 1")
    return row[0], row[1]
