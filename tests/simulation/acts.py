"""What patrons do, here and on Stripe's pages, each as one act of a life."""

from typing import Any

from app.clock import utcnow
from app.current import gateway
from app.extensions import db
from app.giving import settlement
from app.giving.gift import checkouts, pay_page
from app.giving.gift.checkouts import Gift
from app.giving.models import Checkout
from app.giving.rules import Interval, LeaveReason
from app.giving.wishes import cards, changes, comebacks
from app.giving.wishes.changes import with_cover
from app.money import Money
from tests.simulation.people import Act, Later, Patron

PAYS, MASTERCARD, AMEX = "4242424242424242", "5555555555554444", "378282246310005"
DECLINED, DECLINES_LATER = "4000000000000002", "4000000000000341"
SHORT, EXPIRED, DOUBTED = "4000990000000012", "4000990000000020", "4000990000000038"
LOST, STOLEN, BUSY = "4000990000000046", "4000990000000053", "4000990000000079"
ASKS_ONCE, ASKS_ALWAYS = "4000002500003155", "4000002760003184"
CONTESTED, NOT_RECEIVED, INQUIRED = "4000000000000259", "4000000000002685", "4000000000001976"
WARNED, REFUND_PENDS, REFUND_FAILS = "4000000000005423", "4000000000007726", "4000000000005126"


def _gift(patron: Patron, interval: Interval, amount: Money) -> Gift:
    whole, cover = with_cover(amount, covers=patron.covers)
    return Gift(
        id=patron.new_id(),
        amount=whole,
        interval=interval,
        email=patron.email,
        name=patron.email.partition("@")[0],
        locale=patron.chance.choice(("en", "uk")),
        listed=patron.chance.random() < 0.5,
        article=None,
        cover_minor=cover,
    )


def _pay(patron: Patron, checkout: Checkout, card: str) -> None:
    """Fill in Stripe's page; every second person closes the browser before our thanks."""
    session_id = checkout.stripe_session_id
    assert session_id is not None
    answer = patron.stripes.control("complete", session=session_id, card=card, exp=patron.expires)
    if answer["step"] == "paid" and patron.chance.random() < 0.5:
        settlement.settle_checkout(session_id, gateway(), now=utcnow())


def _open(patron: Patron, interval: Interval, amount: Money) -> Checkout:
    checkout = checkouts.start(_gift(patron, interval, amount), now=utcnow())
    pay_page.lead_on(checkout, patron.email, gateway())
    if checkout.pledge_id is not None:
        patron.pledge_id = checkout.pledge_id
    return checkout


def begin(patron: Patron) -> None:
    """Begin to give as the patron's life has it."""
    _pay(patron, _open(patron, patron.interval, patron.amount), patron.card)


def begin_after_a_refusal(patron: Patron) -> None:
    """Put in a card that is declined first, on the same page."""
    checkout = _open(patron, patron.interval, patron.amount)
    _pay(patron, checkout, DECLINED)
    _pay(patron, checkout, patron.card)


def walk_away(patron: Patron) -> None:
    """Open the page and never pay."""
    _open(patron, patron.interval, patron.amount)


def give_once(patron: Patron) -> None:
    """Give once, whatever else runs."""
    _pay(patron, _open(patron, Interval.ONCE, patron.amount + patron.amount), patron.card)


def come_back(card: str = PAYS) -> Act:
    """Begin anew like the pledge that has ended."""

    def act(patron: Patron) -> None:
        gift_id = patron.new_id()
        comebacks.begin(patron.pledge.id, gift_id, gateway(), now=utcnow())
        checkout = db.session.get_one(Checkout, gift_id, populate_existing=True)
        patron.pledge_id = checkout.pledge_id
        _pay(patron, checkout, card)

    return act


def terms(numerator: int, denominator: int, interval: Interval | None = None) -> Act:
    """Give another amount, or in another period, from the next payment on."""

    def act(patron: Patron) -> None:
        pledge = patron.pledge
        net = Money(pledge.amount_minor - pledge.cover_minor, pledge.currency)
        amount = Money(net.minor * numerator // denominator, net.currency)
        whole, cover = with_cover(amount, covers=patron.covers)
        wanted = interval or Interval(pledge.interval)
        changes.set_terms(
            pledge.id, whole, wanted, patron.asker, gateway(), cover_minor=cover, now=utcnow()
        )

    return act


def pause(months: int) -> Act:
    """Take no money for some months."""

    def act(patron: Patron) -> None:
        changes.pause(patron.pledge.id, months, patron.asker, gateway(), now=utcnow())

    return act


def resume(patron: Patron) -> None:
    """End a pause before its day."""
    changes.resume(patron.pledge.id, patron.asker, gateway(), now=utcnow())


def leave(*, at_once: bool = False) -> Act:
    """Leave, at the end of what is paid or at once."""

    def act(patron: Patron) -> None:
        reason = patron.chance.choice(list(LeaveReason))
        changes.leave(
            patron.pledge.id,
            patron.asker,
            gateway(),
            at_once=at_once,
            reason=reason,
            now=utcnow(),
        )

    return act


def stay(patron: Patron) -> None:
    """Take the wish to leave back."""
    changes.stay(patron.pledge.id, patron.asker, gateway(), now=utcnow())


def new_card(card: str) -> Act:
    """Put a card in at Stripe's page; every second person comes back to ours."""

    def act(patron: Patron) -> None:
        pledge, api = patron.pledge, gateway()
        page = cards.page(pledge, api, return_url="http://127.0.0.1:9/pledge", locale="en")
        session = page.rpartition("/")[2]
        assert patron.stripes.control("portal", session=session, card=card)["step"] == "saved"
        if patron.chance.random() < 0.5:
            cards.adopt(pledge, api, now=utcnow())

    return act


def network_replaces(patron: Patron) -> None:
    """The card network replaces the card on file without asking anybody."""
    patron.stripes.control("card_update", customer=patron.customer())


def end_in_the_dashboard(*, at_once: bool = False) -> Act:
    """Somebody ends the subscription in Stripe's own dashboard."""

    def act(patron: Patron) -> None:
        subscription = patron.pledge.stripe_subscription_id
        if subscription is None:
            raise Later("no subscription")
        subscriptions = patron.stripes.api.v1.subscriptions
        if at_once:
            subscriptions.cancel(subscription)
        else:
            subscriptions.update(subscription, {"cancel_at_period_end": True})

    return act


def say_goodbye(patron: Patron) -> None:
    """Leave at once whatever runs, so that a short simulation stays short."""
    if changes.possible(patron.pledge, utcnow()):
        leave(at_once=True)(patron)


def _open_invoices(patron: Patron) -> list[Any]:
    listed = patron.stripes.api.v1.invoices.list({"customer": patron.customer(), "status": "open"})
    return listed.data


def approve(patron: Patron) -> None:
    """Approve the payment that waits on the page of its invoice; nothing where none waits."""
    for invoice in _open_invoices(patron):
        patron.stripes.control("invoice", invoice=invoice.id)


def pay_invoice(card: str) -> Act:
    """Pay what is open with a card on the page of its invoice."""

    def act(patron: Patron) -> None:
        for invoice in _open_invoices(patron):
            patron.stripes.control("invoice", invoice=invoice.id, card=card)

    return act
