"""The roll: who may vote while a round is open, and who could when it closed."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from app.accounts.models import Account
from app.extensions import db
from app.giving import pledges
from app.giving.models import Adjustment, Donation, Pledge
from app.giving.rules import EndReason
from app.voting import secrecy
from app.voting.models import Ballot, Participation, RollEntry, RollRule, Round


class Reason(StrEnum):
    """Why an account could vote in a closed round, or could not."""

    PATRON = "patron"
    #: Voted as a patron and has left since: what was given was not returned, the ballot counts.
    LEFT_SINCE = "left_since"
    #: The payment that made it a patron was contested at the bank: the ballot does not count.
    DISPUTED = "disputed"
    #: What it gave last was returned whole by the close: the ballot does not count.
    REFUNDED = "refunded"
    #: The newsroom's staff do not vote.
    STAFF = "staff"


COUNTED = (Reason.PATRON, Reason.LEFT_SINCE)


def may_vote(account_id: ColumnElement[int] | int, now: datetime) -> ColumnElement[bool]:
    """Whether an account may cast a ballot now in the round of the statement around it.

    That is a patron whose payment has settled, since before the opening where the round asks for
    that, and not staff.
    """
    return exists(
        select(Pledge.id)
        .join(Account, Account.id == Pledge.account_id)
        .where(
            Account.id == account_id,
            Account.role.is_(None),
            pledges.standing_at(now),
            _early_enough(),
        )
        .correlate(Round)
    )


def patrons(now: datetime | ColumnElement[Any]) -> ColumnElement[bool]:
    """The accounts, in a statement over `Account` and `Round`, that may cast a ballot now."""
    return and_(
        Account.role.is_(None),
        exists(
            select(Pledge.id)
            .where(Pledge.account_id == Account.id, pledges.standing_at(now), _early_enough())
            .correlate(Account, Round)
        ),
    )


def _early_enough() -> ColumnElement[bool]:
    return or_(Round.roll_rule == RollRule.PATRON_WHEN_CASTING, Pledge.started_at < Round.opens_at)


def freeze(round_: Round, *, now: datetime) -> None:
    """Write the roll of a closed round as it was at its close, and void what may not count.

    Enters each account once, however often it runs. The caller commits.
    """
    db.session.execute(
        insert(RollEntry)
        .from_select(
            ["round_id", "account_id", "eligible", "reason"], _roll_at_the_close(round_, now)
        )
        .on_conflict_do_nothing()
    )
    refused = db.session.execute(
        select(RollEntry.account_id, RollEntry.reason)
        .join(
            Participation,
            and_(
                Participation.round_id == RollEntry.round_id,
                Participation.account_id == RollEntry.account_id,
            ),
        )
        .where(RollEntry.round_id == round_.id, RollEntry.eligible.is_(False))
    ).all()
    keys = secrecy.ballot_keys(round_)
    assert keys is not None, "destroyed only after the count"
    for account_id, reason in refused:
        db.session.execute(
            update(Ballot)
            .where(Ballot.round_id == round_.id, Ballot.ballot_key == keys.of(account_id))
            .values(void_reason=reason)
        )


def _roll_at_the_close(round_: Round, now: datetime) -> Select[tuple[int, int, bool, str]]:
    # A job that runs late, or a pledge that ended meanwhile, must not change who could vote then.
    stood = [
        Pledge.started_at <= round_.closes_at,
        or_(pledges.standing_at(now), Pledge.ended_at > round_.closes_at),
    ]
    if round_.roll_rule == RollRule.PATRON_BEFORE_OPENING:
        stood.append(Pledge.started_at < round_.opens_at)
    # Joined as sets: asked account by account, a large roll would take hours.
    # And found once, by name: where statistics lag behind, a subquery would be run for each pledge.
    returned = select(_returned(round_).cte("returned").c.pledge_id)
    stood_then = select(Pledge.account_id).where(*stood).distinct().subquery("stood")
    patron = (
        select(Pledge.account_id)
        .where(*stood, Pledge.id.not_in(returned))
        .distinct()
        .subquery("patron")
    )
    refunded = (
        select(Pledge.account_id)
        .where(
            Pledge.id.in_(returned),
            or_(Pledge.ended_at.is_(None), Pledge.ended_at > round_.opens_at),
        )
        .distinct()
        .subquery("refunded")
    )
    voted = (
        select(Participation.account_id)
        .where(Participation.round_id == round_.id)
        .subquery("voted")
    )
    contested = (
        select(Pledge.account_id)
        .where(Pledge.end_reason == EndReason.DISPUTED, Pledge.ended_at <= round_.closes_at)
        .distinct()
        .subquery("contested")
    )
    reason = case(
        (Account.role.is_not(None), Reason.STAFF),
        (patron.c.account_id.is_not(None), Reason.PATRON),
        (contested.c.account_id.is_not(None), Reason.DISPUTED),
        (refunded.c.account_id.is_not(None), Reason.REFUNDED),
        else_=Reason.LEFT_SINCE,
    )
    return (
        select(literal(round_.id), Account.id, reason.in_(COUNTED), reason)
        .outerjoin(stood_then, stood_then.c.account_id == Account.id)
        .outerjoin(patron, patron.c.account_id == Account.id)
        .outerjoin(voted, voted.c.account_id == Account.id)
        .outerjoin(contested, contested.c.account_id == Account.id)
        .outerjoin(refunded, refunded.c.account_id == Account.id)
        .where(or_(stood_then.c.account_id.is_not(None), voted.c.account_id.is_not(None)))
    )


def _returned(round_: Round) -> Select[uuid.UUID | None]:
    """The pledges whose newest donation had gone back whole at the close."""
    later = aliased(Donation)
    moved = (
        select(Adjustment.donation_id, func.sum(Adjustment.amount_minor).label("minor"))
        .where(Adjustment.happened_at <= round_.closes_at)
        .group_by(Adjustment.donation_id)
        .subquery("moved")
    )
    newer = (
        select(later.id)
        .where(
            later.pledge_id == Donation.pledge_id,
            later.received_at <= round_.closes_at,
            or_(
                later.received_at > Donation.received_at,
                and_(later.received_at == Donation.received_at, later.id > Donation.id),
            ),
        )
        .exists()
    )
    return (
        select(Donation.pledge_id)
        .join(moved, moved.c.donation_id == Donation.id)
        .where(Donation.pledge_id.is_not(None), Donation.amount_minor + moved.c.minor <= 0, ~newer)
    )
