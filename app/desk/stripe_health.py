"""How Stripe's side is: key, mode, what was set up there, and whether it tells us."""

from collections.abc import Iterator
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from app.desk.checkup import Signs
from app.desk.diagnosis import Line, doubtful, ill, well
from app.localisation import format_moment
from app.payments.orders import Inspection

#: An event signed by a clock this many seconds from ours may be refused as too old.
MOST_SKEW = 120
#: Without an event for so long, though gifts are given, something stands in the way.
QUIET = timedelta(days=3)


def at_stripe(signs: Signs) -> Iterator[Line]:
    """Judge what Stripe answered."""
    name = _("Stripe")
    found = signs.stripe
    if found is None or not found.reachable:
        yield _unreachable(name, found)
        return
    yield well(name, _("Stripe answers and takes our key."))
    yield _mode(signs)
    yield from _clock(found)
    name = _("Products")
    if found.products_missing:
        missing = ", ".join(found.products_missing)
        yield ill(
            name,
            _("Missing at Stripe, or put away there: %(missing)s.", missing=missing),
            _("Run `flask payments setup`. Until then nobody can give."),
        )
    else:
        yield well(name, _("All are there."))
    name = _("Page for cards")
    if found.card_page:
        yield well(name, _("It is there."))
    else:
        yield ill(
            name,
            _("Stripe's page for a new card is not set up."),
            _("Run `flask payments setup`. Until then nobody can change a card."),
        )
    yield from _webhook(signs.webhook_url, found)


def _unreachable(name: str, found: Inspection | None) -> Line:
    if found is None or found.error is None or "Connection" in found.error:
        return ill(
            name,
            _("Stripe does not answer."),
            _(
                "Look at status.stripe.com. If Stripe is well, this machine cannot reach "
                "api.stripe.com: look at its network and firewall. What patrons ask for meanwhile "
                "is refused in plain words, and what Stripe tells comes later by itself."
            ),
        )
    if "Authentication" in found.error or "Permission" in found.error:
        return ill(
            name,
            _("Stripe refuses our key."),
            _(
                "Make a new secret key in Stripe's Dashboard under Developers, API keys, put it "
                "into STRIPE_API_KEY and restart."
            ),
        )
    return ill(
        name,
        _("Stripe answered with an error: %(error)s.", error=found.error),
        _("Look at status.stripe.com and try again in some minutes."),
    )


def _mode(signs: Signs) -> Line:
    name = _("Mode")
    if signs.livemode:
        return well(name, _("Live: real money moves."))
    if signs.production:
        return doubtful(
            name,
            _("Test mode: no money moves, though this is the real site."),
            _("When you are ready to take gifts, put the live key into STRIPE_API_KEY."),
        )
    return well(name, _("Test mode: no money moves."))


def _clock(found: Inspection) -> Iterator[Line]:
    if found.clock_ahead is None:
        return
    name, seconds = _("Clock"), round(found.clock_ahead)
    if abs(seconds) <= MOST_SKEW:
        yield well(name, _("Ours agrees with Stripe's."))
    else:
        yield ill(
            name,
            ngettext(
                "Ours differs from Stripe's by %(num)s second.",
                "Ours differs from Stripe's by %(num)s seconds.",
                abs(seconds),
            ),
            _("Switch on time synchronisation (NTP) on this machine: events look too old."),
        )


def _webhook(url: str, found: Inspection) -> Iterator[Line]:
    name = _("Webhook")
    if not found.webhook_found:
        yield ill(
            name,
            _("Stripe has no webhook with our address, %(url)s.", url=url),
            _("Run `flask payments setup` and put its secret into STRIPE_WEBHOOK_SECRETS."),
        )
        return
    if not found.webhook_enabled:
        yield ill(
            name,
            _("Stripe's webhook to us is switched off."),
            _(
                "Run `flask payments setup`, then `flask payments backfill` to fetch what was "
                "not delivered meanwhile."
            ),
        )
    else:
        yield well(name, _("Stripe tells %(url)s.", url=url))
    if found.events_missing:
        yield ill(
            _("Events"),
            _("Stripe does not tell us of: %(types)s.", types=", ".join(found.events_missing)),
            _("Run `flask payments setup`."),
        )
    else:
        yield well(_("Events"), _("Stripe tells us of everything we act on."))
    if found.webhook_version != found.wanted_version:
        yield doubtful(
            _("Version"),
            _(
                "The webhook speaks %(found)s, this program %(wanted)s.",
                found=found.webhook_version or _("the account's default version"),
                wanted=found.wanted_version,
            ),
            _(
                "Run `flask payments setup`: it makes a second webhook. Put its secret beside the "
                "old one into STRIPE_WEBHOOK_SECRETS, restart, and delete the old webhook."
            ),
        )


def told_by_stripe(signs: Signs) -> Iterator[Line]:
    """Judge whether what Stripe tells arrives."""
    name, last = _("Last event"), signs.last_event_at
    gifts = signs.last_gift_at
    if last is None:
        if gifts is None:
            yield well(name, _("None has come yet, and no gift was made."))
        else:
            yield _silence(name, _("None has ever come, though gifts were made."))
    elif gifts is not None and last < gifts - QUIET:
        yield _silence(name, _("Received on %(when)s.", when=format_moment(last)))
    else:
        yield well(name, _("Received on %(when)s.", when=format_moment(last)))


def _silence(name: str, found: str) -> Line:
    return ill(
        name,
        found,
        _(
            "Look at the webhook's deliveries in Stripe's Dashboard. Answers 400 mean a wrong "
            "secret in STRIPE_WEBHOOK_SECRETS. Then run `flask payments backfill`."
        ),
    )
