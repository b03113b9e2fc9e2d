"""Views of appeals: counted by the day, about nobody; and the appeal that led to a gift."""

import json
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.appeals import views
from app.extensions import db
from app.giving.arrivals import steps
from app.giving.arrivals.steps import Device, Step, Visit
from app.giving.models import Checkout, FunnelDay, Touch
from tasks.giving import count_steps
from tests.appeals.wordings import an_appeal
from tests.giving.steps import fill

DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
#: A site of the newsroom's own.
PAGE = "https://vilnyi-holos.example"
SEEN = {"appeal": "usual", "article": "night", "lang": "uk", "campaign": "Winter"}


def tell(
    client: FlaskClient,
    browser: str = DESK,
    page: str | None = PAGE,
    network: str = "192.0.2.7",
    **over: object,
) -> TestResponse:
    """A page of an origin tells that its appeal was on a screen."""
    headers = {"User-Agent": browser, "Content-Type": "text/plain;charset=UTF-8"}
    if page is not None:
        headers["Origin"] = page
    return client.post(
        "/embed/seen",
        data=json.dumps(SEEN | over),
        headers=headers,
        environ_base={"REMOTE_ADDR": network},
    )


def see(client: FlaskClient, **over: object) -> None:
    """A page of the newsroom's own tells that its appeal was on a screen."""
    answer = tell(client, **over)  # type: ignore[arg-type]
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == over.get("page", PAGE)
    assert answer.headers["Vary"] == "Origin"
    assert "Set-Cookie" not in answer.headers


def counted(step: str = "shown") -> dict[tuple[str, ...], int]:
    """What was counted at a step: language, device, campaign, article, appeal."""
    count_steps()
    return {
        (row.language, row.device, row.campaign, row.article, row.appeal): row.count
        for row in db.session.scalars(select(FunnelDay).where(FunnelDay.step == step))
    }


def test_every_view_is_counted_by_article_and_appeal(client: FlaskClient) -> None:
    made = an_appeal(both=True)
    for _look in range(3):
        see(client)
    see(client, appeal=f"{made.id}-1-b")
    assert counted() == {
        ("uk", "desktop", "winter", "night", "usual"): 3,
        ("uk", "desktop", "winter", "night", f"{made.id}-1-b"): 1,
    }


@pytest.mark.parametrize(
    "over",
    [
        {"browser": "Googlebot/2.1"},
        {"browser": ""},
        {"lang": "xx"},
        {"appeal": "999-1-a"},
        {"appeal": "something else"},
        {"appeal": ["usual"]},
    ],
)
def test_robots_and_what_we_do_not_show_are_not_counted(
    client: FlaskClient, over: dict[str, str]
) -> None:
    see(client, **over)
    assert counted() == {}


def test_an_appeal_that_is_off_or_was_changed_is_not_counted(client: FlaskClient) -> None:
    made = an_appeal(on=False)
    see(client, appeal=f"{made.id}-1-a")
    other = an_appeal()
    see(client, appeal=f"{other.id}-2-a")
    assert counted() == {}


@pytest.mark.parametrize("page", ["https://www.vilnyi-holos.example", "http://localhost"])
def test_pages_of_the_newsrooms_own_sites_and_ours_may_tell(client: FlaskClient, page: str) -> None:
    see(client, page=page)
    assert sum(counted().values()) == 1


@pytest.mark.parametrize(
    "page", [None, "", "null", "https://other.example", "https://vilnyi-holos.example.evil.example"]
)
def test_what_another_site_tells_is_refused(client: FlaskClient, page: str | None) -> None:
    answer = tell(client, page=page)
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert counted() == {}


