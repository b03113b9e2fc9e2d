"""When money fails: three patrons whose renewal is refused, and how each of them ends."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app import ROOT
from app.clock import utcnow
from config.local.postgres import Postgres
from config.local.services import scratch_home
from tests.journeys.steps import CARD, advance, control, letter, letters, pay, sign_in
from tests.journeys.voters import KYIV
from tests.processes import Newsroom

#: Cards of the sandbox: the first payment passes, and the renewals do not.
DECLINED, TO_APPROVE, SHORT = "4000000000000341", "4000002760003184", "4000990000000012"
ANN, BOHDAN, DARIA, EVA, FEDIR = (
    f"{name}@example.org" for name in ("ann", "bohdan", "daria", "eva", "fedir")
)
FAILED = "did not go through|asks you to approve|still not gone through|last attempt|has ended"


@pytest.fixture(scope="module")
def newsroom(postgres: Postgres) -> Iterator[Newsroom]:
    """The whole product, empty, with a form that need not be read slowly."""
    with scratch_home() as home, Newsroom(postgres, home, GIVE_SECONDS="0") as running:
        yield running


def test_a_card_about_to_end_is_told_of_unless_the_network_replaced_it(
    newsroom: Newsroom, reader: Page
) -> None:
    this_month = f"{utcnow().astimezone(KYIV):%m / %y}"
    for email in (EVA, FEDIR):
        become_a_patron(newsroom, reader, email, CARD, this_month)
    ((customer,),) = newsroom.query(
        "SELECT stripe_customer_id FROM pledge JOIN account ON account.id = account_id "
        "WHERE email = %s",
        FEDIR,
    )
    control(newsroom, reader, "card_update", customer=customer)
    newsroom.wait_until(
        lambda: newsroom.query("SELECT 1 FROM pledge WHERE card_exp_year > %s", utcnow().year + 2),
        30,
        "the new card is known",
    )
    for _ in range(2):
        run_job(newsroom, "giving.remind")
    letter(reader, newsroom, EVA, "Your card expires on")
    expect(reader.locator("pre")).to_contain_text("Your Visa ···· 4242 is good until")
    reader.context.clear_cookies()
    reader.locator("pre a[href*='/l/']").click()
    reader.get_by_role("button", name="Go on to Stripe").click()
    pay(reader)
    expect(reader.get_by_text("From now on your gifts are taken from Visa")).to_be_visible()
    told = newsroom.query(
        "SELECT email FROM letter JOIN account ON account.id = account_id "
        "WHERE kind = 'card_expiring'"
    )
    assert told == [(EVA,)]


def test_renewals_fail_and_are_made_good_or_end(newsroom: Newsroom, reader: Page) -> None:
    for email, card in ((ANN, DECLINED), (BOHDAN, TO_APPROVE), (DARIA, SHORT)):
        become_a_patron(newsroom, reader, email, card)
    advance(newsroom, reader, months=1)
    give_another_card(newsroom, reader)
    approve_at_the_bank(newsroom, reader)
    for day in (4, 2, 2):
        advance(newsroom, reader, days=day)
    end_unpaid_and_come_back(newsroom, reader)
    assert attempts_and_letters_match(newsroom)


def become_a_patron(
    newsroom: Newsroom, page: Page, email: str, card: str, expiry: str = "12 / 40"
) -> None:
    page.context.clear_cookies()
    page.goto(f"{newsroom.site_url}/give")
    page.get_by_label("Your name").fill("Olena Marchenko")
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Give €5 each month").click()
    pay(page, card, expiry)
    if card == TO_APPROVE:
        page.get_by_role("button", name="Complete authentication").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")


def run_job(newsroom: Newsroom, name: str) -> None:
    """Ask the worker for a job that the beat asks for only once an hour."""
    subprocess.run(
        [sys.executable, "-m", "celery", "-A", "tasks.worker", "call", name],
        env=newsroom.env,
        cwd=ROOT,
        check=True,
        capture_output=True,
    )


def give_another_card(newsroom: Newsroom, page: Page) -> None:
    sign_in(page, newsroom, ANN)
    page.goto(f"{newsroom.site_url}/pledge")
    expect(page.get_by_text(re.compile("You keep your vote until"))).to_be_visible()
    expect(page.get_by_text("Payment failed")).to_be_visible()
    letter(page, newsroom, ANN, "Your €5 gift did not go through")
    expect(page.locator("pre")).to_contain_text("Your bank refused and did not tell us why.")
    page.context.clear_cookies()
    page.locator("pre a[href*='/l/']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Use another card")
    page.get_by_role("button", name="Go on to Stripe").click()
    pay(page)
    expect(page.get_by_text(re.compile("open payment of €5 .* went through"))).to_be_visible()
    assert standing(newsroom, ANN) == ("active", None)
    letter(page, newsroom, ANN, r"Your €5 gift for .*: receipt", count=2)


def approve_at_the_bank(newsroom: Newsroom, page: Page) -> None:
    letter(page, newsroom, BOHDAN, "Your bank asks you to approve your €5 gift")
    page.locator("pre a[href*='/i/']").click()
    page.get_by_role("link", name="Go to your bank").click()
    page.get_by_role("button", name="Complete authentication").click()
    expect(page.get_by_text("This invoice is paid. Thank you.")).to_be_visible()
    letter(page, newsroom, BOHDAN, r"Your €5 gift for .*: receipt", count=2)
    newsroom.wait_until(
        lambda: standing(newsroom, BOHDAN) == ("active", None), 30, "the pledge is in order"
    )


def end_unpaid_and_come_back(newsroom: Newsroom, page: Page) -> None:
    letter(page, newsroom, DARIA, "Your pledge has ended: we could not take €5")
    assert standing(newsroom, DARIA) == ("lapsed", "unpaid")
    sent = [one["subject"] for one in letters(newsroom, DARIA) if "€5" in one["subject"]]
    told = [subject for subject in sent if re.search(FAILED, subject)]
    # The newest first; an attempt that the next one overtook need not be told of.
    assert told[0] == "Your pledge has ended: we could not take €5"
    assert told[-1] == "Your €5 gift did not go through"
    assert any("the last attempt is on" in subject for subject in told)
    assert not any(re.search("pledge ends on", one["subject"]) for one in letters(newsroom, DARIA))
    page.locator("pre a[href*='/l/']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Come back")
    page.get_by_role("button", name="Come back with €5 a month").click()
    pay(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    newsroom.wait_until(
        lambda: standing(newsroom, DARIA) == ("active", None), 30, "she is a patron again"
    )


def standing(newsroom: Newsroom, email: str) -> tuple[str, str | None]:
    """The status of somebody's newest pledge, and why it ended."""
    ((status, reason),) = newsroom.query(
        "SELECT status, end_reason FROM pledge JOIN account ON account.id = account_id "
        "WHERE email = %s ORDER BY pledge.created_at DESC LIMIT 1",
        email,
    )
    return status, reason


def attempts_and_letters_match(newsroom: Newsroom) -> bool:
    """Whether each failed attempt owes one letter, neither more nor less."""
    ((attempts, owed),) = newsroom.query(
        "SELECT (SELECT count(*) FROM failed_payment), (SELECT count(*) FROM letter "
        "WHERE kind = 'payment_failed' AND matter LIKE 'in\\_%%:%%')"
    )
    return bool(attempts == owed > 0)
