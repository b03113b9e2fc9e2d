"""Requests and permissions in words."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from app.localisation import format_day
from app.reprints import permissions
from app.reprints.lists import Filter, Row, late_since
from app.reprints.models import ReprintPermission
from app.reprints.rules import Standing, State
from app.topics.forms import is_link


def tag(row: Row, *, now: datetime) -> tuple[str, str]:
    """Return where a request stands in a word or two, and the kind of tag it gets."""
    if row.request.state == State.OPEN:
        if row.request.asked_at >= late_since(now):
            return _("Unanswered"), "marked"
        days = (now - row.request.asked_at).days
        return ngettext("Unanswered for %(num)s day", "Unanswered for %(num)s days", days), "bad"
    if row.request.state == State.SPAM:
        return _("Spam"), "plain"
    if row.permission is None:
        return _("Refused"), "plain"
    return standing(row.permission, now=now)


def standing(permission: ReprintPermission, *, now: datetime) -> tuple[str, str]:
    """Return how a permission stands in a word, and the kind of tag it gets."""
    return {
        Standing.VALID: (_("Valid"), "good"),
        Standing.EXPIRED: (_("Expired"), "warn"),
        Standing.WITHDRAWN: (_("Holds no more"), "bad"),
    }[permissions.standing_of(permission, now=now)]


def until(permission: ReprintPermission) -> str:
    """Return until when a permission holds."""
    return format_day(permission.valid_until) if permission.valid_until else _("without an end")


def changes(permission: ReprintPermission) -> str:
    """Return what may be changed of the text."""
    if permission.changes_allowed:
        return _("The text may be shortened or changed, as long as its meaning stays.")
    return _("The text stays as it is; a translation stays true to it.")


def filters() -> dict[Filter, str]:
    """Return every filter of the register in a word or two."""
    return {
        Filter.OPEN: _("Unanswered"),
        Filter.VALID: _("Valid permissions"),
        Filter.ENDED: _("Withdrawn or expired"),
        Filter.REFUSED: _("Refused"),
        Filter.SPAM: _("Spam"),
    }


def articles(lines: tuple[str, ...]) -> list[tuple[str, str | None]]:
    """Return each article and, where it is one, the address to link to."""
    return [(line, line if is_link(line) else None) for line in lines]
