"""Passages of articles: when two that readers highlighted are the same one. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import IntEnum
from functools import cached_property

from app.topics import trigrams

QUOTES = re.compile(r"[\"'«»„“”‟‹›‚‘’‛ʼ`´]")
DASHES = re.compile(r"[‐‑‒–—―−]")
#: What a browser takes along at the ends of a word.
EDGES = " \t.,;:!?…()[]{}-"
#: So much text around two passages must be the same before its place in them says anything.
SHORTEST_COMMON = 16
#: So much of a passage with its surroundings is laid over another. No page sends more than three
#: quarters of that, but signs become more as they are compared: one of Arabic becomes eighteen.
LONGEST_LAID = 1200
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


class Laid:
    """A passage laid out as it is compared: worked out once, however many it is compared with."""

    def __init__(self, passage: Passage) -> None:
        self.has_context = passage.has_context
        #: What was highlighted, without what came along at its ends.
        self.core = plain(passage.exact).strip(EDGES)
        self._passage = passage

    @cached_property
    def place(self) -> tuple[str, int, int]:
        """The passage with what surrounds it, and where in it it begins and ends."""
        one = self._passage
        whole = plain(f"{one.prefix}\u0001{one.exact}\u0001{one.suffix}")
        before, _, rest = whole.partition("\u0001")
        inner, _, after = rest.partition("\u0001")
        start = len(before) + inner.find(self.core)
        return before + inner + after, start, start + len(self.core)

    @cached_property
    def pieces(self) -> list[str]:
        """Every piece of it that is as long as the shortest common text; of a short one none."""
        text = self.place[0][:LONGEST_LAID]
        return [text[at : at + SHORTEST_COMMON] for at in range(len(text) - SHORTEST_COMMON + 1)]

    @cached_property
    def matcher(self) -> SequenceMatcher[str]:
        """What finds its pieces in those of another: far fewer are alike than letters are."""
        return SequenceMatcher(None, [], self.pieces, autojunk=False)

    @cached_property
    def grams(self) -> frozenset[str]:
        """The trigrams of what was highlighted."""
        return frozenset(trigrams.of(self.core))


def likeness(one: Passage, other: Passage) -> Likeness:
    """Say how alike two passages of one article are; see `compare`."""
    return compare(Laid(one), Laid(other))


def compare(one: Laid, other: Laid) -> Likeness:
    """Say how alike two passages of one article are; quickest where `other` stays the same.

    Where both have their context, it decides: the same word elsewhere in the article is another
    passage, and a word within a sentence somebody else highlighted is the same.
    """
    if one.has_context and other.has_context:
        placed = _placed(one, other)
        if placed is not None:
            return placed
    return _by_words(one, other)


def _placed(one: Laid, other: Laid) -> Likeness | None:
    """Lay the two over each other by the text around them; None where there is too little of it."""
    text, start, end = one.place
    other_text, other_start, other_end = other.place
    at, other_at, size = _shared(one, other)
    if size < min(SHORTEST_COMMON, len(text), len(other_text)):
        if max(len(text), len(other_text)) < SHORTEST_COMMON:
            return None
        # The article was rewritten around one of them, or they are far apart.
        return Likeness.SAME if _long_and_same(one, other) else Likeness.NONE
    shift = at - other_at
    other_start, other_end = other_start + shift, other_end + shift
    if start < other_end and other_start < end:
        return Likeness.SAME if one.core == other.core else Likeness.OVERLAPPING
    return Likeness.NONE


def _shared(one: Laid, other: Laid) -> tuple[int, int, int]:
    """Return where in each the longest text begins that both hold, and its length.

    A length of 0 stands for any that says nothing: shorter than `SHORTEST_COMMON`, or, where one of
    the two is shorter itself, than the whole of that.
    """
    text, other_text = one.place[0], other.place[0]
    if min(len(text), len(other_text)) < SHORTEST_COMMON:
        at = text.find(other_text) if len(other_text) <= len(text) else 0
        other_at = other_text.find(text) if len(text) < len(other_text) else 0
        missing = at < 0 or other_at < 0
        return (0, 0, 0) if missing else (at, other_at, min(len(text), len(other_text)))
    other.matcher.set_seq1(one.pieces)
    found = other.matcher.find_longest_match()
    return found.a, found.b, found.size + SHORTEST_COMMON - 1 if found.size else 0


def _long_and_same(one: Laid, other: Laid) -> bool:
    return len(one.core) >= SHORTEST_COMMON and one.core == other.core


def _by_words(one: Laid, other: Laid) -> Likeness:
    """Compare two passages of which one has no place in the article."""
    if not one.core or not other.core:
        return Likeness.NONE
    if one.core == other.core:
        return Likeness.SAME
    shorter, longer = sorted((one.core, other.core), key=len)
    if len(shorter) >= SHORTEST_WORD and re.search(rf"(?<!\w){re.escape(shorter)}(?!\w)", longer):
        return Likeness.OVERLAPPING
    fewest = min(len(one.grams), len(other.grams))
    shared = len(one.grams & other.grams)
    if fewest >= FEWEST_TRIGRAMS and shared * 100 >= fewest * LIKE_PERCENT:
        return Likeness.ALIKE
    return Likeness.NONE
