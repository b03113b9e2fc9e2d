"""Commands about the rollups: `flask --app app.wsgi rollups ...`. They speak English."""

import time

import click
from flask.cli import AppGroup
from sqlalchemy import text

from app.extensions import db
from app.reports.rollups import following, notes
from app.reports.rollups.catalogue import ROLLUPS
from app.reports.rollups.kept import Rollup

commands = AppGroup("rollups", help="The sums that reports are made of.")
#: The worker may hold a rollup for as long as it fills one portion.
PAUSE = 0.5


@commands.command("rebuild")
@click.argument("names", nargs=-1)
def rebuild(names: tuple[str, ...]) -> None:
    """Empty the rollups, or the named ones, and fill them again from the raw rows."""
    chosen = [one for one in ROLLUPS if one.name in names or not names]
    if unknown := set(names) - {one.name for one in chosen}:
        known = ", ".join(one.name for one in ROLLUPS)
        raise click.ClickException(f"No rollup {', '.join(sorted(unknown))}; there are {known}.")
    # Others as well where the terms have changed.
    for rollup in following.begin_anew(chosen):
        began = time.monotonic()
        _fill(rollup)
        click.echo(f"{rollup.name}: filled in {time.monotonic() - began:.1f} s")


@commands.command("follow")
def follow() -> None:
    """Fill what is out of date now, as the worker does every few seconds."""
    for rollup in ROLLUPS:
        _fill(rollup)
    click.echo("Up to date.")


def _fill(rollup: Rollup) -> None:
    """Fill what is out of date of a rollup by now; where the worker is at it too, with it."""
    last = notes.newest(rollup)
    while not following.follow([rollup]) or notes.waiting(rollup, last):
        time.sleep(PAUSE)
    for table in rollup.tables:
        db.session.execute(text(f"ANALYZE {table.__tablename__}"))
    db.session.commit()
