"""A patron takes everything that is known about her, and has it erased while a vote is open."""

import json
import re
from datetime import timedelta
from zipfile import ZipFile

import requests
from playwright.sync_api import Page, expect

from tests.journeys.steps import (
    OWNER,
    control,
    letter,
    letters,
    look_over,
    pay,
    sign_in,
    sign_in_staff,
)
from tests.processes import Newsroom

EMAIL, NAME = "zlata.petrenko@example.org", "Zlata Petrenko-Kravets"
SUMS = """
SELECT currency, date_trunc('day', received_at), count(*), sum(amount_minor) FROM donation
GROUP BY 1, 2 ORDER BY 1, 2
"""


def become_a_patron_and_vote(newsroom: Newsroom, page: Page) -> None:
    page.goto(f"{newsroom.site_url}/give")
    page.get_by_text("€10", exact=True).first.click()
    page.get_by_label("Your name").fill(NAME)
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_role("button", name="Give €10 each month").click()
    pay(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    letter(page, newsroom, EMAIL, "receipt")
    sign_in(page, newsroom, EMAIL)
    page.goto(f"{newsroom.site_url}/vote")
    page.get_by_role("link", name="Vote on topics").click()
    page.locator("label[for^='topic-']").nth(0).click()
    page.get_by_role("button", name="Cast my ballot").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your ballot is cast")


def take(newsroom: Newsroom, page: Page) -> None:
    """Ask for the file on the account's page, fetch it by the letter, and read it."""
    page.goto(f"{newsroom.site_url}/account")
    page.get_by_role("link", name="Take your data").click()
    look_over(page)
    page.get_by_role("button", name="Make my file").click()
    letter(page, newsroom, EMAIL, "Your data are ready")
    page.locator("pre a[href*='/account/data']").click()
    look_over(page)
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download the file").click()
    with ZipFile(coming.value.path()) as packed:
        told = json.loads(packed.read("data.json"))["sections"]
        assert told["account"][0]["email"] == EMAIL
        assert told["gifts"][0]["amount"] == {"minor": 1000, "currency": "EUR"}
        assert len(told["votes"][0]["choices"]) == 1
        assert [name for name in packed.namelist() if name.endswith(".pdf")]
        html = packed.read("index.html").decode()
    page.context.set_offline(True)
    page.set_content(html)
    expect(page.get_by_text(NAME).first).to_be_visible()
    look_over(page)
    page.context.set_offline(False)


def ask_and_confirm(newsroom: Newsroom, page: Page, count: int) -> None:
    page.goto(f"{newsroom.site_url}/account/erase")
    look_over(page)
    page.get_by_role("button", name="Send me the letter").click()
    expect(page.get_by_text(f"A letter is on its way to {EMAIL}.")).to_be_visible()
    letter(page, newsroom, EMAIL, "Erase all your data", count)
    page.locator("pre a[href*='/erase/confirm/']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Erase all your data?")
    look_over(page)
    page.get_by_role("button", name="Yes, erase my data").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your data will be erased")


def undo(newsroom: Newsroom, page: Page) -> None:
    letter(page, newsroom, EMAIL, "Your data will be erased on")
    page.locator("pre a[href*='/erase/undo/']").click()
    look_over(page)
    page.get_by_role("button", name="Do not erase my data").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is erased")


def seven_days_pass(newsroom: Newsroom) -> None:
    """Its day comes nearer by as much, and the clock does what is due."""
    newsroom.query(
        "UPDATE erasure SET asked_at = asked_at - %s, confirmed_at = confirmed_at - %s,"
        " comes_at = comes_at - %s, due_at = due_at - %s WHERE state = 'coming'",
        *[timedelta(days=7, seconds=1)] * 4,
    )
    newsroom.wait_until(
        lambda: not newsroom.query("SELECT 1 FROM erasure WHERE state IN ('coming', 'running')"),
        180,
        "it is done",
    )


def left_in(newsroom: Newsroom, *words: str) -> list[str]:
    """Where in the database, in any column of any table, one of the words still stands."""
    tables = newsroom.query(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        " AND table_type = 'BASE TABLE' ORDER BY 1"
    )
    found = []
    for (table,) in tables:
        rows = newsroom.query(f'SELECT lower(to_jsonb(t)::text) FROM "{table}" AS t')
        texts = [row[0] for row in rows]
        found += [
            f"{table}: {word}"
            for word in words
            if any(word.lower() in text or word.encode().hex() in text for text in texts)
        ]
    return found


def at_stripe(newsroom: Newsroom, path: str) -> requests.Response:
    return requests.get(f"{newsroom.sandbox_url}/v1/{path}", auth=("sk_test_demo", ""), timeout=20)


def test_a_patron_takes_her_data_and_leaves_nothing_behind_while_a_vote_is_open(
    newsroom: Newsroom, reader: Page, staff: Page
) -> None:
    become_a_patron_and_vote(newsroom, reader)
    take(newsroom, reader)
    ((customer, subscription, round_id),) = newsroom.query(
        "SELECT stripe_customer_id, stripe_subscription_id, round_id FROM pledge"
        " JOIN account ON account.id = pledge.account_id JOIN participation USING (account_id)"
        " WHERE email = %s",
        EMAIL,
    )
    voters = "SELECT (SELECT count(*) FROM participation WHERE round_id = %s),"
    voters += " (SELECT count(*) FROM ballot WHERE round_id = %s)"
    ((took_part, ballots),) = newsroom.query(voters, round_id, round_id)
    sums = newsroom.query(SUMS)
    assert left_in(newsroom, EMAIL, NAME, customer)

    ask_and_confirm(newsroom, reader, 1)
    undo(newsroom, reader)
    ask_and_confirm(newsroom, reader, 2)
    seven_days_pass(newsroom)

    # In the mailbox: one last letter, and none after it.
    letter(reader, newsroom, EMAIL, "Your data have been erased")
    expect(reader.get_by_text("Customers deleted at Stripe").first).to_be_visible()
    # At Stripe: nobody of that name or address is a customer, and nothing is taken any more.
    assert at_stripe(newsroom, f"customers/{customer}").status_code == 404
    assert at_stripe(newsroom, f"customers?email={EMAIL}").json()["data"] == []
    assert at_stripe(newsroom, f"subscriptions/{subscription}").json()["status"] == "canceled"
    control(newsroom, reader, "advance", months=2)
    # In the database: nowhere, once what Stripe told of the end is emptied too.
    newsroom.wait_until(lambda: not left_in(newsroom, EMAIL, NAME, customer), 90, "nothing is left")
    assert newsroom.query(SUMS) == sums
    ((now_took_part, now_ballots),) = newsroom.query(voters, round_id, round_id)
    assert (now_took_part, now_ballots) == (took_part - 1, ballots - 1)
    assert re.search("erased", letters(newsroom, EMAIL)[0]["subject"])

    sign_in_staff(staff, newsroom, OWNER)
    staff.get_by_role("link", name="Erasures").click()
    look_over(staff)
    # The newest stands first; the demo newsroom has one of its own.
    staff.get_by_role("row").filter(has_text="Done").first.get_by_role("link").click()
    expect(staff.get_by_text("Accounts emptied of name and address")).to_be_visible()
    expect(staff.get_by_text(NAME)).to_have_count(0)
    look_over(staff)
