"""An attack on the real processes: robots from many addresses, cards that fail, readers between."""

import itertools
import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from config.local.postgres import Postgres
from config.local.services import scratch_home
from tests.giving.steps import ANN, gift_form
from tests.pages import form_of
from tests.processes import Newsroom
from tests.resilience.outside import Outside

ADDRESSES, SIGNUPS, ROBOTS = 200, 1_000, 4
FAILS = "4000000000000002"
LINK = re.compile(r"/give/confirm/[\w.-]+")
SESSION = re.compile(r"cs_test_\w+")


@pytest.fixture(scope="module")
def newsroom(postgres: Postgres) -> Iterator[Newsroom]:
    """A newsroom behind a proxy, with its staff."""
    with (
        scratch_home() as home,
        Newsroom(postgres, home, fill=True, TRUSTED_PROXIES="1") as running,
    ):
        yield running


class Visitor:
    """A browser without JavaScript at an address of its own."""

    def __init__(self, newsroom: Newsroom, address: str) -> None:
        self.site = newsroom.site_url
        self.web = requests.Session()
        self.web.headers["X-Forwarded-For"] = address
        self.form = gift_form(self.web.get(f"{self.site}/give", timeout=30))

    def give(self, email: str) -> requests.Response:
        """Send the form under an id of its own; return the answer as it leads on."""
        values = self.form | ANN | {"email": email, "gift_id": str(uuid.uuid4())}
        return self.web.post(f"{self.site}/give", values, allow_redirects=False, timeout=30)

    def follow(self, link: str) -> requests.Response:
        """Open a letter's link and press its button."""
        opened = self.web.get(self.site + link, timeout=30)
        return self.web.post(self.site + link, form_of(opened), allow_redirects=False, timeout=30)


def attack(newsroom: Newsroom, outside: Outside) -> None:
    """Begin gifts from every address, and try a card that fails wherever a page opens."""
    numbers = itertools.count()
    crowd = [Visitor(newsroom, f"198.18.{number}.9") for number in range(ADDRESSES)]

    def rob(robot: int) -> None:
        for visitor in itertools.islice(itertools.cycle(crowd[robot::ROBOTS]), SIGNUPS // ROBOTS):
            answer = visitor.give(f"mule{next(numbers)}@example.net")
            page = SESSION.search(answer.headers.get("Location", ""))
            if page:
                tried = outside.control("complete", session=page[0], card=FAILS)
                assert tried["step"] != "paid"

    with ThreadPoolExecutor(ROBOTS) as robots:
        list(robots.map(rob, range(ROBOTS)))


def letters(newsroom: Newsroom, to: str) -> list[dict[str, str]]:
    """The letters that came to an address."""
    answer = requests.get(f"{newsroom.sandbox_url}/mailbox.json", {"to": to}, timeout=30)
    found: list[dict[str, str]] = answer.json()["letters"]
    return found


def give(newsroom: Newsroom, outside: Outside, number: int) -> None:
    """Give as a reader does, by the letter where one is asked for, and pay."""
    email = f"reader{number}@between.example"
    visitor = Visitor(newsroom, f"203.0.113.{number}")
    answer = visitor.give(email)
    assert answer.status_code == 303
    if answer.headers["Location"] == "/give/letter":
        newsroom.wait_until(lambda: letters(newsroom, email), 60, "the letter")
        link = LINK.search(letters(newsroom, email)[0]["text"])
        assert link is not None
        answer = visitor.follow(link[0])
    page = SESSION.search(answer.headers["Location"])
    assert page is not None
    assert outside.control("complete", session=page[0], card="4242424242424242")["step"] == "paid"


def test_hardly_a_robot_reaches_stripe_and_every_reader_gives(
    newsroom: Newsroom, outside: Outside
) -> None:
    give(newsroom, outside, 1)
    attack(newsroom, outside)
    for number in (2, 3):
        give(newsroom, outside, number)
    newsroom.wait_until(
        lambda: (
            newsroom.query(
                "SELECT count(*) FROM donation JOIN account ON account.id = account_id"
                " WHERE email LIKE '%%@between.example'"
            )
            == [(3,)]
        ),
        60,
        "three donations",
    )
    [(reached,)] = newsroom.query(
        "SELECT count(*) FROM checkout JOIN account ON account.id = account_id"
        " WHERE email LIKE 'mule%%' AND stripe_session_id IS NOT NULL"
    )
    assert 0 < reached < 50
    told = "SELECT count(*), count(DISTINCT account_id) FROM letter WHERE kind = 'shield_raised'"
    [(alerts, staff)] = newsroom.query(told)
    assert alerts == staff > 0
    assert newsroom.query("SELECT why, lowered_at FROM shield_log") == [("pressure", None)]
