"""Renewals to drain: patrons in the product and the sandbox, a month later, their events kept."""

import json
import urllib.request
import uuid
from collections.abc import Sequence
from typing import Any

from tests.benchmarks.house import connection
from tests.processes import Newsroom

BATCH = 250
LONGEST = 1800.0


def make(room: Newsroom, count: int) -> list[str]:
    """Make patrons whose first month is paid and let a month pass; return the renewals' events.

    The sandbox delivers nothing by itself from now on.
    """
    control(room, "hold")
    wishes = [_patron(number) for number in range(count)]
    _enter(room, wishes)
    for at in range(0, count, BATCH):
        control(room, "subscriptions", {"wishes": wishes[at : at + BATCH]})
    control(room, "advance", {"months": 1})
    # The newest, for the first payments made such events too; only renewals are wanted.
    paid = control(room, f"events?type=invoice.paid&limit={count}")["events"]
    assert all('"billing_reason":"subscription_cycle"' in event["body"] for event in paid)
    return [event["id"] for event in paid]


def keep(room: Newsroom, events: Sequence[str]) -> None:
    """Deliver events to the product's own door; no worker runs meanwhile."""
    attempts = control(room, "deliver", {"events": events, "parallel": 4})["attempts"]
    assert [attempt["status"] for attempt in attempts] == [204] * len(events)


def insist_on_every_receipt(room: Newsroom, expected: int) -> None:
    """Fail unless each renewal has one donation, one receipt and one letter that was sent."""
    ((donations, receipts, last, letters),) = room.query(
        "SELECT (SELECT count(*) FROM donation), (SELECT count(*) FROM receipt),"
        " (SELECT max(number) FROM receipt),"
        " (SELECT count(*) FROM letter WHERE sent_at IS NOT NULL)"
    )
    found = (donations, receipts, last, letters)
    assert found == (expected,) * 4, f"{expected} renewals came to {found}"


def control(room: Newsroom, path: str, sent: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask the sandbox's desk for something; what is sent makes it a POST."""
    asked = urllib.request.Request(
        f"{room.sandbox_url}/_control/{path}",
        data=None if sent is None and path != "hold" else json.dumps(sent or {}).encode(),
    )
    with urllib.request.urlopen(asked, timeout=LONGEST) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def _patron(number: int) -> dict[str, Any]:
    """What the sandbox is asked for; our own ids travel in the metadata, as from our pages."""
    price = {
        "currency": "eur",
        "product": "hromada_month",
        "unit_amount": 500 + 100 * (number % 7),
        "recurring": {"interval": "month", "interval_count": 1},
    }
    key = str(uuid.uuid4())
    return {
        "email": f"{key}@example.org",
        "name": "Олена Марченко" if number % 2 else "Olena Marchenko",
        "metadata": {"app": "hromada", "checkout_id": str(uuid.uuid4()), "pledge_id": key},
        "price_data": price,
    }


def _enter(room: Newsroom, wishes: Sequence[dict[str, Any]]) -> None:
    """Write the accounts and pledges that our pages would have written."""
    with connection(room) as link, link.transaction(), link.cursor() as cursor:
        cursor.executemany(
            "WITH made AS (INSERT INTO account (email, name, locale, listed, session_version)"
            " VALUES (%(email)s, %(name)s, %(locale)s, false, 1) RETURNING id)"
            " INSERT INTO pledge (id, account_id, status, interval, amount_minor, currency,"
            " started_at) SELECT %(pledge)s, id, 'active', 'month', %(amount)s, 'EUR', now()"
            " FROM made",
            [
                {
                    "email": wish["email"],
                    "name": wish["name"],
                    "locale": "en" if wish["name"].isascii() else "uk",
                    "pledge": wish["metadata"]["pledge_id"],
                    "amount": wish["price_data"]["unit_amount"],
                }
                for wish in wishes
            ],
        )
