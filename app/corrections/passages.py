"""Passages of articles: when two that readers highlighted are the same one. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import IntEnum

from app.topics import trigrams

QUOTES = re.compile(r"[\"'«»„“”‟‹›‚‘’‛ʼ`´]")
DASHES = re.compile(r"[‐‑‒–—―−]")
#: What a browser takes along at the ends of a word.
EDGES = " \t.,;:!?…()[]{}-"
#: So much text around two passages must be the same before its place in them says anything.
SHORTEST_COMMON = 16
#: Without what stands around it, a shorter passage may stand anywhere in the article.
SHORTEST_WORD = 4
#: Of the shorter passage's trigrams, so many per cent are shared; fewer than so many say nothing.
LIKE_PERCENT = 65
FEWEST_TRIGRAMS = 12


class Likeness(IntEnum):
    """How alike two passages are; the higher, the surer."""

    NONE = 0
    ALIKE = 1
    OVERLAPPING = 2
    SAME = 3


@dataclass(frozen=True, slots=True)
class Passage:
    """What a reader highlighted, with what stands before and behind it where that is known."""

    exact: str
    prefix: str = ""
    suffix: str = ""

    @property
    def has_context(self) -> bool:
        """Whether its place in the article is known."""
        return bool(self.prefix or self.suffix)


def plain(text: str) -> str:
    """Write a text as it is compared: one kind of space, quote and dash, small letters."""
    text = unicodedata.normalize("NFKC", text.replace("\u00ad", "")).casefold()
    return " ".join(DASHES.sub("-", QUOTES.sub("'", text)).split())


def likeness(one: Passage, other: Passage) -> Likeness:
    """Say how alike two passages of one article are.

    Where both have their context, it decides: the same word elsewhere in the article is another
    passage, and a word within a sentence somebody else highlighted is the same.
    """
    if one.has_context and other.has_context:
        placed = _placed(one, other)
        if placed is not None:
            return placed
    return _by_words(_core(one), _core(other))


def _core(passage: Passage) -> str:
    return plain(passage.exact).strip(EDGES)


def _placed(one: Passage, other: Passage) -> Likeness | None:
    """Lay the two over each other by the text around them; None where there is too little of it."""
    text, start, end = _laid_out(one)
    other_text, other_start, other_end = _laid_out(other)
    shared = SequenceMatcher(None, text, other_text, autojunk=False).find_longest_match()
    if shared.size < min(SHORTEST_COMMON, len(text), len(other_text)):
        if max(len(text), len(other_text)) < SHORTEST_COMMON:
            return None
        # The article was rewritten around one of them, or they are far apart.
        return Likeness.SAME if _long_and_same(one, other) else Likeness.NONE
    shift = shared.a - shared.b
    other_start, other_end = other_start + shift, other_end + shift
    if start < other_end and other_start < end:
        same = _core(one) == _core(other)
        return Likeness.SAME if same else Likeness.OVERLAPPING
    return Likeness.NONE


def _laid_out(passage: Passage) -> tuple[str, int, int]:
    """Return the passage in its context as it is compared, and where in it it begins and ends."""
    core = _core(passage)
    whole = plain(f"{passage.prefix}\u0001{passage.exact}\u0001{passage.suffix}")
    before, _, rest = whole.partition("\u0001")
    inner, _, after = rest.partition("\u0001")
    start = len(before) + inner.find(core)
    return before + inner + after, start, start + len(core)


def _long_and_same(one: Passage, other: Passage) -> bool:
    core = _core(one)
    return len(core) >= SHORTEST_COMMON and core == _core(other)


def _by_words(one: str, other: str) -> Likeness:
    """Compare two passages of which one has no place in the article."""
    if not one or not other:
        return Likeness.NONE
    if one == other:
        return Likeness.SAME
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= SHORTEST_WORD and re.search(rf"(?<!\w){re.escape(shorter)}(?!\w)", longer):
        return Likeness.OVERLAPPING
    grams, others = set(trigrams.of(shorter)), set(trigrams.of(longer))
    fewest = min(len(grams), len(others))
    if fewest >= FEWEST_TRIGRAMS and len(grams & others) * 100 >= fewest * LIKE_PERCENT:
        return Likeness.ALIKE
    return Likeness.NONE
