"""The check that every text is translated, on catalogues with one seeded fault each."""

import shutil
from pathlib import Path

import pytest

from config.local import catalogues, demo

SOURCE = """
from flask_babel import gettext as _, lazy_gettext as _l, ngettext
TITLE = _l("Topics")
def greet(name, count):
    return _("Hello %(name)s", name=name), ngettext("%(num)d vote", "%(num)d votes", count)
"""
HEAD = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 ? 0 : n%10<5 ? 1 : 2);\\n"
"""
WHOLE = {
    "topics": 'msgid "Topics"\nmsgstr "Теми"',
    "hello": 'msgid "Hello %(name)s"\nmsgstr "Вітаємо, %(name)s"',
    "votes": 'msgid "%(num)d vote"\nmsgid_plural "%(num)d votes"\nmsgstr[0] "%(num)d голос"\n'
    'msgstr[1] "%(num)d голоси"\nmsgstr[2] "%(num)d голосів"',
    "page": 'msgid "Your ballot"\nmsgstr "Ваш бюлетень"',
}
FAULTS = [
    ("topics", "", "'Topics' is missing"),
    ("topics", 'msgid "Topics"\nmsgstr ""', "'Topics' is not translated"),
    ("topics", "#, fuzzy\n" + WHOLE["topics"], "'Topics' is fuzzy"),
    ("hello", 'msgid "Hello %(name)s"\nmsgstr "Вітаємо, %(ім)s"', "has other placeholders"),
    ("hello", 'msgid "Hello %(name)s"\nmsgstr "Вітаємо"', "has other placeholders"),
    ("votes", WHOLE["votes"].replace("%(num)d голосів", ""), "'%(num)d vote' is not translated"),
    ("page", "", "ballot.html:2: 'Your ballot' is missing in uk"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app/translations/uk/LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "templates/voting").mkdir(parents=True)
    (tmp_path / "config").mkdir()
    shutil.copy(demo.ROOT / "config" / "babel.cfg", tmp_path / "config")
    (tmp_path / "app/pages.py").write_text(SOURCE)
    (tmp_path / "templates/voting/ballot.html").write_text('<h1>\n{{ _("Your ballot") }}</h1>')
    return tmp_path


def translate(project: Path, texts: dict[str, str]) -> None:
    body = "\n\n".join([HEAD, *texts.values()])
    (project / "app/translations/uk/LC_MESSAGES/messages.po").write_text(body)


def test_a_whole_catalogue_has_no_faults(project: Path) -> None:
    translate(project, WHOLE)
    assert catalogues.check(project) == []


@pytest.mark.parametrize(("name", "text", "fault"), FAULTS)
def test_each_gap_is_named_with_its_place(project: Path, name: str, text: str, fault: str) -> None:
    translate(project, WHOLE | {name: text})
    (line,) = catalogues.check(project)
    assert fault in line
