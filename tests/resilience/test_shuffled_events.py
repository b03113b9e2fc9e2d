"""A month of fifty pledges told of in any order, thrice, children first: the books still agree."""

import json
import random
from datetime import UTC, datetime
from typing import Any

from celery import Celery

from app.giving.pledges import STATUSES
from app.jobs import Job
from app.money import Money
from app.payments.stripe_gateway.pledge_facts import STANDINGS
from tests.processes import Newsroom
from tests.resilience.outside import (
    Giver,
    Outside,
    assert_nothing_is_owed,
    assert_numbers_have_no_gap,
)

PLEDGES, GIFTS = 50, 6
TIMES = 3
AMOUNTS = {"EUR": (500, 1000, 2345), "USD": (500, 1999), "UAH": (10000, 25050)}
PAYS, PAYS_ONCE = "5555555555554444", "4000000000000341"
#: How far down the kinds of objects stand: a page begets a subscription, that an invoice, ...
DEPTH = {
    "checkout.session": 0,
    "subscription": 1,
    "customer": 1,
    "payout": 1,
    "payment_method": 1,
    "invoice": 2,
    "payment_intent": 3,
    "invoice_payment": 3,
    "charge": 4,
}

Event = dict[str, Any]


def test_a_month_of_fifty_pledges_told_in_any_order_and_thrice_ends_as_stripe_says(
    newsroom: Newsroom, outside: Outside
) -> None:
    chance = random.Random(1991)
    outside.control("hold")
    givers = give_for_a_month(outside, chance)
    events = [event for event in outside.look("events")["events"] if event["listened_for"]]
    order = shuffled(events, chance)
    early = share_before_parents(events, order)
    attempts = outside.control("deliver", events=order, parallel=4)["attempts"]
    print(
        f"\n{len(events)} events, {len(attempts)} deliveries, {early:.0%} before their parents; "
        f"slowest answer {max(attempt['milliseconds'] for attempt in attempts)} ms"
    )
    assert len(attempts) == TIMES * len(events)
    assert early >= 2 / 3
    assert {attempt["status"] for attempt in attempts} == {204}
    newsroom.wait_until(lambda: settled(newsroom) == len(events), 60, "every event is settled")
    assert newsroom.query("SELECT count(*) FROM inbox_event") == [(len(events),)]
    assert outside.own_ledger() == outside.stripes_ledger()
    for giver in givers:
        assert_as_stripe_sees_it(giver, newsroom, outside)
    assert_numbers_have_no_gap(newsroom)
    assert_fees_are_stripes(newsroom, outside)
    newsroom.wait_until(lambda: letters_owed(newsroom) == 0, 60, "every letter is sent")
    assert_nothing_is_owed(newsroom)
    copies = [copy.message_id for copy in outside.receipts()]
    assert len(copies) == len(set(copies)), "without a failure no letter goes out twice"


def give_for_a_month(outside: Outside, chance: random.Random) -> list[Giver]:
    """Pledges and gifts are paid; a month later renewals come, some of them declined."""
    givers = []
    for number in range(PLEDGES + GIFTS):
        currency = chance.choice(sorted(AMOUNTS))
        amount = Money(chance.choice(AMOUNTS[currency]), currency)
        interval = "once" if number >= PLEDGES else "year" if number % 10 == 0 else "month"
        giver = outside.giver(amount, interval)
        outside.pay(giver, PAYS_ONCE if number % 7 == 3 else PAYS)
        givers.append(giver)
    outside.control("settle")
    outside.control("advance", months=1)
    outside.control("settle")
    return givers


def shuffled(events: list[Event], chance: random.Random) -> list[str]:
    """Return each event's id three times: most come first deepest first, and again anywhere."""
    places: list[tuple[float, str]] = []
    for event in events:
        depth = DEPTH[subject(event)["object"]]
        anywhere = chance.random() < 0.1
        first = chance.random() if anywhere else (4 - depth + chance.random()) / 5
        again = [chance.uniform(first, 1) for _ in range(TIMES - 1)]
        places += [(place, event["id"]) for place in (first, *again)]
    return [id_ for _, id_ in sorted(places)]


