"""What a patron's page says of each pledge, and what may be done with it."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.giving import pledges, words
from app.giving.models import FailedPayment, Pledge
from app.giving.rules import FINAL, ChangeKind, EndReason, PledgeStatus
from app.giving.wishes import cards, changes, comebacks, wish_words
from app.localisation import format_day
from app.money import Money
from app.payments.facts import Remedy


@dataclass(frozen=True, slots=True)
class View:
    """One pledge as its patron sees it."""

    pledge: Pledge
    terms: str
    #: What of the amount covers the fee; None for nothing.
    cover: Money | None
    #: The state in a word or two, and the kind of its tag.
    state: str
    tag: str
    #: What stands above the card: the sentence of a state that is not plain giving; empty for that.
    says: str
    #: What follows from resuming now; empty for a pledge that is not paused.
    resuming: str
    next_at: datetime | None
    card: str
    may: frozenset[ChangeKind]
    #: Where the bank wants a payment approved; None where a new card is what helps.
    pay_url: str | None
    #: The button's words for one that has ended and may begin anew; empty for others.
    come_back: str


def of(account_id: int, *, now: datetime) -> list[View]:
    """Return the pledges that go on, the oldest first; with none, the last that has ended."""
    given = pledges.given_by(account_id)
    live = [pledge for pledge in given if pledge.status not in FINAL]
    ended = sorted(given, key=lambda pledge: pledge.ended_at or now)[-1:]
    return [_view(pledge, now) for pledge in live or ended]


def _view(pledge: Pledge, now: datetime) -> View:
    state, tag = words.state(pledge)
    paused = ChangeKind.RESUME in changes.possible(pledge, now)
    ended = pledge.status in FINAL
    failure = _newest_failure(pledge)
    return View(
        pledge=pledge,
        terms=wish_words.terms(pledge.amount, pledge.interval),
        cover=Money(pledge.cover_minor, pledge.currency) if pledge.cover_minor else None,
        state=state,
        tag=tag,
        says=_says(pledge, failure, now),
        resuming=wish_words.after_resuming(pledge, now) if paused else "",
        next_at=None if ended or pledge.ends_at else pledge.next_payment_at or _due(pledge),
        card="" if ended else _card(pledge),
        may=changes.possible(pledge, now),
        pay_url=failure.pay_url if failure and failure.remedy == Remedy.APPROVE else None,
        come_back=wish_words.come_back(pledge) if comebacks.possible(pledge) else "",
    )


def _says(pledge: Pledge, failure: FailedPayment | None, now: datetime) -> str:
    if pledge.ends_at is not None and pledge.status not in FINAL:
        return _(
            "You are leaving. Your pledge ends on %(day)s, and nothing more will be taken from "
            "your card. You can vote until then.",
            day=format_day(pledge.ends_at),
        )
    match PledgeStatus(pledge.status):
        case PledgeStatus.PAUSED:
            return " ".join(
                (_("You have paused."), wish_words.next_gift(pledge))
                + (wish_words.vote_in_pause(pledge, now),)
            )
        case PledgeStatus.PAST_DUE:
            said = (_("Your last payment did not go through."), _tried_again(failure, now))
            return " ".join(filter(None, (*said, wish_words.at_stake(pledge, now))))
        case PledgeStatus.LAPSED | PledgeStatus.ENDED:
            return _ended(pledge)
    return ""


def _ended(pledge: Pledge) -> str:
    day = format_day(pledge.ended_at) if pledge.ended_at else ""
    if pledge.end_reason == EndReason.UNPAID:
        return _("Your pledge ended on %(day)s because the payment never went through.", day=day)
    return _("Your pledge ended on %(day)s. Thank you for what you gave.", day=day)


def _due(pledge: Pledge) -> datetime | None:
    """When money is taken next, as far as it is known without asking."""
    return pledge.paid_until if pledge.status == PledgeStatus.ACTIVE else None


def _card(pledge: Pledge) -> str:
    name = cards.name(pledge)
    if not name or not pledge.card_exp_year or not pledge.card_exp_month:
        return name
    until = f"{pledge.card_exp_month:02d}/{pledge.card_exp_year}"
    return _("%(card)s, good to %(month)s", card=name, month=until)


def _tried_again(failure: FailedPayment | None, now: datetime) -> str:
    """Write when the failed payment is tried next: the next gift named below is another one."""
    if failure is None or failure.next_attempt_at is None or failure.next_attempt_at <= now:
        return ""
    return _("We will try again on %(day)s.", day=format_day(failure.next_attempt_at))


def _newest_failure(pledge: Pledge) -> FailedPayment | None:
    """Return the last attempt that failed, of a pledge that is past due."""
    if pledge.status != PledgeStatus.PAST_DUE:
        return None
    return db.session.scalar(
        select(FailedPayment)
        .where(FailedPayment.pledge_id == pledge.id)
        .order_by(FailedPayment.failed_at.desc(), FailedPayment.attempt.desc())
        .limit(1)
    )
