"""What the logs say of an error, and whom they do not name."""

import traceback

from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from config.logging import without_rows

INSERT = text("INSERT INTO account (email, name, locale) VALUES (:email, :name, 'en')")
ANN = {"email": "ann@example.org", "name": "Ann\n\nMarchenko"}


def a_refused_row() -> str:
    """What Python writes of a person's row that the database does not take."""
    try:
        db.session.execute(INSERT, ANN)
    except IntegrityError:
        db.session.rollback()
        return traceback.format_exc()
    raise AssertionError("it was taken")


def test_an_error_of_the_database_is_logged_without_the_row_it_is_about(app: Flask) -> None:
    written = a_refused_row()
    assert "ann@example.org" in written, "the driver tells"
    logged = without_rows(written)
    assert "ann@example.org" not in logged
    assert "Marchenko" not in logged
    assert logged.count("violates not-null constraint") == 2, "the driver's and the library's"
    assert "in a_refused_row" in logged
