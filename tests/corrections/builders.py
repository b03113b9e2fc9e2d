"""What readers send, for the tests of this room to begin with."""

import uuid
from datetime import date, datetime

from app.corrections import articles, intake
from app.corrections.articles import Article
from app.corrections.intake import Draft
from app.corrections.models import Correction
from app.corrections.notes import Draft as NoteDraft
from app.corrections.passages import Passage
from app.corrections.rules import Kind, Source
from tests.builders import AUGUST

#: The newsroom of the tests has its website there.
SITE = "https://vilnyi-holos.example"
RIVER = f"{SITE}/2026/07/who-poisons-the-river/"
BRIDGE = f"{SITE}/2026/07/who-built-the-bridge/"
TEXT = (
    "The first laboratory found eleven grammes of nitrates in a litre, tventy times the limit; the "
    "second found the same. The town council was shown both reports in March. Nobody at the "
    "council answered for five weeks."
)


def marked(words: str, place: int = 0, *, around: int = 60) -> Passage:
    """These words of the article, the nth time they stand there, as a browser marks them."""
    start = -1
    for _ in range(place + 1):
        start = TEXT.index(words, start + 1)
    end = start + len(words)
    return Passage(words, TEXT[max(0, start - around) : start], TEXT[end : end + around])


def an_article(address: str) -> Article:
    """The article at an address."""
    found = articles.read(address)
    assert found is not None
    return found


def a_letter(
    passage: Passage | str = "tventy",
    *,
    article: str = RIVER,
    comment: str = "It is spelt “twenty”.",
    email: str = "",
    locale: str = "en",
    title: str = "Who poisons the river",
    now: datetime = AUGUST,
    key: uuid.UUID | None = None,
) -> Correction:
    """What one reader sent."""
    return intake.receive(
        Draft(
            article=an_article(article),
            title=title,
            passage=marked(passage) if isinstance(passage, str) else passage,
            comment=comment,
            email=email,
            locale=locale,
            source=Source.ARTICLE,
        ),
        request_key=key or uuid.uuid4(),
        now=now,
    )


def a_note_draft(
    *,
    stood: str = "tventy times the limit",
    stands: str = "twenty times the limit",
    kind: Kind = Kind.CORRECTION,
    day: date | None = None,
    title: str = "Who poisons the river",
    locale: str = "en",
) -> NoteDraft:
    """What a public note says."""
    return NoteDraft(kind, stood, stands, day or AUGUST.date(), title, locale)
