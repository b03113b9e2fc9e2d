"""Whether every text a person sees is translated: the sources against the catalogues."""

import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = Path("app") / "translations"
MAPPING = Path("config") / "babel.cfg"
SOURCES = ("app", "templates", "tasks")
KEYWORDS = ("_l", "lazy_gettext", "lazy_ngettext:1,2", "lazy_pgettext:1c,2")
PLACEHOLDER = re.compile(r"%\((\w+)\)|%[sd]|\{(\w*)\}")


def extract(root: Path) -> Catalog:
    """Return every text marked in the sources under `root`, with the places it stands in."""
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory) / "messages.pot"
        keywords = [part for keyword in KEYWORDS for part in ("-k", keyword)]
        sources = [str(root / source) for source in SOURCES if (root / source).exists()]
        CommandLineInterface().run(  # type: ignore[no-untyped-call]
            ["pybabel", "--quiet", "extract", "-F", str(root / MAPPING), *keywords]
            + ["-o", str(target), *sources]
        )
        with target.open("rb") as file:
            return read_po(file)


def misses(template: Catalog, catalogue: Catalog) -> Iterator[str]:
    """Yield a line for each text that `catalogue` lacks, leaves empty or fuzzy, or breaks."""
    for message in template:
        if not message.id:
            continue
        place = ":".join(str(part) for part in message.locations[0]) if message.locations else "?"
        fault = _fault(message, catalogue.get(message.id, message.context), catalogue.num_plurals)
        if fault:
            source = message.id if isinstance(message.id, str) else message.id[0]
            yield f"{place}: {source!r} {fault} in {catalogue.locale}"


def _fault(message: Message, translated: Message | None, plurals: int) -> str:
    """Say what is wrong with one translation, or return an empty text."""
    if translated is None:
        return "is missing"
    if translated.fuzzy:
        return "is fuzzy"
    sources, texts = _texts(message.id), _texts(translated.string)
    if not texts or not all(texts) or (len(sources) > 1 and len(texts) != plurals):
        return "is not translated"
    # A form for exactly one may leave the number out, the rest need what the plural source names.
    allowed = [_placeholders(source) for source in sources]
    if any(_placeholders(text) not in allowed for text in texts):
        return "has other placeholders"
    return ""


def _texts(value: str | Sequence[str] | None) -> list[str]:
    """Return one text or the forms of a plural alike as a list."""
    return [value or ""] if isinstance(value, str | None) else list(value)


def _placeholders(text: str) -> frozenset[str]:
    return frozenset(match[0] for match in PLACEHOLDER.finditer(text))


def check(root: Path) -> list[str]:
    """Return a line for each fault of each language's catalogue under `root`."""
    template = extract(root)
    faults: list[str] = []
    for file in sorted((root / TRANSLATIONS).glob("*/LC_MESSAGES/messages.po")):
        with file.open("rb") as source:
            faults += misses(template, read_po(source, locale=file.parts[-3]))
    return faults


def main() -> int:
    """Print the faults; 1 when there are any, or no catalogue at all."""
    if not list((ROOT / TRANSLATIONS).glob("*/LC_MESSAGES/messages.po")):
        print(f"No catalogue stands under {TRANSLATIONS}.")
        return 1
    faults = [line.replace(f"{ROOT}/", "") for line in check(ROOT)]
    print("\n".join(faults) or "Every text is translated.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
