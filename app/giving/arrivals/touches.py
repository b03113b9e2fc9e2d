"""Touches: what a visit tells of where its reader came from, kept in the browser until they give.

Nothing of it is in the database before a gift is begun, and then it is final.
"""

import unicodedata
from collections.abc import Collection, Mapping, MutableMapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from app.accounts.sessions import ARRIVAL
from app.addresses import readable
from app.extensions import db
from app.giving.models import Checkout
from app.giving.models import Touch as Row

#: The key of a session under which its touches lie.
KEY = ARRIVAL
#: An article's address or slug; longer ones are cut, for they only tell where a reader came from.
LONGEST_ARTICLE = 500
#: So much of it is read: a letter takes six signs or nine where it is escaped.
LONGEST_ESCAPED = 9 * LONGEST_ARTICLE
#: How much of each text a cookie carries, counted as it stands in one: a letter beyond ASCII takes
#: six signs there. Two touches of these fit into the 4,096 bytes of a cookie beside all else.
MOST = {
    "article": 400,
    "campaign": 80,
    "source": 60,
    "medium": 40,
    "content": 60,
    "term": 60,
    "place": 40,
    "referrer": 80,
    "appeal": 20,
}
#: How much of an article's title and address is kept; a cookie has no room for them.
LONGEST_TITLE, LONGEST_ADDRESS = 200, 500
#: What of an address each is read from; the first that is there counts.
NAMES = {
    "article": ("article",),
    "campaign": ("campaign", "utm_campaign"),
    "source": ("utm_source", "ref"),
    "medium": ("utm_medium",),
    "content": ("utm_content",),
    "term": ("utm_term",),
    "place": ("place",),
    "appeal": ("appeal",),
}
#: Written as small letters: a slip of the shift key makes no campaign of its own.
SMALL = frozenset({"campaign", "source", "medium", "place", "appeal"})


class Turn(StrEnum):
    """Which of a reader's touches it is: the first or the last before the gift."""

    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Touch:
    """What one visit told; null for what it did not. `on` is its day in the newsroom's zone."""

    on: date
    article: str | None = None
    campaign: str | None = None
    source: str | None = None
    medium: str | None = None
    content: str | None = None
    term: str | None = None
    place: str | None = None
    referrer: str | None = None
    #: Which appeal was shown, in which of its wordings: see `appeals.rules.tag`.
    appeal: str | None = None
    #: Of the article's page; known only of a visit that is still going on.
    title: str | None = None
    url: str | None = None

    def texts(self) -> tuple[str | None, ...]:
        """What a cookie carries of it beside the day, in the order of `TEXTS`."""
        return tuple(getattr(self, name) for name in TEXTS)


TEXTS = tuple(field.name for field in fields(Touch) if field.name in MOST)


@dataclass(frozen=True, slots=True)
class Came:
    """How a reader came to a gift: first and last touch, and the browser; null for unknown."""

    first: Touch | None = None
    last: Touch | None = None
    #: See `giving.arrivals.steps.Device`.
    device: str | None = None

    def by(self, article: str | None, title: str | None = None, url: str | None = None) -> "Came":
        """Write what an address tells of its article where a touch has what a cookie has."""
        if article is None:
            return self
        short = clean("article", article)

        def whole(touch: Touch | None) -> Touch | None:
            known = touch is not None and touch.article == short
            return (
                replace(touch, article=article, title=title, url=url) if touch and known else touch
            )

        return replace(self, first=whole(self.first), last=whole(self.last))


#: Of who nothing is known.
NOWHERE = Came()


def named(article: str) -> str:
    """Write what an article is known by, wherever it is told: its address or slug in letters.

    Sites write the same one in letters or in escapes; what they call it is one name all the same.
    """
    return readable(article[:LONGEST_ESCAPED].strip())[:LONGEST_ARTICLE]


def clean(name: str, text: str) -> str | None:
    """Return a text as a touch holds it: in one line, and cut to what a cookie carries.

    An article is what it is known by; see `named`.
    """
    if name == "article":
        text = named(text)
    plain = "".join(
        " " if unicodedata.category(letter)[0] in "CZ" else letter
        for letter in text[: 2 * LONGEST_ARTICLE]
    )
    plain = " ".join(plain.split())
    return _cut(plain.lower() if name in SMALL else plain, MOST[name]) or None


def _cut(text: str, most: int) -> str:
    size = 0
    for place, letter in enumerate(text):
        if letter in '"\\':
            size += 2
        else:
            size += 1 if letter.isascii() else 6 if letter <= "\uffff" else 12
        if size > most:
            return text[:place].rstrip()
    return text


def read(
    address: Mapping[str, str], referrer: str | None, *, own: Collection[str], on: date
) -> Touch | None:
    """Return what a visit tells by the names in its address and by the page that led to it.

    Of that page only the host is looked at; `own` are hosts that lead nobody here, such as ours.
    None when nothing is told.
    """
    told = {}
    for name, spellings in NAMES.items():
        found = (clean(name, address[each]) for each in spellings if address.get(each))
        told[name] = next((text for text in found if text), None)
    told["referrer"] = _host(referrer, own)
    return Touch(on, **told) if any(told.values()) else None


def _host(referrer: str | None, own: Collection[str]) -> str | None:
    try:
        host = urlsplit(referrer or "").hostname or ""
    except ValueError:
        return None
    host = host.removeprefix("www.")
    if not host or any(host == each or host.endswith(f".{each}") for each in own):
        return None
    return clean("referrer", host)


def note(session: MutableMapping[str, Any], touch: Touch) -> bool:
    """Keep a touch in a browser's session: the first stays, the last is replaced.

    A visit that tells nothing but what the last one told is the same one: such is our own form,
    which repeats the article. Returns whether it was new.
    """
    kept = _kept(session)
    if kept and _repeats(touch, kept[-1]):
        return False
    session[KEY] = [[each.on.isoformat(), *each.texts()] for each in [*kept[:1], touch]]
    return True


def _repeats(touch: Touch, last: Touch) -> bool:
    told = zip(touch.texts(), last.texts(), strict=True)
    return all(text is None or text == before for text, before in told)


def came(session: Mapping[str, Any], *, device: str | None = None) -> Came:
    """Return the touches of a browser's session."""
    kept = _kept(session)
    return Came(kept[0], kept[-1], device) if kept else Came(device=device)


def _kept(session: Mapping[str, Any]) -> list[Touch]:
    """The touches of a session: none, one, or the first and the last.

    A cookie that an earlier release wrote may tell less, and one of another shape tells nothing.
    """
    try:
        return [
            Touch(date.fromisoformat(on), **dict(zip(TEXTS, texts, strict=False)))
            for on, *texts in session.get(KEY, ())
        ]
    except (TypeError, ValueError):
        return []


def enter(checkout: Checkout, came: Came) -> None:
    """Enter how the reader of a new checkout came. The caller commits."""
    checkout.device = came.device
    db.session.flush()
    for turn, touch in ((Turn.FIRST, came.first), (Turn.LAST, came.last)):
        if touch is not None:
            texts = dict(zip(TEXTS, touch.texts(), strict=True))
            db.session.add(
                Row(
                    checkout_id=checkout.id,
                    turn=turn,
                    pledge_id=checkout.pledge_id,
                    on=touch.on,
                    title=touch.title,
                    url=touch.url,
                    **texts,
                )
            )


def last_of(checkout: Checkout) -> Touch | None:
    """Return the last touch before a checkout."""
    row = db.session.get(Row, (checkout.id, Turn.LAST))
    if row is None:
        return None
    return Touch(row.on, **{name: getattr(row, name) for name in TEXTS})
