"""What readers find on the pages of rounds, before, during and after a vote."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.clock import utcnow
from app.extensions import db
from app.voting import casting, results, rounds
from app.voting.tally import Method
from tests.builders import a_patron, a_staff_member, signed_in
from tests.pages import form_of
from tests.voting.builders import a_draft, an_open_round, time_passes, votes
from tests.voting.pages import address


def test_each_patron_has_an_order_of_their_own_that_stays_and_can_sort_by_name(
    client: FlaskClient,
) -> None:
    round_ = an_open_round(topics=5)

    def order(path: str) -> list[str]:
        return re.findall(r'<label for="topic-(\d)"', client.get(path).text)

    orders = set()
    for _ in range(6):
        signed_in(client, a_patron())
        first = order(address(round_))
        assert first == order(address(round_))
        orders.add(tuple(first))
    assert len(orders) > 1
    assert order(address(round_, "?order=az")) == ["3", "1", "4", "2", "5"]


def test_a_round_that_nobody_opened_is_not_there(client: FlaskClient) -> None:
    a_draft(title="Not yet")
    assert "Not yet" not in client.get("/vote").text
    assert client.get("/vote/2026-01").status_code == 404
    assert client.get("/vote/None").status_code == 404
    signed_in(client, a_patron())
    assert client.get("/vote/2026-01/thanks").status_code == 404


def test_a_ballot_for_a_round_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    round_ = an_open_round()
    signed_in(client, a_patron())
    window = form_of(client.get(address(round_)))
    assert client.post("/vote/1999-01", data=window).status_code == 404


def test_a_round_that_opens_later_takes_no_ballots_yet(client: FlaskClient) -> None:
    draft = a_draft(opens_at=utcnow() + timedelta(hours=2))
    round_ = rounds.open_(draft.id, now=utcnow())
    patron = a_patron()
    with pytest.raises(casting.RoundClosed):
        votes(patron, round_, 1)
    signed_in(client, patron)
    page = client.get(address(round_))
    assert "This round opens on" in page.text
    assert "Opens on" in client.get("/vote").text


def test_a_void_round_says_why(client: FlaskClient) -> None:
    round_ = an_open_round()
    rounds.void(round_.id, "A topic was missing.", now=utcnow())
    assert "A topic was missing." in client.get(address(round_)).text
    assert client.get(address(round_, "/result")).status_code == 302


def test_between_close_and_count_the_page_says_so(client: FlaskClient) -> None:
    round_ = an_open_round()
    time_passes(round_)
    assert "are being counted" in client.get(address(round_)).text
    assert "Being counted" in client.get("/vote").text


def test_the_result_page_tells_who_won_with_every_count(client: FlaskClient) -> None:
    round_ = an_open_round(method=Method.SHARE_THE_WINS, seats=2, quorum=50)
    for choices in ((1, 2), (1, 2), (1, 2), (1, 3), ()):
        votes(a_patron(), round_, *choices)
    time_passes(round_)
    results.close_and_tally(round_.id, now=utcnow())
    page = client.get(address(round_), follow_redirects=True)
    assert page.request.path == address(round_, "/result")
    for words in (
        "“Power cuts in Kharkiv”, “Veterans looking for work”.",
        "4 votes",
        "5 ballots were counted.",
        "1 blank ballot counts for the turnout only.",
        "the turnout is 100%",
        "Fewer than 50 ballots were cast",
        # Each of three ticks counted one half.
        "1 1/2",
    ):
        assert words in page.text
    assert "Chosen: Power cuts in Kharkiv; Veterans looking for work" in client.get("/vote").text


def test_nobody_finds_totals_on_any_page_before_the_close(client: FlaskClient) -> None:
    round_ = an_open_round()
    for _ in range(7):
        votes(a_patron(), round_, 3)
    signed_in(client, a_staff_member("owner"))
    for path in (
        address(round_),
        address(round_, "/result"),
        "/vote",
        "/staff/rounds",
        f"/staff/rounds/{round_.id}",
    ):
        page = client.get(path, follow_redirects=True)
        assert page.status_code == 200
        assert "7 votes" not in page.text
        assert "Chosen" not in page.text
    assert "7 of 7 patrons have voted" in client.get(f"/staff/rounds/{round_.id}").text


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("", 3),
        ("/{slug}", 3),
        ("/{slug}/result", 3),
        # It also offers the letters that the voter has not agreed to yet.
        ("/{slug}/thanks", 4),
    ],
)
def test_a_readers_page_asks_the_database_few_times(
    app: Flask, client: FlaskClient, path: str, most: int
) -> None:
    round_, patron = an_open_round(), a_patron()
    signed_in(client, patron)
    votes(patron, round_, 1)
    if path.endswith("result"):
        time_passes(round_)
        results.close_and_tally(round_.id, now=utcnow())
    statements: list[str] = []
    listener = lambda *said: statements.append(said[2])  # noqa: E731 - SQLAlchemy's own arguments
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        page = client.get(f"/vote{path.format(slug=round_.slug)}")
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    assert page.status_code == 200
    assert len(statements) <= most, statements


@pytest.mark.parametrize(
    ("method", "says"),
    [
        (Method.MOST_WANTED, "The 2 topics with the most ticks win."),
        (Method.SHARE_THE_WINS, "your other ticks count one half, then one third"),
    ],
)
def test_the_ballot_says_how_it_will_be_counted(
    client: FlaskClient, method: Method, says: str
) -> None:
    round_ = an_open_round(method=method, seats=2, quorum=30)
    signed_in(client, a_patron())
    page = client.get(address(round_)).text
    assert says in page
    assert "With fewer than 30 ballots the result is advice." in page
    signed_in(client, a_staff_member("editor"))
    assert says in client.get(f"/staff/rounds/{round_.id}/preview").text
