"""Names and addresses of made-up readers: from Ukraine and from where its readers live. Pure."""

import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from random import Random

_content = tomllib.loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))

#: Cyrillic to Latin after the resolution of the Cabinet of Ministers No. 55 of 2010, as addresses
#: write it: without regard to the place in the word.
LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "g", "д": "d", "е": "e", "є": "ie", "ж": "zh",
    "з": "z", "и": "y", "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n",
    "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts",
    "ч": "ch", "ш": "sh", "щ": "shch", "ь": "", "ю": "iu", "я": "ia", "'": "",
}  # fmt: skip
#: Letters that do not come apart into a plain one and a mark.
PLAIN = {"ł": "l", "ø": "o", "ß": "ss"}


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up reader. `locale` is the language of pages and letters."""

    name: str
    email: str
    locale: str

    @property
    def ukrainian(self) -> bool:
        """Whether the name is a Ukrainian one."""
        return self.name[0].lower() in LATIN


def people(rng: Random, count: int) -> list[Person]:
    """Return `count` people with addresses of their own, all at example.org."""
    taken: dict[str, int] = {}
    found = []
    for _each in range(count):
        name, locale = _ukrainian(rng) if rng.random() < 0.62 else (_abroad(rng), "en")
        address = ".".join(latin(name).split())
        taken[address] = taken.get(address, 0) + 1
        number = "" if taken[address] == 1 else str(taken[address])
        found.append(Person(name, f"{address}{number}@example.org", locale))
    return found


def _ukrainian(rng: Random) -> tuple[str, str]:
    woman = rng.random() < 0.55
    first = rng.choice(_content["women" if woman else "men"])
    if rng.random() < 0.2:
        surname = rng.choice(_content["by_gender"])[0 if woman else 1]
    else:
        surname = rng.choice(_content["surnames"])
    return f"{first} {surname}", "uk" if rng.random() < 0.92 else "en"


def _abroad(rng: Random) -> str:
    country = rng.choice(_content["abroad"])
    return f"{rng.choice(country['first'])} {rng.choice(country['last'])}"


def latin(name: str) -> str:
    """Write a name in small Latin letters without marks."""
    letters = (LATIN.get(letter, PLAIN.get(letter, letter)) for letter in name.lower())
    apart = unicodedata.normalize("NFKD", "".join(letters))
    return "".join(letter for letter in apart if letter.isascii())
