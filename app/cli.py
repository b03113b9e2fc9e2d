"""Commands for whoever keeps the installation: `flask --app app.wsgi ...`."""

import click
from flask import Flask
from flask.cli import AppGroup

from app.accounts import cli as accounts_cli
from app.current import gateway, settings
from app.demo.commands import demo
from app.payments.orders import Preparation

payments = AppGroup("payments", help="The connection to Stripe.")


def init_app(app: Flask) -> None:
    """Register every command."""
    app.cli.add_command(payments)
    app.cli.add_command(accounts_cli.commands)
    app.cli.add_command(demo)


#: What givers read on Stripe's page, by interval.
PRODUCT_NAMES = {"month": "Monthly gift", "year": "Yearly gift", "once": "Gift"}


@payments.command("setup")
def payments_setup() -> None:
    """Make the products, the page for cards and the webhook at Stripe. May run twice."""
    site_url = settings().site_url
    made = gateway().prepare(
        Preparation(
            product_names=PRODUCT_NAMES,
            webhook_url=f"{site_url}/webhooks/stripe",
            site_url=site_url,
        )
    )
    click.echo("The products are in place.")
    click.echo(f"The page for cards is in place: {made.card_page}")
    click.echo(f"The webhook is in place: {made.webhook}")
    if made.webhook_secret is not None:
        click.echo("It is new. Add its secret, shown only this once, to STRIPE_WEBHOOK_SECRETS:")
        click.echo(made.webhook_secret)
