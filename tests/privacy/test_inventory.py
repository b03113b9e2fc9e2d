"""The inventory is whole: whatever is kept of people stands in it, once, and nothing else does."""

from collections import Counter

import pytest
from flask import Flask

from app.extensions import Base
from app.privacy import words
from app.privacy.inventory import catalogue
from app.privacy.inventory.shape import Kind
from config.newsroom import LANGUAGES
from config.settings import Settings


def mapped() -> set[tuple[str, str]]:
    return {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
    }


def test_every_column_of_every_table_is_personal_or_declared_not_to_be(app: Flask) -> None:
    declared = {*catalogue.personal_columns(), *catalogue.other_columns()}
    assert sorted(mapped() - declared) == [], "add them to app/privacy/inventory"


def test_the_inventory_names_no_column_that_is_gone(app: Flask) -> None:
    declared = {*catalogue.personal_columns(), *catalogue.other_columns()}
    assert sorted(declared - mapped()) == []


def test_no_column_is_declared_twice(app: Flask) -> None:
    counted = Counter([*catalogue.personal_columns(), *catalogue.other_columns()])
    assert [column for column, times in counted.items() if times > 1] == []


def test_whatever_leads_to_an_account_is_personal(app: Flask) -> None:
    leads = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "account" for key in column.foreign_keys)
        or column.name == "account_id"
    }
    assert sorted(leads - set(catalogue.personal_columns())) == []


def test_readers_are_told_that_the_books_are_kept_in_whole_years(
    app: Flask, settings: Settings
) -> None:
    with app.test_request_context():
        told = words.kept(catalogue.named("bank_gifts").kept, settings)
    assert told.startswith(f"{settings.books_years} whole years after the year of the payment")


def test_keys_are_unique() -> None:
    assert len(catalogue.BY_KEY) == len(catalogue.KINDS)


@pytest.mark.parametrize("kind", catalogue.KINDS, ids=lambda kind: kind.key)
def test_each_kind_says_all_a_reader_may_ask(app: Flask, settings: Settings, kind: Kind) -> None:
    assert kind.grounds
    assert kind.seen_by
    with app.test_request_context():
        told = [kind.title, kind.what, kind.why, words.kept(kind.kept, settings), words.where(kind)]
    assert all(str(text).strip() for text in told)
    assert set(LANGUAGES) == {"en", "uk"}
