"""What a letter says of a renewal that failed: what happened, what helps, and what is at stake."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import gettext as _

from app.giving.rules import Interval
from app.localisation import format_day, format_money
from app.money import Money
from app.payments.facts import Remedy


class Stage(StrEnum):
    """How far the attempts to take one renewal have come."""

    FIRST = "first"
    MIDWAY = "midway"
    BEFORE_LAST = "before_last"
    #: The card is not tried again by itself, and its patron has not acted yet.
    WAITING = "waiting"
    END = "end"


class Vote(StrEnum):
    """What becomes of the patron's vote."""

    #: It lasts to the end of grace.
    KEPT = "kept"
    #: Grace is over; it comes back with the money.
    RESTS = "rests"
    #: It is gone with the pledge.
    LOST = "lost"
    #: Another pledge carries it.
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is known of a failed renewal when its letter is written."""

    stage: Stage
    remedy: Remedy
    #: What could not be taken, and what the pledge gives.
    amount: Money
    pledged: Money
    interval: Interval
    #: When the attempt failed or, where the end is all there is to tell, when that was.
    at: datetime
    next_attempt_at: datetime | None
    vote: Vote
    vote_until: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """The words of a letter: the same in both its twins."""

    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    button: str


def of(notice: Notice) -> Told:
    """Write the words in the language that is in force."""
    said = (_what_happened(notice), _what_helps(notice), _what_next(notice), _at_stake(notice))
    return Told(
        subject=_subject(notice),
        heading=_heading(notice),
        paragraphs=tuple(paragraph for paragraph in said if paragraph),
        button=_button(notice),
    )


def _subject(notice: Notice) -> str:
    amount = format_money(notice.amount)
    if notice.stage is Stage.END:
        return _("Your pledge has ended: we could not take %(amount)s", amount=amount)
    if notice.stage is Stage.BEFORE_LAST and notice.next_attempt_at:
        day = format_day(notice.next_attempt_at)
        return _("Your %(amount)s gift: the last attempt is on %(day)s", amount=amount, day=day)
    if notice.stage is Stage.WAITING:
        if notice.remedy is Remedy.APPROVE:
            return _("Your %(amount)s gift still waits for your approval", amount=amount)
        return _("Your %(amount)s gift still waits for another card", amount=amount)
    if notice.remedy is Remedy.APPROVE:
        return _("Your bank asks you to approve your %(amount)s gift", amount=amount)
    if notice.stage is Stage.FIRST:
        return _("Your %(amount)s gift did not go through", amount=amount)
    return _("Your %(amount)s gift has still not gone through", amount=amount)


def _heading(notice: Notice) -> str:
    if notice.stage is Stage.END:
        return _("Your pledge has ended")
    if notice.remedy is Remedy.APPROVE:
        return _("Your bank asks for your approval")
    return _("Your gift did not go through")


def _what_happened(notice: Notice) -> str:
    said = {"amount": format_money(notice.amount), "day": format_day(notice.at)}
    if notice.stage is Stage.END:
        return _(
            "Your gift of %(amount)s could not be taken, and no further attempt will be made. Your "
            "pledge ended on %(day)s for this reason alone; nothing more will be taken.",
            **said,
        )
    if notice.stage is Stage.WAITING:
        return _(
            "Your gift of %(amount)s, which did not go through on %(day)s, has not been paid yet.",
            **said,
        )
    if notice.stage is Stage.FIRST:
        if notice.interval is Interval.YEAR:
            return _(
                "On %(day)s we tried to take your yearly gift of %(amount)s, and the payment did "
                "not go through.",
                **said,
            )
        return _(
            "On %(day)s we tried to take your monthly gift of %(amount)s, and the payment did not "
            "go through.",
            **said,
        )
    if notice.interval is Interval.YEAR:
        return _(
            "On %(day)s we tried again to take your yearly gift of %(amount)s, and the payment "
            "still did not go through.",
            **said,
        )
    return _(
        "On %(day)s we tried again to take your monthly gift of %(amount)s, and the payment still "
        "did not go through.",
        **said,
    )


def _what_helps(notice: Notice) -> str:
    if notice.stage is Stage.END:
        return _(
            "If you would like to go on, one click brings you back at the same amount, with this "
            "card or another."
        )
    match notice.remedy:
        case Remedy.WAIT:
            return _(
                "Your bank could not pay it just then. This usually passes once there is enough "
                "money in the account; you need not do anything, and another card works at once."
            )
        case Remedy.NEW_CARD:
            return _(
                "This card can no longer be charged. With a new card the gift goes through at once."
            )
        case Remedy.ASK_BANK:
            return _(
                "Your bank refused and did not tell us why. It can tell you; another card works as "
                "well, and at once."
            )
        case Remedy.APPROVE:
            return _(
                "Your bank wants you to approve this payment yourself. That takes a minute on "
                "Stripe's payment page."
            )


def _what_next(notice: Notice) -> str:
    if notice.stage is Stage.END or notice.next_attempt_at is None:
        return ""
    if notice.stage is Stage.WAITING:
        return _("It is not tried again by itself; if it stays unpaid, your pledge ends.")
    day = format_day(notice.next_attempt_at)
    if notice.stage is Stage.BEFORE_LAST:
        return _("The last attempt is on %(day)s. If it fails, your pledge ends.", day=day)
    if notice.remedy is Remedy.WAIT:
        return _("We will try again on %(day)s.", day=day)
    if notice.remedy is Remedy.APPROVE:
        return _("The payment waits for your approval; we will ask again on %(day)s.", day=day)
    return _("The next attempt is on %(day)s.", day=day)


def _at_stake(notice: Notice) -> str:
    match notice.vote:
        case Vote.KEPT if notice.vote_until is not None:
            return _(
                "You keep your vote until %(day)s. Once the gift has gone through, it stays yours.",
                day=format_day(notice.vote_until),
            )
        case Vote.RESTS:
            return _("Your vote rests for now. It is yours again as soon as the gift arrives.")
        case Vote.LOST:
            return _(
                "Your vote has ended with your pledge and comes back with it. Thank you for what "
                "you gave; your receipts stay with you."
            )
    return ""


def _button(notice: Notice) -> str:
    if notice.stage is Stage.END:
        amount = format_money(notice.pledged)
        if notice.interval is Interval.YEAR:
            return _("Come back with %(amount)s a year", amount=amount)
        return _("Come back with %(amount)s a month", amount=amount)
    if notice.remedy is Remedy.APPROVE:
        return _("Approve the payment")
    return _("Use another card")
