"""Patrons of a running newsroom, each with a browser that is signed in, and the rounds they get."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask

from app import create_app
from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.voting import ballots, results, rounds
from app.voting.models import Round
from app.voting.tally import Method, TieRule
from config.settings import Settings
from tests.builders import a_patron, signed_in
from tests.pages import form_of
from tests.processes import Newsroom
from tests.voting.builders import an_open_round, time_passes, votes


@dataclass
class Window:
    """One window with a ballot in it."""

    web: requests.Session
    address: str
    form: dict[str, str]

    def cast(self, choices: Collection[int]) -> requests.Response:
        """Tick and send."""
        filled: dict[str, Any] = {**self.form, "choices": [str(choice) for choice in choices]}
        return self.web.post(self.address, filled, allow_redirects=False, timeout=60)


class Electorate:
    """What the tests of races need of a newsroom's inside: its database and its secrets."""

    def __init__(self, newsroom: Newsroom) -> None:
        found = {name: newsroom.env.get(name.upper()) for name in Settings.model_fields}
        given: dict[str, Any] = {name: value for name, value in found.items() if value}
        self.newsroom = newsroom
        self.app = create_app(Settings(**given | {"log_level": "ERROR"}))

    @contextmanager
    def inside(self) -> Iterator[Flask]:
        """Work in the newsroom's own database."""
        with self.app.app_context():
            yield self.app
            db.session.remove()

    def close(self) -> None:
        """Let go of every connection."""
        with self.app.app_context():
            db.engine.dispose()

    def round(self, *, lasts: timedelta = timedelta(days=7), tell: bool = False) -> Round:
        """An open round, of which nobody is told yet."""
        with self.inside():
            opened = an_open_round(lasts=lasts)
            if not tell:
                kept = rounds.locked(opened.id)
                kept.told_at = utcnow()
                kept.due_at = kept.closes_at
                db.session.commit()
            return opened

    def published(
        self,
        ticks: Sequence[Collection[int]],
        *,
        method: Method,
        tie_rule: TieRule,
        export_from: int,
    ) -> Round:
        """A round in which as many patrons voted as there are ticks, with its result."""
        with self.inside():
            opened = an_open_round(method=method, tie_rule=tie_rule, seats=2)
            opened.export_from = export_from
            db.session.commit()
            for choices in ticks:
                votes(a_patron(), opened, *choices)
            time_passes(opened)
            results.close_and_tally(opened.id, now=utcnow(), tell=False)
            return opened

    def patrons(self, count: int) -> list[tuple[Account, requests.Session]]:
        """New patrons, each with a browser."""
        with self.inside():
            people = [a_patron() for _ in range(count)]
            return [(person, self._browser(person)) for person in people]

    def _browser(self, person: Account) -> requests.Session:
        client = signed_in(self.app.test_client(), person)
        cookie = client.get_cookie("session")
        assert cookie is not None
        web = requests.Session()
        # Under the site's own name, or the site's next cookie would stand beside it.
        host = urlsplit(self.newsroom.site_url).hostname or ""
        web.cookies.set("session", cookie.value, domain=host, path="/")
        return web

    def window(self, web: requests.Session, round_: Round) -> Window:
        """Open the ballot's page."""
        address = f"{self.newsroom.site_url}/vote/{round_.slug}"
        page = web.get(address, timeout=60)
        assert page.status_code == 200, page.text
        form = form_of(page)
        form.pop("choices", None)
        return Window(web, address, form)

    def held(self, round_: Round, account: Account) -> tuple[int, ...]:
        """What an account's ballot says, found through the round's key."""
        with self.inside():
            return ballots.mine(rounds.find(round_.id), account.id).choices
