"""Commands for whoever keeps the installation: `flask --app app.wsgi ...`."""

from flask import Flask

from app.accounts import cli as accounts_cli
from app.demo.commands import demo
from app.desk import cli as desk_cli
from app.reports.rollups import cli as rollups_cli


def init_app(app: Flask) -> None:
    """Register every command."""
    app.cli.add_command(desk_cli.commands)
    app.cli.add_command(accounts_cli.commands)
    app.cli.add_command(demo)
    app.cli.add_command(rollups_cli.commands)
