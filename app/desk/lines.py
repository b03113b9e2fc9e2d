"""One line of a person's timeline, as the page shows it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Line:
    """What happened, in the words of the reader's language."""

    at: datetime
    text: str
    #: How it stands, in a word or two, and the kind of tag that gets; None where nothing is open.
    tag: tuple[str, str] | None = None
    #: What else is known: a note's text, why it failed.
    more: str = ""
    #: The gift it is about, whose page it leads to.
    donation_id: int | None = None
    #: What stands in place of the day, where the day is not for anybody to know.
    when: str = ""
    #: For what staff did: the act.
    act: str = ""
