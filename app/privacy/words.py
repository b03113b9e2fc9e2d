"""What readers are told of a row of the inventory, in words."""

from babel.units import format_unit
from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.letters.consents import Act, How
from app.localisation import current_locale
from app.privacy.inventory.shape import (
    Ground,
    InBrowser,
    Kept,
    Kind,
    Lasts,
    Part,
    Recipient,
    Seer,
    WholeYears,
)
from config.settings import Settings

PARTS: dict[Part, LazyString] = {
    Part.READING: _l("When you read and look around"),
    Part.GIVING: _l("When you give"),
    Part.VOTING: _l("When you vote"),
    Part.SUGGESTING: _l("When you suggest topics"),
    Part.WRITING: _l("When you write to us"),
    Part.ACCOUNT: _l("Your account and our letters"),
    Part.STAFF: _l("When you work in the newsroom"),
}
GROUNDS: dict[Ground, LazyString] = {
    Ground.CONSENT: _l("You agreed to it (article 6(1)(a) of the GDPR); you can end that any time"),
    Ground.CONTRACT: _l("It is needed for what you ask of us (article 6(1)(b) of the GDPR)"),
    Ground.LAW: _l("The law asks for it (article 6(1)(c) of the GDPR)"),
    Ground.INTEREST: _l(
        "We have a legitimate interest in it (article 6(1)(f) of the GDPR); you may object"
    ),
}
SEERS: dict[Seer, LazyString] = {
    Seer.SELF: _l("you"),
    Seer.EVERYBODY: _l("everybody"),
    Seer.EDITORS: _l("editors"),
    Seer.FUNDRAISERS: _l("fundraisers"),
    Seer.FINANCE: _l("the accounts desk"),
    Seer.OWNERS: _l("whoever runs the newsroom's supporter pages"),
    Seer.NOBODY: _l("nobody; only whoever runs the server could look"),
}
RECIPIENTS: dict[Recipient, LazyString] = {
    Recipient.STRIPE: _l("Stripe, which takes payments"),
    Recipient.MAIL: _l("the mail provider that carries our letters"),
    Recipient.BANK: _l("our bank, from which we have it"),
}
ACTS: dict[str, LazyString] = {
    Act.GIVEN: _l("You agreed"),
    Act.WITHDRAWN: _l("You ended it"),
    Act.CARRIED: _l("Carried over from before we asked"),
}
WAYS: dict[str, LazyString] = {
    How.FORM: _l("beside a gift"),
    How.PAGE: _l("on this page or beside a ballot or suggestion"),
    How.LETTER: _l("by the link in a letter"),
    How.STAFF: _l("by our staff, as you asked"),
    How.MERGE: _l("on another account of yours, which was joined with this one"),
    How.IMPORT: _l("entered when this log began"),
}
#: What a period is written in: the greatest that it is a whole number of.
UNITS = (("year", 366 * 86400), ("year", 365 * 86400), ("day", 86400), ("hour", 3600))


def period(span: Lasts) -> str:
    """Write a period exactly, such as "10 years", "10 whole years" or "31 days"."""
    if isinstance(span, WholeYears):
        return ngettext("%(num)s whole year", "%(num)s whole years", span.number)
    seconds = int(span.total_seconds())
    unit, size = next((each for each in UNITS if seconds % each[1] == 0), ("minute", 60))
    return format_unit(seconds // size, f"duration-{unit}", "long", locale=current_locale())


def kept(of: Kept, settings: Settings) -> str:
    """Write for how long something is kept."""
    span = of.lasts(settings)
    return str(of.since) if span is None else f"{period(span)} {of.since}"


def lasts(of: InBrowser) -> str:
    """Write for how long a browser keeps something."""
    if of.lasts is None:
        return _("until you close the browser")
    return period(of.lasts)


def listed(items: tuple[Seer, ...] | tuple[Recipient, ...]) -> str:
    """Write who sees or gets something; "nobody" for nobody."""
    names = [str(SEERS[each] if isinstance(each, Seer) else RECIPIENTS[each]) for each in items]
    return ", ".join(names) or _("nobody")


def where(kind: Kind) -> str:
    """Write where a kind lies."""
    places = []
    if kind.tables:
        places.append(_("in our database"))
    if kind.in_browser or kind.session_keys:
        places.append(_("in your browser"))
    if kind.redis:
        places.append(_("in the memory of our server"))
    if kind.in_logs:
        places.append(_("in the server's log"))
    return ", ".join(places) or _("with your account")
