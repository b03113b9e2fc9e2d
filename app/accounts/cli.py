"""Commands about staff: `flask staff ...`."""

from collections.abc import Callable

import click
from email_validator import EmailNotValidError, validate_email
from flask.cli import AppGroup

from app.accounts import second_factor, staff
from app.accounts.models import Account, Role
from app.accounts.second_factor import WrongCode
from app.accounts.staff import NotStaff
from app.clock import utcnow
from app.current import settings
from config.newsroom import LANGUAGES
from config.settings import Environment

commands = AppGroup("staff", help="Who works here, and as what.")


class EmailAddress(click.ParamType[str]):
    """An e-mail address, checked by its form only."""

    name = "email"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the address as it was typed, without blanks around it."""
        try:
            validate_email(value.strip(), check_deliverability=False)
        except EmailNotValidError:
            self.fail(f"{value} is not an e-mail address", param, ctx)
        return value.strip()


EMAIL = click.argument("email", type=EmailAddress())


@commands.command("invite")
@EMAIL
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", default="", help="What the person is called.")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="en", show_default=True)
def invite(email: str, role: str, name: str, language: str) -> None:
    """Make somebody staff, or change the role, and send a letter that says so."""
    account = staff.invite(email, Role(role), name=name, locale=language, now=utcnow())
    click.echo(f"{account.email} is on the staff as {role}. A letter with the way in is owed.")
    if account.totp_sealed is None:
        click.echo("The first sign-in sets up the second factor.")


@commands.command("remove")
@EMAIL
def remove(email: str) -> None:
    """Take somebody off the staff and end every session; also the way to reset a lost factor."""
    account = _staff(staff.remove, email)
    click.echo(f"{account.email} is no longer staff. Role and second factor are gone.")


@commands.command("list")
def everyone() -> None:
    """List all staff."""
    people = staff.everyone()
    if not people:
        click.echo("Nobody yet. Begin with: flask staff invite EMAIL --role owner")
    for account in people:
        factor = "second factor on" if account.totp_sealed else "second factor not set up"
        click.echo(f"{account.email}\t{account.role}\t{account.name}\t{factor}")


@commands.command("code")
@EMAIL
def code(email: str) -> None:
    """Show the code the app of a demo account shows now; only in the demo."""
    if settings().environment is not Environment.DEMO:
        raise click.ClickException("Codes are shown only when ENVIRONMENT=demo.")
    account = _staff(staff.find, email)
    try:
        click.echo(second_factor.current_code(account, now=utcnow()))
    except WrongCode:
        raise click.ClickException(f"{email} has no second factor yet.") from None


def _staff(act: Callable[[str], Account], email: str) -> Account:
    try:
        return act(email)
    except NotStaff:
        raise click.ClickException(f"Nobody on the staff has the address {email}.") from None
