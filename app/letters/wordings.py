"""The words that stand beside a box by which somebody agrees to letters, each under its version.

A text that was ever shown stays here, since the log of consents names it. Other words are another
version: add it, and let `CURRENT` name it.
"""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.letters.categories import Category

TEXTS: dict[str, LazyString] = {
    "votes-1": _l(
        "Write to me about votes: when one opens, before it closes, and what came of it. "
        "I can stop that in each letter with one click."
    ),
    "topics-1": _l(
        "Write to me about topics: what becomes of one I suggested, and when the story behind a "
        "vote I took part in is published. I can stop that in each letter with one click."
    ),
    # What people were promised before a box asked: "We can write to you when a topic of a vote you
    # took part in is published, once for each topic."
    "topics-0": _l("We can write to you when a topic of a vote you took part in is published."),
}

#: Which words stand beside the box now.
CURRENT: dict[Category, str] = {Category.VOTES: "votes-1", Category.TOPICS: "topics-1"}


def text(version: str) -> LazyString | str:
    """Return the words of a version; empty where none stood there."""
    return TEXTS.get(version, "")


def of(version: str) -> Category:
    """Return the category whose box a text stood beside."""
    return Category(version.partition("-")[0])


def title(category: Category) -> LazyString:
    """Return what a category of letters is called. Raises `KeyError` for what needs no consent."""
    return _TITLES[category]


_TITLES = {Category.VOTES: _l("Letters about votes"), Category.TOPICS: _l("Letters about topics")}
