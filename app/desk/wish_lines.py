"""A person's pledges for staff: how each began and ended, and what was asked of it by whom."""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import Account
from app.desk.lines import Line
from app.extensions import db
from app.giving.models import Pledge, PledgeChange
from app.giving.reversals import endings
from app.giving.rules import ChangeKind, EndReason, LeaveReason
from app.giving.wishes import wish_words
from app.localisation import format_day
from app.money import Money


def of(account_ids: Sequence[int]) -> list[Line]:
    """Return what happened to the pledges of a person's accounts, in no order."""
    pledges = db.session.scalars(
        select(Pledge).where(Pledge.account_id.in_(account_ids), Pledge.started_at.is_not(None))
    ).all()
    rows = db.session.execute(
        select(PledgeChange, Pledge, Account.name)
        .join(Pledge, Pledge.id == PledgeChange.pledge_id)
        .outerjoin(Account, Account.id == PledgeChange.by_account_id)
        .where(Pledge.account_id.in_(account_ids))
    ).all()
    return [
        *(line for pledge in pledges for line in _life(pledge)),
        *(_wish(change, pledge, name) for change, pledge, name in rows),
    ]


def _life(pledge: Pledge) -> list[Line]:
    terms = wish_words.terms(pledge.amount, pledge.interval)
    lines = []
    if pledge.started_at is not None:
        lines.append(Line(pledge.started_at, _("A pledge began, now %(terms)s", terms=terms)))
    if pledge.ended_at is not None:
        ended = _("The pledge of %(terms)s ended: %(why)s", terms=terms, why=why_ended(pledge))
        lines.append(Line(pledge.ended_at, ended))
    return lines


def why_ended(pledge: Pledge) -> str:
    """Write why a pledge ended."""
    return {
        EndReason.LEFT: _("by wish"),
        EndReason.UNPAID: _("the payment failed"),
        EndReason.DISPUTED: _("the payment was disputed"),
    }.get(EndReason(pledge.end_reason or EndReason.UNKNOWN), _("for an unknown reason"))


def _wish(change: PledgeChange, pledge: Pledge, name: str | None) -> Line:
    said = [_who(change, name), reason(change.reason), change.comment or ""]
    return Line(
        change.asked_at,
        _what(change, pledge),
        tag=_state(change),
        more=". ".join(word for word in said if word),
    )


def _what(change: PledgeChange, pledge: Pledge) -> str:
    match ChangeKind(change.kind):
        case ChangeKind.AMOUNT | ChangeKind.INTERVAL:
            before = Money(change.amount_before, pledge.currency)
            after = Money(change.amount_after or change.amount_before, pledge.currency)
            return _(
                "From %(before)s to %(after)s",
                before=wish_words.terms(before, change.interval_before),
                after=wish_words.terms(after, change.interval_after or change.interval_before),
            )
        case ChangeKind.PAUSE if change.resumes_at is not None:
            return _("Pause until %(day)s", day=format_day(change.resumes_at))
        case ChangeKind.PAUSE:
            return _("Pause")
        case ChangeKind.RESUME:
            return _("The pause is ended early")
        case ChangeKind.LEAVE:
            return _("Leaving with the end of the paid time")
        case ChangeKind.LEAVE_NOW:
            return _("Leaving at once")
        case ChangeKind.STAY:
            return _("The wish to leave is taken back")


def _who(change: PledgeChange, name: str | None) -> str:
    if change.via == "staff":
        return _("Asked by %(name)s for the patron", name=name or _("(no name)"))
    if change.via == "letter":
        return _("By a letter's link")
    if change.via == "rule":
        return _("By a rule of the house")
    return _("By the patron")


def _state(change: PledgeChange) -> tuple[str, str]:
    if change.applied_at is not None:
        return _("Done"), "good"
    if change.due_at is not None:
        return _("Being done"), "warn"
    return _("Not done"), "plain"


def reasons() -> list[tuple[LeaveReason, str]]:
    """Return why patrons leave, as staff say it of somebody else."""
    return [
        (LeaveReason.TOO_EXPENSIVE, _("Too much money")),
        (LeaveReason.FOR_A_WHILE, _("Needs a break")),
        (LeaveReason.MEANT_ONCE, _("Meant to give once")),
        (LeaveReason.CONTENT, _("Not content with the reporting")),
        (LeaveReason.TECHNICAL, _("Something does not work")),
        (LeaveReason.OTHER, _("Another reason")),
    ]


def reason(code: str | None) -> str:
    """Write a reason to leave; empty for none."""
    known: dict[str, str] = {key.value: said for key, said in reasons()}
    known |= {
        endings.DISPUTED: _("A payment was disputed"),
        endings.FRAUD: _("Suspected fraud"),
        endings.REFUNDED: _("With a refund"),
    }
    return known.get(code or "", code or "")
