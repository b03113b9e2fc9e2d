"""Links in letters: one act on one pledge, once, without signing in, and nothing else."""

import re
import string
import uuid
from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.giving import pledges
from app.giving.models import PledgeChange, SpentLink
from app.giving.wishes import links
from app.giving.wishes.links import Purpose
from app.letters.models import Letter
from app.money import Money
from tests.builders import a_pledge, a_reader
from tests.fakes import FakeGateway
from tests.giving.facts import seen
from tests.giving.letter_links import a_link, press, the_change

ACTING = [Purpose.PAUSE, Purpose.LOWER, Purpose.SKIP, Purpose.CANCEL, Purpose.ONCE]


def test_opening_a_link_changes_nothing_and_names_nobody(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    _pledge, path = a_link(Purpose.CANCEL)
    answer = client.get(path)
    assert answer.status_code == 200
    assert "You give €20 a month to Vilnyi Holos." in answer.text
    for private in ("olena", "Olena", "Marchenko", "example.org"):
        assert private not in answer.text.replace("vilnyi-holos.example", "")
    assert gateway.acts == []
    assert db.session.scalars(select(PledgeChange)).all() == []


def test_a_link_tells_no_other_site_and_no_search_engine_and_gives_no_session(
    client: FlaskClient,
) -> None:
    _pledge, path = a_link(Purpose.CANCEL)
    for answer in (client.get(path), press(client, path), client.get(path)):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"].startswith("noindex")
        assert "Set-Cookie" not in answer.headers
    assert client.get("/pledge").location.startswith("/sign-in")


@pytest.mark.parametrize(
    ("purpose", "act", "kind"),
    [
        (Purpose.PAUSE, "pause", "pause"),
        (Purpose.SKIP, "pause", "pause"),
        (Purpose.LOWER, "change_terms", "amount"),
        (Purpose.CANCEL, "end_at", "leave"),
        (Purpose.ONCE, "end_now", "leave_now"),
    ],
)
def test_a_press_acts_once_from_a_browser_that_knows_nothing(
    client: FlaskClient, gateway: FakeGateway, purpose: Purpose, act: str, kind: str
) -> None:
    pledge, path = a_link(purpose)
    answer = press(client, path)
    assert (answer.status_code, answer.location) == (303, path)
    assert [asked for asked, _subject, _how in gateway.acts] == [act]
    change = the_change()
    assert (change.kind, change.via) == (kind, "letter")
    assert change.by_account_id == pledge.account_id
    page = client.get(path)
    assert "This is done" in page.text
    assert "/sign-in?next=/pledge" in page.text
    again = client.post(path, data={"choice": "6"})
    assert "This is done" in again.text
    assert len(gateway.acts) == 1


def test_what_is_chosen_is_done(client: FlaskClient, gateway: FakeGateway) -> None:
    _pledge, path = a_link(Purpose.LOWER)
    page = client.get(path)
    assert re.findall(r'value="(\d+)"', page.text) == ["1500", "1000", "500"]
    press(client, path, choice="500")
    assert gateway.acts[0][2]["terms"].amount == Money(500, "EUR")


def test_a_pause_has_the_length_chosen(client: FlaskClient, gateway: FakeGateway) -> None:
    pledge, path = a_link(Purpose.PAUSE)
    press(client, path, choice="6")
    assert pledge.paid_until is not None
    months = (gateway.acts[0][2]["resumes_at"] - pledge.paid_until).days // 30
    assert months == 6


@pytest.mark.parametrize(
    ("purpose", "choice"),
    [(Purpose.PAUSE, "5"), (Purpose.PAUSE, "x"), (Purpose.PAUSE, ""), (Purpose.LOWER, "100")],
)
def test_nothing_but_what_was_offered_can_be_chosen(
    client: FlaskClient, gateway: FakeGateway, purpose: Purpose, choice: str
) -> None:
    _pledge, path = a_link(purpose)
    assert client.post(path, data={"choice": choice}).status_code == 200
    assert gateway.acts == []


@pytest.mark.parametrize("purpose", [*ACTING, Purpose.CARD])
def test_when_stripe_is_silent_the_link_still_works_and_asks_for_the_same(
    client: FlaskClient, gateway: FakeGateway, purpose: Purpose
) -> None:
    _pledge, path = a_link(purpose)
    gateway.down = True
    answer = press(client, path)
    assert answer.status_code == 503
    assert "nothing has changed" in answer.text
    assert db.session.scalars(select(SpentLink)).all() == []
    gateway.down = False
    asked = db.session.scalars(select(PledgeChange.id)).all()
    assert press(client, path).status_code == 303
    assert db.session.scalars(select(PledgeChange.id)).all() == asked


def test_a_wish_whose_answer_was_lost_is_done_once_its_event_has_told(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    pledge, path = a_link(Purpose.LOWER)
    gateway.down = True
    assert press(client, path, choice="1000").status_code == 503
    gateway.down = False
    pledges.apply(seen(pledge, amount=Money(1000, "EUR"), seen_at=utcnow()), now=utcnow())
    db.session.commit()
    assert "This is done" in client.post(path, data={"choice": "500"}).text
    assert gateway.acts == []


@pytest.mark.parametrize("purpose", [*ACTING, Purpose.CARD])
def test_a_pledge_that_has_ended_leaves_a_link_nothing_to_do(
    client: FlaskClient, gateway: FakeGateway, purpose: Purpose
) -> None:
    _pledge, path = a_link(purpose, status="ended")
    assert "There is nothing to do here now" in client.get(path).text
    assert "There is nothing to do here now" in client.post(path).text
    assert gateway.acts == []


@pytest.mark.parametrize("purpose", ACTING)
def test_who_is_leaving_already_is_not_made_to_leave_at_once(
    client: FlaskClient, gateway: FakeGateway, purpose: Purpose
) -> None:
    pledge, path = a_link(purpose)
    pledge.ends_at = pledge.paid_until
    db.session.commit()
    for answer in (client.get(path), client.post(path)):
        assert "There is nothing to do here now" in answer.text
    assert gateway.acts == []


def test_forged_mistyped_and_old_links_lead_to_signing_in(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    _pledge, path = a_link(Purpose.CANCEL)
    _other, old = a_link_of_another(timedelta(days=61))
    forged = path[:-5] + ("A" if path[-5] != "A" else "B") + path[-4:]
    for dead in (forged, path[:-9], "/l/x", "/l/%D0%B0", f"{forged}/card", f"{path}/card", old):
        for answer in (client.get(dead), client.post(dead)):
            if dead.endswith("/card") and answer.status_code == 405:
                continue
            assert answer.status_code == 410
            assert "/sign-in?next=/pledge" in answer.text
    assert gateway.acts == []


def a_link_of_another(age: timedelta) -> tuple[Account, str]:
    account = a_reader()
    pledge = a_pledge(account)
    letter = Letter(
        id=uuid.uuid4(), kind="x", matter="2", account_id=account.id, created_at=utcnow() - age
    )
    address = links.for_letter(letter, pledge, Purpose.CANCEL)["cancel"]
    return account, address.removeprefix("http://localhost")


def test_a_link_spelled_in_another_way_is_the_same_link(app: Flask) -> None:
    """The last sign of a signature holds two bits that mean nothing."""
    _pledge, path = a_link(Purpose.CANCEL)
    token, read = path.removeprefix("/l/"), []
    for sign in string.ascii_letters + string.digits + "-_":
        with suppress(links.DeadLink):
            read.append(links.read(token[:-1] + sign, now=utcnow()))
    assert len(read) == 4
    assert len({(link.token_hash, link.act_id) for link in read}) == 1


def test_a_letter_written_again_has_the_same_links_and_each_its_own(app: Flask) -> None:
    account = a_reader()
    pledge = a_pledge(account)
    letter = Letter(
        id=uuid.uuid4(), kind="x", matter="3", account_id=account.id, created_at=utcnow()
    )
    first = links.for_letter(letter, pledge, *Purpose)
    assert first == links.for_letter(letter, pledge, *Purpose)
    assert len(set(first.values())) == len(Purpose)
    assert all(len(address) < 140 for address in first.values())
    other = Letter(
        id=uuid.uuid4(), kind="x", matter="4", account_id=account.id, created_at=letter.created_at
    )
    assert set(first.values()).isdisjoint(links.for_letter(other, pledge, *Purpose).values())


def test_what_is_kept_of_a_link_is_forgotten_once_the_link_is_too_old(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    _pledge, path = a_link(Purpose.CANCEL)
    press(client, path)
    assert links.forget(before=utcnow() - timedelta(days=1)) == 0
    assert links.forget(before=utcnow() + timedelta(days=1)) == 1


def test_a_page_is_in_the_language_of_the_letter(client: FlaskClient) -> None:
    pledge, path = a_link(Purpose.CANCEL)
    db.session.get_one(Account, pledge.account_id).locale = "uk"
    db.session.commit()
    assert '<html lang="uk">' in client.get(path).text
    assert '<html lang="en">' in client.get(path + "?lang=en").text
