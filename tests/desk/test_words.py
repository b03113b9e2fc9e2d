"""Staff read every act and every letter in words, and what an act was about in their language."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from flask_babel import force_locale

from app import ROOT
from app.accounts.models import AuditEntry
from app.desk import deed_details, deed_words, letter_words
from app.giving.rules import ChangeKind
from app.letters import letters
from tests.builders import AUGUST

#: What enters an act is called so; the last two add what all acts of a room share.
CALLS = frozenset({"note", "_note", "_noted"})
#: What such a call says besides the details it keeps.
NOT_KEPT = frozenset({"account_id", "now"})


def _written_acts() -> Iterator[tuple[str, str, list[str]]]:
    """Where in the code acts are entered: (file, act, names of the details)."""
    for path in sorted(Path(ROOT, "app").rglob("*.py")):
        tree = ast.parse(path.read_text())
        named = _named(tree)
        for call in (one for one in ast.walk(tree) if isinstance(one, ast.Call)):
            if _name(call.func) not in CALLS or not call.args:
                continue
            keys = [word.arg for word in call.keywords if word.arg and word.arg not in NOT_KEPT]
            # The act comes first, or after who acted.
            for argument in call.args[:2]:
                for act in _texts(argument, named):
                    yield path.name, act, keys


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _named(tree: ast.Module) -> dict[str, ast.expr]:
    """What single names stand for: constants of the module, and an act that was chosen before."""
    found: dict[str, ast.expr] = {}
    for one in ast.walk(tree):
        match one:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = value
    return found


def _texts(written: ast.expr, named: dict[str, ast.expr]) -> list[str]:
    match written:
        case ast.Constant(value=str() as text) if re.fullmatch(r"[a-z]+(_[a-z]+)+", text):
            return [text]
        case ast.JoinedStr(values=parts):
            shape = "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in parts)
            return [shape.format(kind) for kind in (ChangeKind.RESUME, ChangeKind.STAY)]
        case ast.IfExp(body=one, orelse=other):
            return _texts(one, named) + _texts(other, named)
        case ast.Name(id=name) if name in named:
            return _texts(named[name], {})
    return []


def test_every_act_that_is_entered_has_words(app: Flask) -> None:
    written = list(_written_acts())
    assert len(written) > 50
    for place, act, _keys in written:
        assert deed_words.act(act) != act.replace("_", " "), f"{place}: {act}"


def test_every_detail_that_is_kept_has_a_label_of_its_own(app: Flask) -> None:
    plain = {"at", "before", "after", "at_once", "direction", "interval", "kind", "reason"}
    plain |= {"topic", "topics", "texts", "rows", "type", "what", "rate"}
    told = set(deed_details.AMOUNTS)
    for place, act, keys in _written_acts():
        for key in set(keys) - told:
            known = deed_details.label(key) != key.replace("_", " ") or key in plain
            assert known, f"{place}: {key} of {act}"


def test_every_kind_of_letter_has_words(app: Flask) -> None:
    # Two are called what they are.
    for kind in letters.kinds() - {"receipt", "sign_in"}:
        assert letter_words.kind(kind) not in (kind, kind.replace("_", " ")), kind


def test_details_are_told_in_words_and_not_as_they_are_kept(app: Flask) -> None:
    def told(kind: str, **details: object) -> str:
        return deed_details.write(AuditEntry(subject_kind=kind, details=details))

    with app.test_request_context("/"), force_locale("en"):
        assert told("round") == ""
        gift = told("donation", source="cash", amount_minor=500, currency="EUR")
        assert gift == "€5; how it came: Cash"
        closes = told("round", closes_at=str(AUGUST))
        assert closes.startswith("closes: ")
        assert "+00:00" not in closes
        end = told("pledge", at_once=True, reason="refunded")
        assert end == "at once: yes; reason: With a refund"
        assert told("proposal", before="new", after="declined") == "before: New; after: Declined"
        assert told("account", what=["name", "email"]) == "what: name, email"


def test_the_list_of_letters_names_every_letter_there_is() -> None:
    listed = Path(ROOT, "docs", "running", "letters.md").read_text()
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)*)`", listed))
    assert named == {
        one.name for one in Path(ROOT, "templates", "emails").iterdir() if one.is_dir()
    }
