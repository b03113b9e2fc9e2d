"""The world outside a running newsroom: the sandbox's desk, givers, and the ledger it keeps."""

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string, policy
from email.message import EmailMessage
from typing import Any

import requests
import stripe
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.clock import utcnow
from app.giving.models import Checkout, Pledge
from app.money import Money
from app.payments.orders import CheckoutOrder
from app.payments.stripe_gateway import StripeGateway
from tests.processes import Newsroom

KEY = "sk_test_resilience"


@dataclass(frozen=True, slots=True)
class Giver:
    """A reader on Stripe's page who has not pressed its button yet."""

    checkout_id: uuid.UUID
    pledge_id: uuid.UUID | None
    amount: Money
    session_id: str


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a receipt's letter as the mail server got it."""

    #: Without angle brackets.
    message_id: str
    #: The number on the attached PDF's name, such as 2026-000123.
    reference: str
    to: str


class Outside:
    """What only Stripe and the mail server know, and what a test may make them do."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom
        self.url = newsroom.sandbox_url
        self.web = requests.Session()
        self._http = stripe.RequestsClient(timeout=(3, 20))
        self.stripe = stripe.StripeClient(
            KEY, base_addresses={"api": self.url}, http_client=self._http
        )
        self.gateway = StripeGateway(KEY, ("whsec_unused",), self.url)
        self._engine = create_engine(newsroom.env["DATABASE_URL"])

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()
        self._http.close()  # type: ignore[no-untyped-call]
        self.web.close()

    def control(self, path: str, /, **sent: Any) -> Any:
        """POST to the sandbox's control interface."""
        answer = self.web.post(f"{self.url}/_control/{path}", json=sent, timeout=120)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def look(self, path: str, **query: Any) -> Any:
        """GET from the sandbox's control interface."""
        return self.web.get(f"{self.url}/_control/{path}", params=query, timeout=60).json()

    def giver(self, amount: Money, interval: str) -> Giver:
        """Bring a reader to Stripe's page, by the rows and the call that the form leads to."""
        number = uuid.uuid4()
        with Session(self._engine, expire_on_commit=False) as session:
            account = Account(email=f"{number.hex}@example.org", name="Olena Marchenko")
            session.add(account)
            session.flush()
            pledge = None
            if interval != "once":
                pledge = Pledge(
                    id=uuid.uuid4(),
                    account_id=account.id,
                    interval=interval,
                    amount_minor=amount.minor,
                    currency=amount.currency,
                    created_at=utcnow(),
                )
                session.add(pledge)
                session.flush()
            checkout = Checkout(
                id=number,
                account_id=account.id,
                pledge_id=pledge.id if pledge else None,
                interval=interval,
                amount_minor=amount.minor,
                currency=amount.currency,
                locale="en",
                created_at=utcnow(),
            )
            session.add(checkout)
            session.commit()
        pledge_id = pledge.id if pledge else None
        page = self.gateway.open_checkout(
            CheckoutOrder(
                checkout_id=number,
                pledge_id=pledge_id,
                account_id=account.id,
                amount=amount,
                interval=interval,
                email=account.email,
                locale="en",
                description="A gift",
                return_url="http://127.0.0.1/thanks?session_id={CHECKOUT_SESSION_ID}",
                cancel_url="http://127.0.0.1/give",
            )
        )
        return Giver(number, pledge_id, amount, page.session_id)

    def pay(self, giver: Giver, card: str = "4242424242424242") -> dict[str, Any]:
        """Press the button of Stripe's page; return the session as it then stands."""
        answer = self.control("complete", session=giver.session_id, card=card)
        assert answer["step"] == "paid", answer
        session: dict[str, Any] = answer["session"]
        return session

    def receipts(self) -> Iterator[Copy]:
        """Yield every copy of every receipt's letter that the mail server kept."""
        for row in self.look("mailbox", limit=5000)["letters"]:
            letter = message_from_string(row["raw"], EmailMessage, policy=policy.default)
            for attached in letter.iter_attachments():
                name = attached.get_filename() or ""
                if name.startswith("receipt-"):
                    reference = name.removeprefix("receipt-").removesuffix(".pdf")
                    sent_under = str(letter["Message-ID"]).strip("<>")
                    yield Copy(sent_under, reference, row["to"][0])

    def ledgers_agree(self) -> bool:
        """Whether our ledger holds what Stripe's does: by currency, how many and how much."""
        return self.own_ledger() == self.stripes_ledger()

    def own_ledger(self) -> dict[str, tuple[int, int]]:
        """Return our count and sum of donations, in minor units, by currency."""
        rows = self.newsroom.query(
            "SELECT currency, count(*), sum(amount_minor)::bigint FROM donation GROUP BY currency"
        )
        return {currency: (count, gross) for currency, count, gross in rows}

    def stripes_ledger(self) -> dict[str, tuple[int, int]]:
        """Return Stripe's count and sum of paid charges, in minor units, by currency."""
        paid = self.look("ledger")["paid"]
        return {code.upper(): (sums["count"], sums["gross"]) for code, sums in paid.items()}


def assert_numbers_have_no_gap(newsroom: Newsroom) -> None:
    """Every donation has exactly one receipt, numbered 1 to n within each year."""
    rows = newsroom.query(
        "SELECT d.id, r.year, r.number FROM donation d LEFT JOIN receipt r ON r.donation_id = d.id"
    )
    donations = [donation for donation, _, _ in rows]
    assert len(set(donations)) == len(donations), "a donation has two receipts"
    years: dict[int | None, list[int]] = defaultdict(list)
    for _, year, number in rows:
        years[year].append(number)
    assert None not in years, "a donation has no receipt"
    for year, numbers in years.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), f"{year} has gaps"
    assert newsroom.query("SELECT count(*) FROM receipt") == [(len(rows),)]


def assert_nothing_is_owed(newsroom: Newsroom) -> None:
    """No event waits to be settled and no letter to be sent, and none was given up."""
    for table in ("inbox_event", "letter"):
        assert newsroom.query(f"SELECT * FROM {table} WHERE due_at IS NOT NULL") == []
    assert newsroom.query("SELECT * FROM inbox_event WHERE settled_at IS NULL") == []
