"""The states of what readers report, what may follow what, and how much one may write. Pure."""

import re
from enum import StrEnum

#: As it is kept, where a letter beyond ASCII takes six signs or nine.
LONGEST_URL = 2000
LONGEST_TITLE = 200
#: What is highlighted; a whole paragraph is no passage.
LONGEST_PASSAGE = 500
#: What stands before and behind it.
LONGEST_CONTEXT = 200
LONGEST_COMMENT = 1000
LONGEST_REASON = 1000
#: What a public note says, each half of it.
LONGEST_NOTE = 1500
LONGEST_ANSWER = 2000


class State(StrEnum):
    """How far staff have come with a passage that readers wrote about."""

    NEW = "new"
    IN_HAND = "in_hand"
    CORRECTED = "corrected"
    NO_MISTAKE = "no_mistake"
    SPAM = "spam"


#: Somebody still has to decide.
OPEN = (State.NEW, State.IN_HAND)
#: What readers may be answered about.
ANSWERED = (State.CORRECTED, State.NO_MISTAKE)


class Kind(StrEnum):
    """What a public note is: something was wrong, or could be misread."""

    CORRECTION = "correction"
    CLARIFICATION = "clarification"


class Source(StrEnum):
    """Where a reader wrote: on the article's own page, or in our form."""

    ARTICLE = "article"
    FORM = "form"


#: An address on the web as people type or paste it, with or without what comes before the host.
LINK = re.compile(
    r"[a-z][a-z0-9+.-]*://|\bwww\.|\[url|<a\b|\b[a-z0-9-]{2,}\.[a-z]{2,}/", re.IGNORECASE
)


def has_link(text: str) -> bool:
    """Whether a text holds an address on the web."""
    return LINK.search(text) is not None
