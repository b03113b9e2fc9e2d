"""The clock of the front doors: services are told the time, only faces ask for it."""

from datetime import UTC, datetime


def utcnow() -> datetime:
    """Return this moment, aware, in UTC."""
    return datetime.now(UTC)
