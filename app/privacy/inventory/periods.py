"""Periods that settings state, and those that several kinds share."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.privacy.inventory.shape import Lasts, WholeYears
from config.settings import Settings

#: No year is longer.
YEAR = timedelta(days=366)


def over(lasts: Lasts, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment before which what lasts so long is over.

    Whole years are those of the zone; with them it is the first moment of a year.
    """
    if isinstance(lasts, timedelta):
        return now - lasts
    year = now.astimezone(zone).year - lasts.number
    return datetime(year, 1, 1, tzinfo=zone).astimezone(UTC)


def books(settings: Settings) -> WholeYears:
    """How long gifts are kept for the books, with their receipts and who paid them by the bank.

    The law counts from the end of the year whose books they stand in.
    """
    return WholeYears(settings.books_years)


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