def share_before_parents(events: list[Event], order: list[str]) -> float:
    """Return how many events, of those with a parent, come before any event about that parent."""
    first = {id_: place for place, id_ in reversed(list(enumerate(order)))}
    told: dict[str, int] = {}
    for event in events:
        about = subject(event)["id"]
        told[about] = min(first[event["id"]], told.get(about, len(order)))
    parents = parents_of([subject(event) for event in events])
    early = [
        first[event["id"]] < told[parents[subject(event)["id"]]]
        for event in events
        if parents.get(subject(event)["id"]) in told
    ]
    return sum(early) / len(early)


def parents_of(objects: list[dict[str, Any]]) -> dict[str, str]:
    """Return by id the id of what each object came of: its page, subscription, invoice, intent."""
    pages = {it["client_reference_id"]: it["id"] for it in objects if it["object"] == PAGE}
    parents = {}
    for it in objects:
        match it["object"]:
            case "subscription":
                parents[it["id"]] = pages[it["metadata"]["checkout_id"]]
            case "invoice":
                parents[it["id"]] = it["parent"]["subscription_details"]["subscription"]
            case "invoice_payment":
                parents[it["id"]] = it["invoice"]
                parents[it["payment"]["payment_intent"]] = it["invoice"]
            case "charge":
                parents[it["id"]] = it["payment_intent"]
            case "payment_intent" if "checkout_id" in it["metadata"]:
                parents[it["id"]] = pages[it["metadata"]["checkout_id"]]
    return parents


PAGE = "checkout.session"


def subject(event: Event) -> dict[str, Any]:
    """Return the object an event is about, as it was then."""
    about: dict[str, Any] = json.loads(event["body"])["data"]["object"]
    return about


def settled(newsroom: Newsroom) -> int:
    """Count the events acted on."""
    return int(
        newsroom.query("SELECT count(*) FROM inbox_event WHERE settled_at IS NOT NULL")[0][0]
    )


def letters_owed(newsroom: Newsroom) -> int:
    """Count the letters not sent yet."""
    return int(newsroom.query("SELECT count(*) FROM letter WHERE due_at IS NOT NULL")[0][0])


def assert_as_stripe_sees_it(giver: Giver, newsroom: Newsroom, outside: Outside) -> None:
    """The page is paid; a pledge stands as its subscription does, and is paid for as long."""
    checkout = "SELECT status FROM checkout WHERE id = %s"
    assert newsroom.query(checkout, giver.checkout_id) == [("paid",)]
    if giver.pledge_id is None:
        return
    ours = newsroom.query(
        "SELECT status, amount_minor, currency, interval, stripe_subscription_id, paid_until "
        "FROM pledge WHERE id = %s",
        giver.pledge_id,
    )
    theirs = outside.stripe.v1.subscriptions.retrieve(
        ours[0][4], {"expand": ["latest_invoice", "customer"]}
    )
    item = theirs.items.data[0]
    assert item.price.recurring is not None
    status = STATUSES[STANDINGS[theirs.status]]
    # A renewal that was declined has begun a period nobody has paid for.
    paid_until = item.current_period_end if status == "active" else item.current_period_start
    assert ours == [
        (
            status.value,
            item.price.unit_amount,
            item.price.currency.upper(),
            item.price.recurring.interval,
            theirs.id,
            datetime.fromtimestamp(paid_until, UTC),
        )
    ]


def assert_fees_are_stripes(newsroom: Newsroom, outside: Outside) -> None:
    """Fee and net agree to the cent, also of donations whose fee was told before themselves."""
    # Those ask for their fee some minutes later; let that moment be now.
    newsroom.query("UPDATE donation SET due_at = now() WHERE due_at IS NOT NULL")
    with Celery(broker=newsroom.env["REDIS_URL"]) as queue:
        queue.send_task(Job.FETCH_FEES.value)
    owed = "SELECT 1 FROM donation WHERE due_at IS NOT NULL"
    newsroom.wait_until(lambda: not newsroom.query(owed), 60, "every fee is known")
    rows = newsroom.query(
        "SELECT lower(d.currency), count(*), sum(f.fee_minor)::bigint, sum(f.net_minor)::bigint, "
        "min(f.currency), max(f.currency) FROM donation d JOIN donation_fee f "
        "ON f.donation_id = d.id GROUP BY d.currency"
    )
    paid = outside.look("ledger")["paid"]
    theirs = {
        code: (sums["settled"], sums["fees"], sums["net"], "EUR", "EUR")
        for code, sums in paid.items()
    }
    assert {code: tuple(sums) for code, *sums in rows} == theirs
    assert all(sums["settled"] == sums["count"] for sums in paid.values())
