"""How values of reports are written: on a page for readers, in a file for spreadsheets."""

from datetime import date, datetime, tzinfo
from decimal import Decimal

from babel.dates import format_skeleton
from flask_babel import format_percent
from flask_babel import gettext as _

from app.export import Cell
from app.giving.rules import EndReason, MovementCause, MovementKind
from app.localisation import current_locale, format_day, format_moment, format_money
from app.money import Money
from app.reports.shape import Behind, Figure, Group, Person, Share, Value
from app.reports.words import number


def written(value: Value) -> str:
    """Write one value for the page, in the reader's language."""
    match value:
        case Behind(value=plain):
            return written(plain)
        case None:
            return "–"
        case Money():
            return format_money(value)
        case Share():
            return share(value)
        case Person(name=name):
            return name or _("(no name)")
        case int():
            return number(value)
        case date():
            return format_day(value)
    return value


def short_month(month: date) -> str:
    """Write a month's name in brief, as it stands under a bar."""
    return str(format_skeleton("MMM", month, locale=current_locale())).rstrip(".")


def share(of: Share) -> str:
    """Write a share as a percentage; of nothing it is none."""
    if not of.whole:
        return "–"
    return str(format_percent(Decimal(of.part) / Decimal(of.whole), "#,##0.#%"))


def parts(value: Value) -> str:
    """Write the two numbers of a share, which stand beside it; empty for any other value."""
    if isinstance(value, Behind):
        value = value.value
    if not isinstance(value, Share) or not value.whole:
        return ""
    of = value.currency
    part, whole = (
        number(one) if of is None else format_money(Money(one, of))
        for one in (value.part, value.whole)
    )
    return str(_("%(part)s of %(whole)s", part=part, whole=whole))


def cell(value: Value, zone: tzinfo) -> Cell:
    """Write one value for a file: money as plain decimals, a share as a fraction of one."""
    match value:
        case Behind(value=plain):
            return cell(plain, zone)
        case Money():
            return value.major
        case Share(part=part, whole=whole):
            return round(Decimal(part) / Decimal(whole), 4) if whole else None
        case Person(name=name):
            return name
        case datetime():
            return value.astimezone(zone).date()
    return value


def compared(figure: Figure) -> str:
    """Write what a figure was in the period before; empty where nothing is to be compared."""
    if not figure.before:
        return ""
    return str(_("before: %(values)s", values=", ".join(written(one) for one in figure.before)))


def missing(since: datetime) -> str:
    """Say that figures do not have what has changed since a moment."""
    return _(
        "Very much has changed since %(when)s and is being added up. Until then these figures do "
        "not have all of it.",
        when=format_moment(since),
    )


def group(of: Group) -> str:
    """Write what a group of reports is about."""
    return {
        Group.RECURRING: _("What recurs"),
        Group.PEOPLE: _("Patrons who come, stay and go"),
        Group.MONEY: _("Money"),
        Group.VOTES: _("Votes and topics"),
        Group.HOUSE: _("Letters and checks"),
    }[of]


def kind(of: MovementKind) -> str:
    """Write a kind of movement."""
    return {
        MovementKind.NEW: _("Newly pledged"),
        MovementKind.RETURNING: _("Returned"),
        MovementKind.UP: _("More"),
        MovementKind.DOWN: _("Less"),
        MovementKind.PAUSED: _("Paused"),
        MovementKind.RESUMED: _("Resumed"),
        MovementKind.LEFT: _("Left by own will"),
        MovementKind.LAPSED: _("Lost to failed payments"),
        MovementKind.ENDED: _("Ended, reason unknown"),
        MovementKind.CORRECTION: _("Corrections"),
    }[of]


def cause(of: str) -> str:
    """Write what brought a movement about; its own name where it is a new one."""
    return {
        MovementCause.FIRST_GIFT.value: _("first gift of a pledge"),
        MovementCause.ANOTHER_PLEDGE.value: _("another pledge of a patron"),
        MovementCause.TERMS.value: _("another amount or period"),
        MovementCause.PAUSE.value: _("a pause began"),
        MovementCause.RESUME.value: _("a pause ended"),
        MovementCause.GRACE_OVER.value: _("nothing was paid within the days of grace"),
        MovementCause.RECOVERED.value: _("a failed payment was made good"),
        MovementCause.EARLIER_GIFT.value: _("an earlier gift became known later"),
        MovementCause.CHECK.value: _("set right after the nightly check"),
        EndReason.LEFT.value: _("by their own wish"),
        EndReason.UNPAID.value: _("the payment failed"),
        EndReason.DISPUTED.value: _("the payment was disputed"),
        EndReason.UNKNOWN.value: _("for an unknown reason"),
    }.get(of, of.replace("_", " "))
