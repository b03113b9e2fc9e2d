"""Patrons who follow a topic through the year: their pages, their language and their letters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from playwright.sync_api import Browser, Page, expect

from app import ROOT
from app.accounts.models import Account
from app.extensions import db
from app.voting import rounds
from tests.journeys.steps import letters, look_over, sign_in
from tests.processes import Newsroom
from tests.resilience.electorate import Electorate
from tests.voting.builders import votes

KYIV = ZoneInfo("Europe/Kyiv")
#: So many others vote: with a hundred ballots their list is published with the choices.
OTHERS = 104


@cache
def _ukrainian() -> GNUTranslations:
    path = Path(ROOT, "app", "translations", "uk", "LC_MESSAGES", "messages.mo")
    with path.open("rb") as file:
        return GNUTranslations(file)


@dataclass
class Person:
    """One person with a browser and a mailbox; `page` shows the site in their language."""

    newsroom: Newsroom
    page: Page
    email: str
    name: str
    locale: str = "en"
    #: Whether scripts run in this browser.
    scripts: bool = True

    def looks(self) -> None:
        """Look the page over, where the script that does it can run."""
        if self.scripts:
            look_over(self.page)

    def says(self, text: str) -> str:
        """Return the site's words in this person's language; a text without any is a mistake."""
        if self.locale == "en":
            return text
        found = _ukrainian().gettext(text)
        assert found != text, f"not in Ukrainian: {text}"
        return found

    def day(self, moment: datetime) -> str:
        """Return a day in the newsroom's zone, as this person reads it."""
        return str(format_date(moment.astimezone(KYIV), "long", locale=self.locale))

    def goes(self, path: str) -> None:
        """Open a page of the site."""
        self.page.goto(self.newsroom.site_url + path)

    def presses(self, label: str) -> None:
        """Press the button with this label."""
        self.page.get_by_role("button", name=self.says(label), exact=True).click()

    def clicks(self, label: str) -> None:
        """Follow the first link with this label."""
        self.page.get_by_role("link", name=self.says(label), exact=True).first.click()

    def reads(self, text: str) -> None:
        """See a text on the page, given as it stands in English."""
        expect(self.page.get_by_text(self.says(text)).first).to_be_visible()

    def finds(self, heading: str) -> None:
        """See a page's heading, in the words of whoever wrote it."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def signs_in(self) -> None:
        """Sign in by a letter."""
        sign_in(self.page, self.newsroom, self.email, self.says)

    def gets(self, subject: str, *, says: Sequence[str] = (), **values: object) -> str:
        """Wait for the one letter with this subject, and return its text.

        The subject and what the letter `says` are given as in English. The letter is to this
        person alone, greets by name, and is the same in HTML.
        """
        wanted = self.says(subject) % values

        def those() -> list[dict[str, str]]:
            return self.letters(f"^{re.escape(_plain(wanted))}$")

        self.newsroom.wait_until(those, 60, f"the letter {wanted!r} to {self.email}")
        (found,) = those()
        assert list(found["to"]) == [self.email]
        text, html = _plain(found["text"]), _plain(re.sub(r"<[^>]+>", " ", found["html"]))
        assert self.name in text
        assert f'lang="{self.locale}"' in found["html"]
        for part in says:
            assert _plain(self.says(part) % values) in text, f"{part!r} is not in:\n{text}"
        for address in re.findall(r"https?://\S+", found["text"]):
            assert address in found["html"].replace("&amp;", "&"), f"only in the text: {address}"
        assert not re.search(r"%\(|\{\{|\bNone\b|\.\.(?!\.)", text + html), text
        return found["text"]

    def letters(self, subject: str) -> list[dict[str, str]]:
        """Return the letters with such a subject that have come, the newest first."""
        found = letters(self.newsroom, self.email)
        return [one for one in found if re.search(subject, _plain(one["subject"]))]

    def follows(self, text: str, path: str) -> None:
        """Open the link of a letter that leads to such a path."""
        found = re.search(re.escape(self.newsroom.site_url) + path, text)
        assert found, f"no link to {path} in:\n{text}"
        answer = self.page.goto(found.group())
        assert answer is not None
        assert answer.ok, f"{found.group()}: {answer.status}"


def _plain(text: str) -> str:
    """A text without its line breaks and no-break spaces."""
    return " ".join(text.replace("&#39;", "'").split())


def patrons(newsroom: Newsroom) -> list[tuple[int, str, str, str]]:
    """Id, address, name and language of the demo's patrons who never suggested a topic.

    All agreed to letters about votes, and to none about topics.
    """
    agreed = (
        " (SELECT act FROM consent c WHERE c.account_id = a.id AND c.category = '{}'"
        " ORDER BY c.id DESC LIMIT 1)"
    )
    return newsroom.query(
        "SELECT DISTINCT a.id, a.email, a.name, a.locale FROM account a"
        " JOIN pledge p ON p.account_id = a.id WHERE p.status = 'active'"
        " AND p.paid_until > now() AND p.ends_at IS NULL AND a.role IS NULL AND a.name <> ''"
        " AND NOT EXISTS (SELECT 1 FROM proposal o WHERE o.account_id = a.id)"
        f" AND {agreed.format('votes')} = 'given' AND {agreed.format('topics')} IS NULL"
        " ORDER BY a.email"
    )


def four_patrons(newsroom: Newsroom, browser: Browser, patience: int) -> list[Person]:
    """Two patrons who read English and two who read Ukrainian; the second of each has no script."""
    found = patrons(newsroom)
    english, ukrainian = ([row for row in found if row[3] == code] for code in ("en", "uk"))
    made = []
    for (_, email, name, locale), scripts in (
        (english[0], True),
        (ukrainian[0], True),
        (ukrainian[1], False),
        (english[1], False),
    ):
        context = browser.new_context(
            viewport={"width": 360, "height": 740}, locale=locale, java_script_enabled=scripts
        )
        context.set_default_timeout(patience)
        made.append(Person(newsroom, context.new_page(), email, name, locale, scripts))
    return made


def time_passes(newsroom: Newsroom, round_id: int, until: str, *, but: timedelta) -> None:
    """Let the time of a round pass until its `until`, a column, is only `but` away.

    Its other moments come nearer by as much, and the clock does what is due.
    """
    newsroom.query(
        "UPDATE voting_round SET opens_at = opens_at - by, closes_at = closes_at - by,"
        " remind_at = remind_at - by, due_at = due_at - by FROM (SELECT id,"
        f" {until} - clock_timestamp() - %s AS by FROM voting_round) passed"
        " WHERE voting_round.id = passed.id AND voting_round.id = %s",
        but,
        round_id,
    )


def others_vote(newsroom: Newsroom, round_id: int, favourite: str, but: list[Person]) -> None:
    """Cast the ballots of many other patrons, two of three for one topic."""
    known = {one.email for one in but}
    voters = [id_ for id_, email, _, _ in patrons(newsroom) if email not in known][:OTHERS]
    assert len(voters) == OTHERS
    electorate = Electorate(newsroom)
    with electorate.inside():
        round_ = rounds.find(round_id)
        best = next(topic.number for topic in round_.topics if topic.title == favourite)
        rest = [topic.number for topic in round_.topics if topic.number != best]
        for place, id_ in enumerate(voters):
            choices = {rest[place % len(rest)], rest[place // 2 % len(rest)]}
            choices |= {best} if place % 3 else set()
            votes(db.session.get_one(Account, id_), round_, *sorted(choices))
    electorate.close()
