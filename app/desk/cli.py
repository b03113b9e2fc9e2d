"""Commands about Stripe: `flask --app app.wsgi payments ...`. They speak English."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import force_locale

from app.clock import utcnow
from app.current import gateway, mailer, settings, zone
from app.desk import backfill, checkup, doctor
from app.desk.diagnosis import Health, Line
from app.payments.gateway import GatewayError
from app.payments.orders import Preparation

commands = AppGroup("payments", help="The connection to Stripe.")

#: What givers read on Stripe's page, by interval.
PRODUCT_NAMES = {"month": "Monthly gift", "year": "Yearly gift", "once": "Gift"}
MARKS = {Health.WELL: "ok   ", Health.DOUBTFUL: "look ", Health.ILL: "WRONG"}
SPAN = re.compile(r"(\d{1,4})([hd])")


@commands.command("setup")
def setup() -> None:
    """Make the products, the page for cards and the webhook at Stripe. May run twice."""
    site_url = settings().site_url
    wanted = Preparation(PRODUCT_NAMES, f"{site_url}/webhooks/stripe", site_url)
    try:
        made = gateway().prepare(wanted)
    except GatewayError as error:
        raise click.ClickException(
            f"Stripe did not do it: {error}. Run it again; `flask payments doctor` knows more."
        ) from None
    click.echo(f"Products:       {', '.join(made.products)}")
    click.echo(f"Page for cards: {made.card_page}")
    click.echo(f"Webhook:        {made.webhook} at {wanted.webhook_url}")
    if made.webhook_secret is not None:
        click.echo("\nThe webhook is new. Its secret is shown only this once; put it into the")
        click.echo("environment, after a comma where there is one already, and restart:\n")
        click.echo(f"STRIPE_WEBHOOK_SECRETS={made.webhook_secret}")


@commands.command("doctor")
def examine() -> None:
    """Look at everything gifts depend on. Ends with 1 when something is wrong."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with force_locale("en"):
        signs = checkup.gather(app, settings(), gateway(), mailer(), now=utcnow())
        lines = doctor.examine(signs)
    for line in lines:
        click.echo(_written(line))
    if any(line.health is Health.ILL for line in lines):
        raise SystemExit(1)


def _written(line: Line) -> str:
    mend = f"\n      {line.mend}" if line.mend else ""
    return f"{MARKS[line.health]} {line.name}: {line.found}{mend}"


@commands.command("backfill")
@click.option(
    "--since",
    help="How far back: 24h, 3d, or a day such as 2026-11-20. Else, to before the last silence.",
)
def catch_up(since: str | None) -> None:
    """Fetch the events Stripe could not deliver and settle them. May run at any time, and twice."""
    now = utcnow()
    start = read_since(since, now, zone()) if since else backfill.since_last(now=now)
    click.echo(f"Events since {start:%Y-%m-%d %H:%M} UTC ...")
    try:
        count = backfill.run(gateway(), start, livemode=settings().livemode, clock=utcnow)
    except GatewayError as error:
        raise click.ClickException(
            f"Stripe stopped answering: {error}. Run it again; nothing is done twice."
        ) from None
    click.echo(f"{count.told} told by Stripe, {count.new} new here, {count.settled} settled.")
    if count.new > count.settled:
        click.echo("Those not settled are tried again by themselves; the inbox says why.")


def read_since(text: str, now: datetime, there: ZoneInfo) -> datetime:
    """Return the moment that somebody typed; a day begins in the newsroom's zone."""
    if span := SPAN.fullmatch(text):
        number = int(span[1])
        return now - (timedelta(hours=number) if span[2] == "h" else timedelta(days=number))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("say 24h, 3d, or a day such as 2026-11-20") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=there)
