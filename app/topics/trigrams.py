"""Likeness of two short texts in any alphabet: the groups of three letters they share. Pure."""

import re
import unicodedata

#: What a Ukrainian word has inside it, and no word ends at.
APOSTROPHES = re.compile(r"['’ʼ‘`]")
WORD = re.compile(r"[^\W_]+")
#: "on", "of", "та", "на" are in every title and say nothing.
SHORTEST_WORD = 3
#: Nobody compares more; a longer text is cut here.
MOST_LETTERS = 300


def of(text: str) -> list[str]:
    """Return the trigrams of a text's words, sorted, each once; a word is padded as " word ".

    Endings differ and the trigrams before them do not, so that a word is found in its other cases.
    """
    plain = unicodedata.normalize("NFKC", text[:MOST_LETTERS]).casefold()
    found: set[str] = set()
    for word in WORD.findall(APOSTROPHES.sub("", plain)):
        if len(word) >= SHORTEST_WORD:
            padded = f"  {word} "
            found |= {padded[i : i + 3] for i in range(len(padded) - 2)}
    return sorted(found)
