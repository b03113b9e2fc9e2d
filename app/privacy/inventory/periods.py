"""Periods that settings state, and those that several kinds share."""

from datetime import timedelta

from config.settings import Settings

#: No year is longer.
YEAR = timedelta(days=366)


def books(settings: Settings) -> timedelta:
    """How long gifts and their receipts are kept for the books."""
    return settings.books_years * YEAR


def audit(settings: Settings) -> timedelta:
    """How long the log of what staff did is kept."""
    return settings.audit_years * YEAR


def letters(settings: Settings) -> timedelta:
    """How long it is kept which letters were sent."""
    return settings.letter_years * YEAR


def events(settings: Settings) -> timedelta:
    """How long what Stripe told is kept as it came."""
    return timedelta(days=settings.event_days)


def logs(settings: Settings) -> timedelta:
    """How long the server's logs are kept."""
    return timedelta(days=settings.log_days)


def exports(settings: Settings) -> timedelta:
    """How long a file that staff asked for is kept."""
    return timedelta(hours=settings.export_hours)
