"""Days and times as staff type them, in the newsroom's zone."""

from collections.abc import Sequence
from datetime import UTC, datetime

from flask_babel import gettext as _
from wtforms import Field
from wtforms.widgets import DateTimeLocalInput

from app.current import zone

#: Moments outside these years are typing errors.
YEARS = range(2000, 2101)


class MomentField(Field):
    """A day and time in the newsroom's zone; `data` is the moment in UTC, or None."""

    widget = DateTimeLocalInput()
    data: datetime | None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data.astimezone(zone()):%Y-%m-%dT%H:%M}" if self.data else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed. Raises `ValueError` with words for the page."""
        self.data = None
        typed = valuelist[0].strip() if valuelist else ""
        if typed:
            self.data = moment(typed)


def moment(typed: str) -> datetime:
    """Return the moment of a day and time as a browser writes them, in the newsroom's zone.

    Raises `ValueError`, with words for the page, for what cannot be read and for times that the
    clocks leave out or strike twice when they change.
    """
    try:
        local = datetime.fromisoformat(typed)
    except ValueError:
        raise ValueError(_("Write a day and a time, such as 2026-11-30 20:00.")) from None
    if local.tzinfo is not None or local.year not in YEARS:
        raise ValueError(_("Write a day and a time, such as 2026-11-30 20:00."))
    found = local.replace(tzinfo=zone())
    there = found.astimezone(UTC)
    if there.astimezone(zone()).replace(tzinfo=None) != local:
        raise ValueError(
            _("The clocks go forward over this time, so it does not exist. Choose another.")
        )
    if found.replace(fold=1).utcoffset() != found.utcoffset():
        raise ValueError(_("The clocks go back, so this time comes twice. Choose another."))
    return there
