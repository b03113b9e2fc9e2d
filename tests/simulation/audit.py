"""At a simulation's end: the books, pledges, receipts and letters, held to Stripe's objects."""

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import text

from app.clock import utcnow
from app.current import zone
from app.desk import comparisons, differences
from app.extensions import Base, db
from app.money import Money
from app.reports import months
from app.reports.figures import payouts
from app.reports.shape import Asked, Behind
from tasks import desk, giving
from tests.simulation.lives import LIVES
from tests.simulation.story import Story
from tests.simulation.stripes import at
from tests.simulation.stripes_view import View

#: Which movements of ours are which of Stripe's balance.
KINDS = {
    "refund": "refund",
    "refund_failure": "refund_failed",
    "dispute": "dispute",
    "dispute_reversal": "dispute_returned",
}
#: Everything that is owed stands in one of these.
OWED = (
    "inbox_event",
    "letter",
    "donation",
    "refund",
    "pledge_change",
    "payout",
    "comparison",
    "difference",
)
#: What tells of looks and deliveries, and may change when all is told again.
OF_LOOKS = ("inbox_event", "comparison", "difference", "payout_look")


def assert_all_is_well(story: Story) -> None:
    """Everything that has to hold at the end of a simulation."""
    assert story.refused == []
    assert len(story.too_late) <= len(LIVES) / 10, story.too_late
    assert_as_at_stripe(story)


def assert_as_at_stripe(story: Story) -> None:
    """Nothing is owed, and the books, pledges, receipts and letters are what Stripe's say."""
    assert_nothing_is_owed()
    assert_the_books_agree(story)
    view = View(story.stripes)
    assert_payouts_hold_what_they_are(story, view)
    assert_pledges_stand_as_at_stripe(view)
    assert_each_donation_has_its_receipt(story)
    assert_each_failure_has_its_letter(story, view)
    assert_the_comparison_finds_nothing()


def rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Ask the database."""
    found = [tuple(row) for row in db.session.execute(text(statement), values)]
    db.session.rollback()
    return found


def assert_nothing_is_owed() -> None:
    """No event is unsettled, no row is due, and none was given up."""
    for table in OWED:
        assert rows(f"SELECT * FROM {table} WHERE due_at IS NOT NULL") == [], table
    assert rows("SELECT id, type, error FROM inbox_event WHERE settled_at IS NULL") == []


def assert_the_books_agree(story: Story) -> None:
    """By currency gross, refunds, disputes; in the balance amount, fees and net: to the cent."""
    theirs = story.stripes.look("ledger")
    assert _gross() == {
        code.upper(): (sums["count"], sums["gross"], sums["settled"], sums["fees"], sums["net"])
        for code, sums in theirs["paid"].items()
    }
    assert _moved() == {
        code.upper(): (
            sums["refunded"],
            sums["refund_failures"],
            sums["withdrawn"],
            sums["reinstated"],
        )
        for code, sums in theirs["moved"].items()
    }
    assert _balance() == {
        kind: (sums["count"], sums["amount"], sums["fee"], sums["net"])
        for kind, sums in theirs["balance"].items()
    }


def _gross() -> dict[str, tuple[int, ...]]:
    found = rows(
        "SELECT d.currency, count(*), sum(d.amount_minor)::bigint, count(f.donation_id),"
        " sum(f.fee_minor)::bigint, sum(f.net_minor)::bigint"
        " FROM donation d LEFT JOIN donation_fee f ON f.donation_id = d.id GROUP BY d.currency"
    )
    return {row[0]: tuple(row[1:]) for row in found}


def _moved() -> dict[str, tuple[int, ...]]:
    def total(kind: str, sign: str) -> str:
        return f"coalesce({sign}sum(a.amount_minor) FILTER (WHERE a.kind = '{kind}'), 0)::bigint"

    found = rows(
        f"SELECT d.currency, {total('refund', '-')}, {total('refund_failed', '')},"
        f" {total('dispute', '-')}, {total('dispute_returned', '')}"
        " FROM donation d LEFT JOIN adjustment a ON a.donation_id = d.id GROUP BY d.currency"
    )
    return {row[0]: tuple(row[1:]) for row in found}


def _balance() -> dict[str, tuple[int, ...]]:
    fees = rows(
        "SELECT count(*), coalesce(sum(fee_minor + net_minor), 0)::bigint,"
        " coalesce(sum(fee_minor), 0)::bigint, coalesce(sum(net_minor), 0)::bigint"
        " FROM donation_fee"
    )[0]
    found: dict[str, tuple[int, ...]] = {"charge": fees}
    for kind, ours in KINDS.items():
        moved = rows(
            "SELECT count(*), coalesce(sum(settled_minor), 0)::bigint,"
            " coalesce(sum(fee_minor), 0)::bigint, coalesce(sum(net_minor), 0)::bigint"
            " FROM adjustment WHERE kind = :kind",
            kind=ours,
        )[0]
        if moved[0]:
            found[kind] = moved
    found["total"] = tuple(map(sum, zip(*found.values(), strict=True)))
    return found


def assert_payouts_hold_what_they_are(story: Story, view: View) -> None:
    """Every payout is there, is what it holds, and all it holds stands in the ledger.

    What the report says is not in the bank yet is what Stripe's balance has and what is on its way.
    """
    theirs = story.stripes.look("ledger")
    assert rows(
        "SELECT count(*), coalesce(sum(amount_minor), 0)::bigint,"
        " coalesce(sum(amount_minor) FILTER (WHERE status = 'failed'), 0)::bigint FROM payout"
    ) == [tuple(theirs["payouts"][name] for name in ("count", "amount", "failed"))]
    assert (
        rows(
            "SELECT stripe_payout_id, amount_minor, held_minor FROM payout"
            " WHERE held_minor IS DISTINCT FROM amount_minor"
        )
        == []
    )
    assert rows("SELECT * FROM payout_sum WHERE kind IN ('unmatched', 'other')") == []
    month = months.first_day(utcnow(), zone())
    days = [at(one.arrival_date).date() for one in view.payouts]
    if not any(day < months.following(month) for day in days):
        return
    with story.app.test_request_context():
        answer = payouts.build(Asked(months.following(month, -36), month, utcnow(), zone()))
    assert (answer.alarm, answer.refused) == ("", "")
    (waiting,) = answer.figures[3].values
    today = utcnow().astimezone(zone()).date()
    arrived = sum(one.amount for one, day in zip(view.payouts, days, strict=True) if day <= today)
    assert isinstance(waiting, Behind)
    assert waiting.value == Money(theirs["balance"]["total"]["net"] - arrived, "EUR")


def assert_pledges_stand_as_at_stripe(view: View) -> None:
    """Each pledge's status, terms and card are those derived from Stripe's objects."""
    theirs, never = view.standings(), view.never_begun()
    wrong: list[Any] = []
    for row in rows(
        "SELECT id::text, status, end_reason, amount_minor, currency, interval, ends_at, ended_at,"
        " card_last4, stripe_subscription_id FROM pledge"
    ):
        id_, *ours = row
        if id_ not in theirs:
            # Of one whose page Stripe was never asked for, or never heard, nothing is known there.
            if ours[0] != never.get(id_, "pending"):
                wrong.append((id_, ours, never.get(id_)))
            continue
        one = theirs.pop(id_)
        expected = [
            one.status,
            one.end_reason,
            one.amount_minor,
            one.currency,
            one.interval,
            at(one.ends_at) if one.ends_at else None,
            at(one.ended_at) if one.ended_at else None,
            one.card,
            one.subscription,
        ]
        if ours != expected:
            wrong.append((id_, ours, expected))
    assert wrong == []
    assert theirs == {}, "Stripe has pledges we do not know"


def assert_each_donation_has_its_receipt(story: Story) -> None:
    """One receipt and one letter each, sent once; the numbers of a year have no gap."""
    found = rows(
        "SELECT d.id, r.year, r.number, l.id::text FROM donation d"
        " LEFT JOIN receipt r ON r.donation_id = d.id"
        " LEFT JOIN letter l ON l.kind = 'receipt' AND l.matter = d.id::text"
    )
    assert len({row[0] for row in found}) == len(found)
    years: dict[int, list[int]] = defaultdict(list)
    for _id, year, number, letter in found:
        years[year].append(number)
        assert story.mailer.sent[letter] == 1
    for numbers in years.values():
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
    [(receipts,)] = rows("SELECT count(*) FROM receipt")
    assert receipts == len(found)


def assert_each_failure_has_its_letter(story: Story, view: View) -> None:
    """Each failed charge of a renewal is one failed payment and one letter, sent once at most."""
    ours: dict[str, list[int]] = defaultdict(list)
    for invoice, attempt in rows("SELECT stripe_invoice_id, attempt FROM failed_payment"):
        ours[invoice].append(attempt)
    theirs = {
        invoice: list(range(1, number + 1)) for invoice, number in view.failed_attempts().items()
    }
    assert {invoice: sorted(attempts) for invoice, attempts in ours.items()} == theirs
    matters = Counter(
        row[0]
        for row in rows(
            "SELECT matter FROM letter WHERE kind = 'payment_failed'"
            " AND matter ~ '^in_[^:]*:[0-9]+$'"
        )
    )
    assert matters == Counter(
        f"{invoice}:{attempt}" for invoice, attempts in theirs.items() for attempt in attempts
    )
    assert all(times == 1 for times in story.mailer.sent.values()), "a letter went out twice"


def assert_the_comparison_finds_nothing() -> None:
    """The product's own comparison with Stripe, of all there ever was, finds no difference."""
    asked = comparisons.ask(None, at(0), now=utcnow())
    desk.compare()
    done = comparisons.latest(1)[0]
    db.session.refresh(done)
    assert (done.id, done.error, done.found) == (asked.id, None, 0), differences.standing()
    assert done.finished_at is not None
    db.session.rollback()


def everything() -> dict[str, str]:
    """Return a digest of every table but for the moments at which things were looked at."""
    digests = {}
    for table in Base.metadata.sorted_tables:
        if table.name in OF_LOOKS:
            continue
        columns = [c.name for c in table.columns if c.name not in ("seen_at", "attempts")]
        listed = ", ".join(f'"{name}"' for name in columns)
        digests[table.name] = rows(
            f"SELECT md5(coalesce(string_agg(one, '|' ORDER BY one), '')) FROM"
            f" (SELECT row({listed})::text AS one FROM {table.name}) AS every"
        )[0][0]
    return digests


def tell_all_again(story: Story) -> None:
    """Make every event new once more, in any order, and let the jobs run."""
    db.session.execute(
        text(
            "UPDATE inbox_event SET settled_at = NULL, outcome = NULL, attempts = 0,"
            " due_at = now() - random() * interval '1 day'"
        )
    )
    db.session.commit()
    # A job gives its worker back after a while and asks to be continued.
    while giving.settle_events():
        pass
    story.work()