def test_one_network_cannot_use_up_the_room_of_a_day(client: FlaskClient) -> None:
    most = views.FIRST.most
    assert most < steps.MOST_APART / 10
    for number in range(most + 5):
        # Its addresses are of one block.
        see(client, article=f"made-up-{number}", network=f"192.0.2.{number % 250}")
    see(client, article="night", network="198.51.100.1")
    # What is known already it may tell of as often as it is seen.
    see(client, article="night")
    told = {key[3]: count for key, count in counted().items()}
    assert len(told) == most + 2
    assert (told[steps.OTHERS], told["night"]) == (5, 2)


@pytest.mark.parametrize("body", [b"", b"\xff\x00", b"[1]", b'{"appeal": "\\u0000"}', b"x" * 9000])
def test_nonsense_breaks_nothing(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/embed/seen", data=body, headers={"Origin": PAGE})
    assert answer.status_code in (204, 413)
    assert counted() == {}


def test_the_appeal_travels_to_the_gift_and_into_the_steps(client: FlaskClient) -> None:
    client.environ_base["HTTP_USER_AGENT"] = DESK
    page = "&title=Who+poisons+the+river&url=https://news.example/night?reader=7%23top"
    path = f"/give?article=night&place=under-text&appeal=12-1-a{page}"
    assert fill(client, path, amount="10").status_code == 303
    touch = db.session.scalars(select(Touch).where(Touch.turn == "last")).one()
    assert (touch.article, touch.place, touch.appeal) == ("night", "under-text", "12-1-a")
    assert touch.title == "Who poisons the river"
    # What follows the path may say who reads.
    assert touch.url == "https://news.example/night"
    for step in ("seen", "sent"):
        assert counted(step) == {("en", "desktop", "", "night", "12-1-a"): 1}


@pytest.mark.parametrize("escaped", ["%25D1%2580%25D1%2596%25D1%2587", "%25d1%2580%25d1%2596ч"])
def test_an_article_told_in_letters_and_in_escapes_is_one(
    client: FlaskClient, escaped: str
) -> None:
    client.environ_base["HTTP_USER_AGENT"] = DESK
    for article in ("/2026/річ", "/2026/%D1%80%D1%96%D1%87"):
        see(client, article=article)
    assert counted() == {("uk", "desktop", "winter", "/2026/річ", "usual"): 2}
    assert fill(client, f"/give?article=/2026/{escaped}", amount="10").status_code == 303
    assert set(db.session.scalars(select(Touch.article))) == {"/2026/річ"}
    assert db.session.scalars(select(Checkout.article)).one() == "/2026/річ"
    assert counted("sent") == {("en", "desktop", "", "/2026/річ", ""): 1}


def test_an_amount_chosen_under_the_article_is_chosen_on_the_page(client: FlaskClient) -> None:
    card = client.get("/give?amount=20&interval=month").text
    assert 'value="20" checked' in card or 'checked id="amount-2"' in card
    own = client.get("/give?amount=7.50&interval=month").text
    assert 'value="7.50"' in own
    odd = client.get("/give?amount=%3Cscript%3E&interval=x")
    assert odd.status_code == 200
    assert "<script>alert" not in odd.text


def test_beyond_so_many_articles_the_appeal_is_still_told_and_visits_keep_their_room(
    app: Flask,
) -> None:
    for article in ("one", "two", "three"):
        for step in (Step.SHOWN, Step.SEEN):
            visit = Visit(date(2026, 8, 3), step, "en", Device.PHONE, "", article, "1-1-a")
            steps.count(visit, most=2)
    assert counted("shown") == {
        ("en", "phone", "", "one", "1-1-a"): 1,
        ("en", "phone", "", "two", "1-1-a"): 1,
        ("en", "phone", "*", "*", "1-1-a"): 1,
    }
    assert counted("seen")["en", "phone", "", "two", "1-1-a"] == 1


def test_what_an_earlier_release_counted_is_folded_without_an_appeal(app: Flask) -> None:
    old = json.dumps(["2026-08-03", "seen", "en", "phone", "winter", "night"])
    app.extensions["redis"].hincrby(steps.NEW, old, 4)
    assert counted("seen") == {("en", "phone", "winter", "night", ""): 4}
