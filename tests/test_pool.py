"""Connections whose server has hung up are met by new ones, before anything is asked of them."""

import select

import psycopg
from flask import Flask
from sqlalchemy import text

from app import pool
from app.extensions import db

ALIVE = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"


def end(app: Flask, pid: int) -> None:
    """End a connection from the server's side, as a restart of the server does."""
    with psycopg.connect(app.extensions["database_address"], autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        assert other.execute(ALIVE, (pid,)).fetchone() == (0,)


def test_a_page_after_the_servers_restart_meets_a_new_connection(app: Flask) -> None:
    before = db.session.scalar(text("SELECT pg_backend_pid()"))
    db.session.rollback()
    end(app, before)
    assert db.session.scalar(text("SELECT pg_backend_pid()")) != before


def test_a_single_statement_after_the_servers_restart_meets_a_new_connection(app: Flask) -> None:
    before = pool.at_once().connection.info.backend_pid
    assert pool.at_once().connection.info.backend_pid == before
    end(app, before)
    assert pool.at_once().connection.info.backend_pid != before


def test_a_connection_is_given_up_as_soon_as_the_server_says_that_it_ends(app: Flask) -> None:
    with psycopg.connect(app.extensions["database_address"], autocommit=True) as other:
        for _turn in range(50):
            kept = pool.at_once().connection
            other.execute("SELECT pg_terminate_backend(%s)", (kept.info.backend_pid,))
            assert select.select([kept.pgconn.socket], [], [], 20)[0]
            assert pool.at_once().connection is not kept


def test_a_single_statement_commits_itself(app: Flask) -> None:
    pool.at_once().execute("INSERT INTO receipt_year (year, last_number) VALUES (2026, 7)")
    assert db.session.scalar(text("SELECT last_number FROM receipt_year")) == 7
