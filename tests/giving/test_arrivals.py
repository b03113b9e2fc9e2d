"""How readers came: kept in the browser until they give, then final beside what they began."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from app.accounts import sessions
from app.accounts.models import Account
from app.clock import utcnow
from app.current import zone
from app.extensions import db
from app.giving import settlement
from app.giving.arrivals import touches
from app.giving.arrivals.touches import MOST, Came, Touch
from app.giving.gift import checkouts, confirmations, leftovers
from app.giving.models import Checkout, Pledge
from app.giving.models import Touch as Row
from app.giving.rules import Interval
from app.money import Money
from tests.builders import a_staff_member
from tests.giving.facts import paid
from tests.giving.steps import ANN, fill, gift_form
from tests.pages import form_of

AUGUST = datetime(2026, 8, 3, 9, 30, tzinfo=UTC)
TAGGED = (
    "/give?article=night-shift&utm_source=Telegram&utm_medium=Post&utm_campaign=Winter-2026"
    "&utm_content=b&utm_term=power&place=End"
)
ARTICLE_PAGE = "https://www.news.example/2026/night-shift?reader=ann@example.org"


def kept(turn: str) -> Row | None:
    """The touch that stands beside the newest checkout."""
    newest = select(Checkout.id).order_by(Checkout.created_at.desc()).limit(1)
    return db.session.scalars(
        select(Row).where(Row.checkout_id == newest.scalar_subquery(), Row.turn == turn)
    ).one_or_none()


def told(turn: str) -> dict[str, Any]:
    """What a touch tells, without what it does not."""
    row = kept(turn)
    assert row is not None
    found = {name: getattr(row, name) for name in touches.TEXTS}
    return {name: value for name, value in found.items() if value is not None}


def test_what_the_link_told_is_kept_with_the_pledge(client: FlaskClient) -> None:
    client.get(TAGGED, headers={"Referer": ARTICLE_PAGE})
    assert fill(client).status_code == 303
    pledge = db.session.scalars(select(Pledge)).one()
    first, last = kept("first"), kept("last")
    assert (
        told("first")
        == told("last")
        == {
            "article": "night-shift",
            "campaign": "winter-2026",
            "source": "telegram",
            "medium": "post",
            "content": "b",
            "term": "power",
            "place": "end",
            # The host of the page that led here, and never who read it.
            "referrer": "news.example",
        }
    )
    assert first is not None
    assert last is not None
    assert first.pledge_id == last.pledge_id == pledge.id
    assert last.on == utcnow().astimezone(zone()).date()
    assert pledge.article == "night-shift"


def test_the_first_touch_stays_and_the_last_is_replaced(client: FlaskClient) -> None:
    for path in ("/give?article=one", "/give?campaign=two", "/give?article=three&ref=letter"):
        client.get(path)
    fill(client)
    assert told("first") == {"article": "one"}
    assert told("last") == {"article": "three", "source": "letter"}
    assert db.session.scalars(select(Pledge.article)).one() == "three"


def test_a_gift_given_once_keeps_its_touches_too(client: FlaskClient) -> None:
    fill(client, "/give?campaign=winter", interval="once", amount="10")
    assert told("last") == {"campaign": "winter"}
    row = kept("last")
    assert row is not None
    assert row.pledge_id is None


def test_who_tells_nothing_has_no_touch(client: FlaskClient) -> None:
    fill(client)
    assert kept("first") is kept("last") is None


@pytest.mark.parametrize(
    "page",
    ["http://localhost/vote", "https://checkout.stripe.com/c/pay/cs_1", "about:blank", "http://[x"],
)
def test_our_own_pages_and_those_of_the_payment_lead_nobody_here(
    client: FlaskClient, page: str
) -> None:
    client.get("/give?campaign=winter")
    client.get("/give", headers={"Referer": page})
    fill(client)
    assert told("last") == {"campaign": "winter"}


def test_looking_again_by_the_article_alone_forgets_no_campaign(client: FlaskClient) -> None:
    client.get("/give?article=night&campaign=winter")
    fill(client, "/give?article=night&currency=EUR")
    assert told("last") == {"article": "night", "campaign": "winter"}


def test_a_form_of_another_article_in_a_second_window_is_a_touch(client: FlaskClient) -> None:
    form = gift_form(client.get("/give?article=one"))
    client.get("/give?article=two")
    client.post("/give?article=one", data=form | ANN)
    assert (told("first"), told("last")) == ({"article": "one"}, {"article": "one"})


def test_long_and_odd_texts_are_cut_and_fit_into_a_cookie(client: FlaskClient) -> None:
    odd = "Дуже\tдовга\nназва \U0001f9c5 "
    names = ["article", "campaign", "utm_source", "utm_medium", "utm_content", "utm_term", "place"]
    names += ["appeal"]
    for lap in ("1", "2"):
        answer = client.get(
            "/give",
            query_string=dict.fromkeys(names, lap + odd * 40),
            headers={"Referer": f"https://{'x' * 60}{lap}.{'y' * 60}.example/"},
        )
        assert len(answer.headers["Set-Cookie"]) < 4096
    fill(client)
    found = told("last")
    assert set(found) == set(touches.TEXTS)
    assert found["campaign"].startswith("2дуже довга")
    assert all(len(value) <= MOST[name] for name, value in found.items())
    assert told("first")["article"].startswith("1Дуже довга назва")


def test_the_whole_name_of_a_long_article_is_kept(client: FlaskClient) -> None:
    article = "Ніч-у-Харкові-" * 20
    fill(client, f"/give?article={article}")
    assert told("last")["article"] == db.session.scalars(select(Pledge.article)).one() == article


def test_the_whole_name_of_an_article_in_escapes_is_kept(client: FlaskClient) -> None:
    name = "/2026/" + "річка-" * 40
    query = urlencode({"article": quote(name), "url": f"https://news.example{quote(name)}"})
    fill(client, f"/give?{query}")
    (touch,) = db.session.scalars(select(Row).where(Row.turn == "last"))
    assert (touch.article, touch.url) == (name, f"https://news.example{name}")


def test_a_cookie_of_another_shape_tells_nothing_and_breaks_nothing(client: FlaskClient) -> None:
    with client.session_transaction() as session:
        session[touches.KEY] = [["2026-08-03", "only", "these"], "x"]
    assert fill(client).status_code == 303
    assert kept("last") is None


def test_neither_the_same_form_again_nor_payment_changes_a_touch(client: FlaskClient) -> None:
    form = gift_form(client.get("/give?campaign=first"))
    client.post("/give", data=form | ANN)
    client.get("/give?campaign=second")
    client.post("/give", data=form | ANN)
    pledge = db.session.scalars(select(Pledge)).one()
    settlement.apply([paid(pledge)], now=AUGUST)
    db.session.commit()
    assert told("last") == {"campaign": "first"}
    with pytest.raises(IntegrityError, match="never changed"):
        db.session.execute(text("UPDATE touch SET campaign = 'other'"))
    db.session.rollback()


def test_a_gift_confirmed_in_another_browser_keeps_how_its_reader_came(
    client: FlaskClient,
) -> None:
    fill(client, "/give?campaign=winter")
    checkout = db.session.scalars(select(Checkout)).one()
    other = client.application.test_client()
    address = f"/give/confirm/{confirmations.token(checkout.id)}"
    other.get("/give?campaign=other")
    assert other.post(address, data=form_of(other.get(address))).status_code == 303
    assert told("last") == {"campaign": "winter"}


def test_signing_in_forgets_nothing_of_how_a_reader_came(app: Flask) -> None:
    member = a_staff_member()
    with app.test_request_context():
        touches.note(session, Touch(date(2026, 8, 3), campaign="winter"))
        session["awaited_next"] = "/elsewhere"
        sessions.await_second_factor(member, "/staff", now=utcnow())
        sessions.begin(member, second_factor=True, now=utcnow())
        assert touches.came(session).first == Touch(date(2026, 8, 3), campaign="winter")
        assert "awaited_next" not in session


def test_touches_go_with_an_attempt_that_led_to_nothing(client: FlaskClient) -> None:
    gift = checkouts.Gift(
        uuid4(),
        Money(500, "EUR"),
        Interval.MONTH,
        "ann@example.org",
        "Ann",
        "en",
        listed=False,
        article=None,
        came=Came(Touch(AUGUST.date(), campaign="winter"), None, "phone"),
    )
    checkout = checkouts.start(gift, now=AUGUST)
    assert (checkout.device, told("first")) == ("phone", {"campaign": "winter"})
    db.session.get_one(Account, checkout.account_id).created_at = AUGUST
    db.session.commit()
    assert leftovers.forget(now=AUGUST + timedelta(days=8)) == 1
    assert db.session.scalars(select(Row)).all() == []
    db.session.execute(delete(Checkout))


def test_a_day_is_the_newsrooms(client: FlaskClient) -> None:
    session: dict[str, Any] = {}
    assert touches.note(session, Touch(date(2026, 8, 3), campaign="winter"))
    assert not touches.note(session, Touch(date(2026, 8, 4), campaign="winter"))
    assert touches.came(session).last == Touch(date(2026, 8, 3), campaign="winter")
