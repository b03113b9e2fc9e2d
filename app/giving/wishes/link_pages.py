"""What the page behind a letter's link says and does: one act, shown first, done on a press."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from app.giving.models import Pledge
from app.giving.rules import FINAL, ChangeKind, Interval, LeaveReason, PledgeStatus
from app.giving.wishes import cards, changes, comebacks, cycles, lower, wish_words
from app.giving.wishes.changes import Asker, NotPossible
from app.giving.wishes.links import Link, Purpose
from app.localisation import format_day, format_money
from app.money import Money
from app.payments.gateway import PaymentGateway

#: Purposes that lead on to the provider's page instead of asking for a change here.
LEADING_ON = frozenset({Purpose.CARD, Purpose.RETURN})


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link would do. It names amounts and days, and nobody."""

    title: str
    says: tuple[str, ...]
    button: str
    #: What there is to choose from: (value, words); the first is chosen. Empty for nothing.
    choices: tuple[tuple[str, str], ...] = ()
    #: The question above the choices.
    question: str = ""
    kind: str = "primary"


def offer(link: Link, pledge: Pledge, newsroom: str, *, now: datetime) -> Offer | None:
    """Return what the link would do now; None where it cannot be done as the pledge stands."""
    kinds = changes.possible(pledge, now)
    if pledge.ends_at is not None and link.purpose is not Purpose.CARD:
        # Who is leaving has asked for it already; to go at once takes signing in.
        return None
    terms = wish_words.terms(pledge.amount, pledge.interval)
    given = _("You give %(terms)s to %(newsroom)s.", terms=terms, newsroom=newsroom)
    match link.purpose:
        case Purpose.PAUSE if ChangeKind.PAUSE in kinds:
            return _pause(pledge, given, now)
        case Purpose.SKIP if ChangeKind.PAUSE in kinds:
            return _skip(pledge, given, now)
        case Purpose.LOWER if ChangeKind.AMOUNT in kinds:
            return _lower(pledge, given)
        case Purpose.CANCEL if ChangeKind.LEAVE_NOW in kinds:
            at_once = ChangeKind.LEAVE not in kinds
            return Offer(
                _("End your pledge?"),
                (given, wish_words.leaving(pledge, at_once)),
                _("End my pledge"),
                kind="danger",
            )
        case Purpose.ONCE if ChangeKind.LEAVE_NOW in kinds:
            return _once(pledge)
        case Purpose.CARD if cards.possible(pledge):
            return _card(pledge, given, now)
        case Purpose.RETURN if comebacks.possible(pledge):
            return Offer(
                _("Come back"),
                (
                    _(
                        "On the next page, Stripe's, you give %(terms)s to %(newsroom)s, from "
                        "today, until you stop.",
                        terms=terms,
                        newsroom=newsroom,
                    ),
                ),
                wish_words.come_back(pledge),
            )
    return None


def _pause(pledge: Pledge, given: str, now: datetime) -> Offer:
    return Offer(
        _("Pause your gift"),
        (given, wish_words.vote_in_pause(pledge, now)),
        _("Pause my gift"),
        tuple((str(number), wish_words.pause(pledge, number)) for number in cycles.PAUSES),
        _("For how long"),
    )


def _skip(pledge: Pledge, given: str, now: datetime) -> Offer:
    said = {
        "amount": format_money(pledge.amount),
        "day": format_day(changes.due_at(pledge)),
        "later": format_day(changes.pause_ends(pledge, 1)),
    }
    return Offer(
        _("Skip one month"),
        (
            given,
            _(
                "The %(amount)s of %(day)s are not taken, and your next gift is on %(later)s.",
                **said,
            ),
            wish_words.vote_in_pause(pledge, now),
        ),
        _("Skip one month"),
    )


def _lower(pledge: Pledge, given: str) -> Offer | None:
    net = Money(pledge.amount_minor - pledge.cover_minor, pledge.currency)
    less = lower.offers(net)
    if not less:
        return None
    day = format_day(changes.due_at(pledge))
    said = _("The new amount is taken for the first time on %(day)s; nothing before.", day=day)
    if pledge.status == PledgeStatus.PAST_DUE:
        said = _("The payment that is open keeps the old amount; the new one holds after it.")
    return Offer(
        _("Give less"),
        (given, said),
        _("Change my gift"),
        tuple((str(one.minor), wish_words.terms(one, pledge.interval)) for one in less),
        _("Amount"),
    )


def _once(pledge: Pledge) -> Offer:
    return Offer(
        _("You meant to give once?"),
        (
            _(
                "Your gift of %(amount)s stands, and so does its receipt. Your pledge ends now, "
                "and nothing more will be taken from your card.",
                amount=format_money(pledge.amount),
            ),
        ),
        _("End my pledge, keep my gift"),
    )


def _card(pledge: Pledge, given: str, now: datetime) -> Offer:
    says = [given]
    if pledge.status == PledgeStatus.PAST_DUE:
        says += [wish_words.at_stake(pledge, now), _("The open payment is tried at once.")]
    says.append(_("You type the number of the new card on the next page, Stripe's."))
    return Offer(_("Use another card"), tuple(says), _("Go on to Stripe"))


def act(
    link: Link, pledge: Pledge, chosen: str, gateway: PaymentGateway, *, now: datetime
) -> Pledge:
    """Do what a link is for, once.

    Raises `NotPossible`, also for a choice that was not offered, and `GatewayError`.
    """
    asker = Asker(pledge.account_id, "letter", link)
    match link.purpose:
        case Purpose.PAUSE:
            months = int(chosen) if chosen.isdecimal() and len(chosen) < 3 else 0
            return changes.pause(pledge.id, months, asker, gateway, now=now)
        case Purpose.SKIP:
            return changes.pause(pledge.id, 1, asker, gateway, now=now)
        case Purpose.LOWER:
            return _give_less(pledge, chosen, asker, gateway, now)
        case Purpose.CANCEL:
            return changes.leave(pledge.id, asker, gateway, now=now)
        case Purpose.ONCE:
            reason = LeaveReason.MEANT_ONCE
            return changes.leave(pledge.id, asker, gateway, at_once=True, reason=reason, now=now)
    raise NotPossible(f"{link.purpose} leads on")


def _give_less(
    pledge: Pledge, chosen: str, asker: Asker, gateway: PaymentGateway, now: datetime
) -> Pledge:
    net = Money(pledge.amount_minor - pledge.cover_minor, pledge.currency)
    found = next((one for one in lower.offers(net) if str(one.minor) == chosen), None)
    if found is None:
        raise NotPossible("only what was offered")
    amount, cover = changes.with_cover(found, covers=pledge.cover_minor > 0)
    interval = Interval(pledge.interval)
    return changes.set_terms(
        pledge.id, amount, interval, asker, gateway, cover_minor=cover, now=now
    )


def done(link: Link, pledge: Pledge) -> str:
    """Write what has become of the pledge since the link did its act."""
    if pledge.status in FINAL or pledge.ends_at is not None:
        return wish_words.left(pledge)
    match link.purpose:
        case Purpose.PAUSE | Purpose.SKIP | Purpose.LOWER:
            return wish_words.next_gift(pledge)
        case Purpose.CARD:
            return _("From now on your gifts are taken from %(card)s.", card=cards.name(pledge))
    return ""
