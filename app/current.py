"""What the running application was assembled with: settings, newsroom, gateway, mailer."""

from zoneinfo import ZoneInfo

from flask import current_app

from app.mailer import Mailer
from app.payments.gateway import PaymentGateway
from config.newsroom import Newsroom
from config.settings import Settings


def settings() -> Settings:
    """Return the settings of this process."""
    found: Settings = current_app.extensions["settings"]
    return found


def newsroom() -> Newsroom:
    """Return who the newsroom is."""
    return settings().newsroom


def zone() -> ZoneInfo:
    """Return the zone that decides the newsroom's days and months."""
    return ZoneInfo(newsroom().timezone)


def gateway() -> PaymentGateway:
    """Return the payment gateway; network calls, so hold no transaction open around them."""
    found: PaymentGateway = current_app.extensions["gateway"]
    return found


def mailer() -> Mailer:
    """Return the mailer; network calls, so hold no transaction open around them."""
    found: Mailer = current_app.extensions["mailer"]
    return found
