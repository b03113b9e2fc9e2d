"""The letters that confirm wishes: changed, paused, resumed, leaving, staying."""

import uuid
from typing import Any

from sqlalchemy import select

from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.giving.models import Pledge, PledgeChange
from app.giving.rules import FINAL, LeaveReason, PledgeStatus
from app.giving.wishes import changes, links, wish_words
from app.giving.wishes.links import Purpose
from app.giving.wishes.news import Terms
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft


@letters.writes("pledge_changed")
def write_changed(letter: Letter) -> Draft | None:
    """Confirm other terms: both, and from when; not any more when the pledge has ended."""
    pledge = _pledge(letter)
    if pledge.status in FINAL:
        return None
    before, after = map(Terms.read, letter.matter.rpartition(":")[2].split(">"))
    return _draft(
        letter,
        pledge,
        before=before,
        after=after,
        amount=after.money(pledge.currency),
        starts_on=changes.due_at(pledge),
    )


@letters.writes("pledge_paused")
def write_paused(letter: Letter) -> Draft | None:
    """Confirm a pause and when it ends; not any more when it was ended meanwhile."""
    pledge = _pledge(letter)
    if pledge.status != PledgeStatus.PAUSED:
        return None
    return _draft(letter, pledge)


@letters.writes("pledge_resumed")
def write_resumed(letter: Letter) -> Draft | None:
    """Confirm that a pause was ended before its day, and say when money is taken next."""
    pledge = _pledge(letter)
    if pledge.status in FINAL or pledge.status == PledgeStatus.PAUSED:
        return None
    return _draft(letter, pledge)


@letters.writes("pledge_staying")
def write_staying(letter: Letter) -> Draft | None:
    """Confirm that a wish to leave was taken back; not any more when it was spoken again."""
    pledge = _pledge(letter)
    if pledge.status in FINAL or pledge.ends_at is not None:
        return None
    return _draft(letter, pledge)


@letters.writes("pledge_ending")
def write_ending(letter: Letter) -> Draft | None:
    """Confirm that a pledge ends or has ended; not any more when its patron has decided to stay."""
    pledge = _pledge(letter)
    ended = pledge.status in FINAL
    if not ended and pledge.ends_at is None:
        return None
    wish = _last_wish(pledge)
    return _draft(
        letter,
        pledge,
        ended=ended,
        ends_on=pledge.ended_at if ended else pledge.ends_at,
        meant_once=wish is not None and wish.reason == LeaveReason.MEANT_ONCE,
        by=wish.via if wish is not None else "page",
        links=links.for_letter(letter, pledge, Purpose.RETURN),
    )


def _pledge(letter: Letter) -> Pledge:
    return db.session.get_one(Pledge, uuid.UUID(letter.matter.partition(":")[0]))


def _last_wish(pledge: Pledge) -> PledgeChange | None:
    """The last wish to end the pledge that was spoken here; None for one spoken at Stripe."""
    return db.session.scalar(
        select(PledgeChange)
        .where(PledgeChange.pledge_id == pledge.id, PledgeChange.kind.in_(changes.ENDS))
        .order_by(PledgeChange.asked_at.desc())
        .limit(1)
    )


def _draft(letter: Letter, pledge: Pledge, **context: Any) -> Draft:
    account = db.session.get_one(Account, letter.account_id)
    return letters.draft(
        letter.kind,
        to=account.email,
        locale=account.locale,
        name=account.name,
        pledge=pledge,
        words=wish_words,
        now=utcnow(),
        **context,
    )
