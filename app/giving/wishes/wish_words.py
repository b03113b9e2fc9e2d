"""What pages and letters say of wishes: terms, pauses, ends, in the reader's language."""

from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from app.current import settings
from app.giving.models import Pledge
from app.giving.rules import Interval, LeaveReason, PledgeStatus, fee_cover, grace_ends
from app.giving.wishes import changes
from app.giving.wishes.cards import Adopted
from app.localisation import format_day, format_money
from app.money import Money


def terms(amount: Money, interval: str) -> str:
    """Write an amount and its period: "€5 a month"."""
    words = format_money(amount)
    if interval == Interval.MONTH:
        return _("%(amount)s a month", amount=words)
    return _("%(amount)s a year", amount=words)


def come_back(pledge: Pledge) -> str:
    """Write the button that begins a pledge that has ended anew."""
    words = format_money(pledge.amount)
    if pledge.interval == Interval.MONTH:
        return _("Come back with %(amount)s a month", amount=words)
    return _("Come back with %(amount)s a year", amount=words)


def pause(pledge: Pledge, months: int) -> str:
    """Write a pause of some months and when money is taken again."""
    return ngettext(
        "%(num)s month: the next gift is on %(day)s",
        "%(num)s months: the next gift is on %(day)s",
        months,
        day=format_day(changes.pause_ends(pledge, months)),
    )


def next_gift(pledge: Pledge) -> str:
    """Write when money is taken next; that none is, where none will be."""
    if pledge.next_payment_at is None and pledge.status == PledgeStatus.PAUSED:
        return _("No money is taken until you resume your pledge.")
    return _(
        "Your next gift, %(amount)s, is taken on %(day)s.",
        amount=format_money(pledge.amount),
        day=format_day(changes.due_at(pledge)),
    )


def vote_in_pause(pledge: Pledge, now: datetime) -> str:
    """Write what becomes of the vote while no money is taken, as the newsroom has set it."""
    if settings().vote_while_paused == "whole_pause":
        return _("You keep your vote all along.")
    if pledge.paid_until is not None and pledge.paid_until > now:
        return _(
            "You keep your vote until %(day)s, for which you have paid; it comes back with your "
            "next gift.",
            day=format_day(pledge.paid_until),
        )
    return _("Your vote comes back with your next gift.")


def after_resuming(pledge: Pledge, now: datetime) -> str:
    """Write what resuming now would take, and when."""
    amount, due_at = format_money(pledge.amount), changes.due_after_pause(pledge, now)
    if due_at <= now:
        return _("If you resume now, %(amount)s is taken today.", amount=amount)
    return _(
        "If you resume now, %(amount)s is taken on %(day)s.",
        amount=amount,
        day=format_day(due_at),
    )


def leaving(pledge: Pledge, at_once: bool) -> str:
    """Write what leaving does, before it is done."""
    if pledge.status == PledgeStatus.PAST_DUE:
        return _(
            "Your last payment failed, so your pledge ends at once, and nothing more will be tried "
            "on your card."
        )
    if at_once or pledge.paid_until is None:
        return _("Your pledge ends at once. Nothing more will be taken from your card.")
    return _(
        "Nothing more will be taken from your card. You stay a patron, and can vote, until "
        "%(day)s.",
        day=format_day(pledge.paid_until),
    )


def left(pledge: Pledge) -> str:
    """Write that a wish to leave was carried out."""
    if pledge.ends_at is not None:
        return _(
            "Your pledge ends on %(day)s, and until then everything lasts. Thank you.",
            day=format_day(pledge.ends_at),
        )
    return _("Your pledge has ended, and nothing more will be taken. Thank you.")


def at_stake(pledge: Pledge, now: datetime) -> str:
    """Write how long the vote lasts while a payment is open."""
    if pledge.past_due_since is None:
        return ""
    ends_at = grace_ends(pledge.past_due_since, timedelta(days=settings().grace_days))
    if ends_at <= now:
        return _("Your vote rests until the payment has gone through.")
    return _("You keep your vote until %(day)s.", day=format_day(ends_at))


def reasons() -> list[tuple[LeaveReason, str]]:
    """Return why patrons leave, in the words of who leaves."""
    return [
        (LeaveReason.TOO_EXPENSIVE, _("It is too much money for me")),
        (LeaveReason.FOR_A_WHILE, _("I only need a break")),
        (LeaveReason.MEANT_ONCE, _("I meant to give once")),
        (LeaveReason.CONTENT, _("I am not content with the reporting")),
        (LeaveReason.TECHNICAL, _("Something does not work")),
        (LeaveReason.OTHER, _("Another reason")),
    ]


def cover_hint(amount: Money) -> str:
    """Write what covering the fee comes to for an amount without cover."""
    return _(
        "About %(cover)s on top of %(amount)s, so that we get all of it.",
        cover=format_money(fee_cover(amount)),
        amount=format_money(amount),
    )


def card_news(adopted: Adopted) -> str:
    """Write what became of a new card, and of a payment that was open."""
    if adopted.paid is not None:
        return _(
            "Thank you. We tried the open payment of %(amount)s with your new card, and it went "
            "through.",
            amount=format_money(adopted.paid),
        )
    if adopted.refused is not None:
        return _(
            "We tried the open payment of %(amount)s, and the bank refused this card too. Ask your "
            "bank, or use another card.",
            amount=format_money(adopted.refused),
        )
    if adopted.open:
        return _(
            "The payment is still open. If you entered another card just now, it is being tried, "
            "and a letter tells how it went."
        )
    return _("From now on your gifts are taken from %(card)s.", card=adopted.card)


def no_answer() -> str:
    """Write what to do where the provider did not answer."""
    return _(
        "Stripe did not answer, so as far as we know nothing has changed. Please try again in a "
        "minute; to do it twice does no harm."
    )


def refused() -> str:
    """Write what to do where the provider said no."""
    return _(
        "Stripe would not do this, so nothing has changed. Please write to us, and we will see to "
        "it."
    )
