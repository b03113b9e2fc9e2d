"""Money that goes back in every way: told by a running Stripe, the books agree to the cent."""

import uuid
from typing import Any

from app.clock import utcnow
from app.money import Money
from tests.processes import Newsroom
from tests.resilience.outside import Giver, Outside, assert_numbers_have_no_gap

PAYS, CONTESTED, ASKED_ABOUT, WARNED = (
    "4242424242424242",
    "4000000000000259",
    "4000000000001976",
    "4000000000005423",
)
REFUND_PENDS, REFUND_FAILS = "4000000000007726", "4000000000005126"
STAFF = "finance@example.org"


def test_refunds_disputes_and_warnings_end_in_stripes_own_sums(
    newsroom: Newsroom, outside: Outside
) -> None:
    newsroom.flask("staff", "invite", STAFF, "--role", "finance")
    gifts = {
        "won": give(outside, CONTESTED, Money(2000, "EUR")),
        "lost": give(outside, CONTESTED, Money(90_000, "UAH")),
        "inquiry": give(outside, ASKED_ABOUT, Money(1000, "USD")),
        "small fraud": give(outside, WARNED, Money(500, "EUR")),
        "large fraud": give(outside, WARNED, Money(20_000, "USD")),
        "dashboard": give(outside, PAYS, Money(1999, "USD")),
        "pends": give(outside, REFUND_PENDS, Money(2500, "EUR")),
        "fails": give(outside, REFUND_FAILS, Money(1500, "EUR")),
    }
    newsroom.wait_until(outside.ledgers_agree, 60, "every gift is entered")
    outside.control("advance", minutes=30, hours=1)
    outside.stripe.v1.refunds.create({"charge": charge_of(newsroom, gifts["dashboard"])})
    ours = {name: owe_refund(newsroom, gifts[name], minor) for name, minor in REFUNDS.items()}
    newsroom.wait_until(
        lambda: statuses(newsroom, ours) == {"pends": "pending", "fails": "succeeded"},
        60,
        "staff's refunds are carried out",
    )
    newsroom.wait_until(
        lambda: newsroom.query("SELECT count(*) FROM dispute") == [(3,)], 60, "disputes are known"
    )
    outside.control("advance", hours=1)
    for name, won in (("won", True), ("lost", False)):
        [(dispute,)] = newsroom.query(
            "SELECT d.stripe_dispute_id FROM dispute d JOIN donation g ON g.id = d.donation_id"
            " WHERE g.pledge_id = %s",
            gifts[name].pledge_id,
        )
        outside.control("dispute/close", dispute=dispute, won=won)
    outside.control("settle")
    newsroom.wait_until(
        lambda: statuses(newsroom, ours) == {"pends": "succeeded", "fails": "failed"},
        60,
        "the bank has decided staff's refunds",
    )
    newsroom.wait_until(
        lambda: balance(newsroom) == stripes_balance(outside), 60, "the balances agree"
    )
    assert moved(newsroom) == stripes_moved(outside)
    assert_numbers_have_no_gap(newsroom)
    newsroom.wait_until(
        lambda: {name: ending(newsroom, gift) for name, gift in gifts.items()} == ENDINGS,
        60,
        "pledges have ended where they had to",
    )
    newsroom.wait_until(
        lambda: (
            newsroom.query("SELECT * FROM letter WHERE due_at IS NOT NULL") == []
            and letters(newsroom) == LETTERS
        ),
        60,
        "every letter is sent",
    )


#: What staff refund of two gifts, in minor units.
REFUNDS = {"pends": 2500, "fails": 700}
#: How the pledge of each gift stands in the end, and why.
ENDINGS = {
    "won": ("lapsed", "disputed"),
    "lost": ("lapsed", "disputed"),
    "inquiry": ("active", None),
    "small fraud": ("lapsed", "disputed"),
    "large fraud": ("active", None),
    "dashboard": ("active", None),
    "pends": ("active", None),
    "fails": ("active", None),
}
#: The letters about it: three refunds of which one was told of and failed later, three disputes
#: of which one is an inquiry, and a warning left to staff.
LETTERS = {
    "refund": 4,
    "refund_failed": 1,
    "dispute_opened": 3,
    "dispute_closed": 2,
    "fraud_warning": 1,
}


def give(outside: Outside, card: str, amount: Money) -> Giver:
    """A first monthly gift with a card that is known for what follows."""
    giver = outside.giver(amount, "month")
    outside.pay(giver, card)
    return giver


def charge_of(newsroom: Newsroom, giver: Giver) -> str:
    """Stripe's charge of a gift."""
    [(charge,)] = newsroom.query(
        "SELECT stripe_charge_id FROM donation WHERE pledge_id = %s", giver.pledge_id
    )
    return str(charge)


def owe_refund(newsroom: Newsroom, giver: Giver, minor: int) -> uuid.UUID:
    """Write the row that staff's request leaves behind."""
    refund_id = uuid.uuid4()
    newsroom.query(
        "INSERT INTO refund (id, donation_id, amount_minor, currency, status, reason, note, tells,"
        " ends_pledge, asked_at, due_at) SELECT %s, id, %s, currency, 'approved', 'asked_for', '',"
        " true, false, %s, %s FROM donation WHERE pledge_id = %s",
        refund_id,
        minor,
        utcnow(),
        utcnow(),
        giver.pledge_id,
    )
    return refund_id


def statuses(newsroom: Newsroom, refunds: dict[str, uuid.UUID]) -> dict[str, str]:
    """How far each refund has come."""
    rows: dict[Any, str] = dict(newsroom.query("SELECT id, status FROM refund"))
    return {name: rows[refund_id] for name, refund_id in refunds.items()}


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


def moved(newsroom: Newsroom) -> dict[str, tuple[int, int]]:
    """What went back by refunds and by disputes in each currency, in minor units."""
    rows = newsroom.query(
        "SELECT currency,"
        " -coalesce(sum(amount_minor) FILTER (WHERE kind LIKE 'refund%%'), 0)::bigint,"
        " -coalesce(sum(amount_minor) FILTER (WHERE kind LIKE 'dispute%%'), 0)::bigint"
        " FROM adjustment GROUP BY currency"
    )
    return {currency: (refunds, disputes) for currency, refunds, disputes in rows}


def stripes_moved(outside: Outside) -> dict[str, tuple[int, int]]:
    """The same as Stripe has it."""
    return {
        code.upper(): (
            sums["refunded"] - sums["refund_failures"],
            sums["withdrawn"] - sums["reinstated"],
        )
        for code, sums in outside.look("ledger")["moved"].items()
    }


def ending(newsroom: Newsroom, giver: Giver) -> tuple[str, str | None]:
    """How a giver's pledge stands, and why it ended."""
    [row] = newsroom.query("SELECT status, end_reason FROM pledge WHERE id = %s", giver.pledge_id)
    return row[0], row[1]


def letters(newsroom: Newsroom) -> dict[str, int]:
    """How many letters about money that goes back there are, by kind."""
    rows = newsroom.query("SELECT kind, count(*) FROM letter GROUP BY kind")
    return {kind: count for kind, count in rows if kind in LETTERS}
