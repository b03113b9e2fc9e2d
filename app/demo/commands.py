"""`flask demo fill`: make the made-up newsroom in an empty database."""

import click
from flask.cli import AppGroup

from app.clock import utcnow
from app.current import zone
from app.demo import filling

demo = AppGroup("demo", help="A made-up newsroom, for trying the product.")


@demo.command("fill")
def fill() -> None:
    """Fill an empty database with a made-up newsroom. Never in production."""
    try:
        made = filling.fill(now=utcnow(), zone=zone())
    except filling.NotHere:
        raise click.ClickException(
            "This is production: a demo newsroom is not made here."
        ) from None
    except filling.NotEmpty:
        raise click.ClickException(
            "The database has accounts already; the demo fills only an empty one."
        ) from None
    click.echo(
        f"A demo newsroom is in place: {made.supporters} supporters, {made.pledges} pledges, "
        f"{made.donations} donations with receipts, {made.ballots} ballots in seven rounds."
    )
    click.echo(f"Staff: {', '.join(email for email, _name, _role in filling.STAFF)}")
    click.echo(f"Their second factor, for an authenticator app: {filling.SECOND_FACTOR}")
