"""Commands for whoever keeps the installation: `flask --app app.wsgi ...`."""

import click
from flask import Flask
from flask.cli import AppGroup

from app.accounts import cli as accounts_cli
from app.current import gateway
from app.demo.commands import demo

payments = AppGroup("payments", help="The connection to Stripe.")


def init_app(app: Flask) -> None:
    """Register every command."""
    app.cli.add_command(payments)
    app.cli.add_command(accounts_cli.commands)
    app.cli.add_command(demo)


@payments.command("setup")
def payments_setup() -> None:
    """Make the products our checkouts name at Stripe. May run twice."""
    gateway().prepare({"month": "Monthly gift", "year": "Yearly gift", "once": "Gift"})
    click.echo("The products are in place.")
