"""The shape of the house, kept by machines; the import law itself is kept by import-linter."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Table

from app.extensions import Base
from app.jobs import Job
from app.letters.letters import kinds
from app.owed import Owed
from config.schedule import EVERY

ROOT = Path(__file__).parent.parent
CODE = [*ROOT.glob("app/**/*.py"), *ROOT.glob("tasks/**/*.py"), *ROOT.glob("config/**/*.py")]
SOURCES = [path for path in CODE if "migrations/versions" not in str(path)]
LONGEST = 300


def imports(path: Path) -> set[str]:
    """The packages a file imports, by their first name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_stripe_is_known_in_one_place() -> None:
    knowing = {path.parent.name for path in SOURCES if "stripe" in imports(path)}
    assert knowing == {"stripe_gateway"}


def test_celery_is_known_to_the_queue_and_the_tasks() -> None:
    knowing = {path.relative_to(ROOT).as_posix() for path in SOURCES if "celery" in imports(path)}
    assert {name for name in knowing if not name.startswith("tasks/")} == {"app/queue.py"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_has_one_reason_to_exist_and_says_it(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LONGEST, "wants a second noun"
    assert ast.get_docstring(ast.parse(text)), "a module says what it keeps"


def test_every_job_has_a_function_and_a_sweep() -> None:
    assert set(EVERY) == set(Job)
    asked_for = re.compile(r"@shared_task\(\s*name=Job\.(\w+)\.value\b")
    answered = [
        name for path in ROOT.glob("tasks/*.py") for name in asked_for.findall(path.read_text())
    ]
    assert sorted(answered) == sorted(job.name for job in Job)


def test_every_letter_has_a_writer_and_its_three_parts(application: Flask) -> None:
    folders = {path.parent.name for path in ROOT.glob("templates/emails/*/subject.txt")}
    assert folders == set(kinds())
    for folder in folders:
        parts = {path.name for path in (ROOT / "templates" / "emails" / folder).iterdir()}
        assert parts == {"subject.txt", "body.txt", "body.html"}


def test_what_is_owed_can_be_claimed() -> None:
    """Owed rows have one key and an index on what is due, so a sweep stays quick."""
    for mapper in Base.registry.mappers:
        if issubclass(mapper.class_, Owed):
            assert len(mapper.primary_key) == 1
            table = mapper.local_table
            assert isinstance(table, Table)
            indexed = {column.name for index in table.indexes for column in index.columns}
            assert "due_at" in indexed, mapper.class_.__name__


def test_a_relationship_stays_within_its_room() -> None:
    for mapper in Base.registry.mappers:
        for relation in mapper.relationships:
            assert relation.mapper.class_.__module__ == mapper.class_.__module__


def test_no_page_needs_inline_style_or_script() -> None:
    inline = re.compile(r"\sstyle=|\son[a-z]+=\"|<script(?![^>]*\bsrc=)|<style")
    pages = [p for p in ROOT.glob("templates/**/*.html") if "emails" not in p.parts]
    assert pages
    for page in pages:
        assert not inline.search(page.read_text()), page.name


def test_money_is_never_a_float() -> None:
    for path in SOURCES:
        if path.parent.name in ("giving", "payments") or path.name == "money.py":
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, float):
                    assert path.name == "client.py", f"{path.name}:{node.lineno}"
