"""Two of the made-up supporters who wanted to be erased: one has asked, and one is nobody now."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Select, exists, select

from app.accounts import audit
from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Donation, Pledge
from app.giving.rules import FINAL
from app.privacy import erasing, erasure_steps
from app.privacy.erasure_models import Erasure, ErasureState, ErasureStep
from app.topics.models import Proposal
from app.voting.models import Participation, Round, RoundStatus


def fill(rng: Random, *, now: datetime) -> None:
    """Let one who gives wait for the own letter, and erase one who had left; commits.

    Stripe, which does not know them, is not asked; what was asked of it stands there as done.
    """
    stays, gone = db.session.scalars(_unheard(going_on=True)), db.session.scalars(_unheard())
    asked = _wish(rng, stays.all(), now - timedelta(hours=5))
    asked.state = ErasureState.ASKED
    erasure = _wish(rng, gone.all(), now - timedelta(days=12))
    erasure.state, erasure.due_at = ErasureState.RUNNING, now
    erasure.confirmed_at = erasure.asked_at + timedelta(minutes=20)
    erasure.comes_at = erasure.begun_at = erasure.confirmed_at + timedelta(days=7)
    db.session.flush()
    _carry_out(erasure, erasure.begun_at + timedelta(minutes=2))
    db.session.commit()


def _unheard(*, going_on: bool = False) -> Select[int]:
    """Supporters of one pledge who neither vote in the open round nor suggest, nor gave besides."""
    pledges = select(Pledge.id).where(Pledge.account_id == Account.id)
    live = pledges.where(Pledge.status.not_in(FINAL))
    votes = (
        select(Participation.account_id)
        .join(Round, Round.id == Participation.round_id)
        .where(Participation.account_id == Account.id, Round.status == RoundStatus.OPEN)
    )
    besides = select(Donation.id).where(
        Donation.account_id == Account.id, Donation.pledge_id.is_(None)
    )
    return (
        select(Account.id)
        .where(
            Account.role.is_(None),
            exists(pledges.where(Pledge.started_at.is_not(None))),
            exists(live) if going_on else ~exists(live),
            ~exists(votes),
            ~exists(besides),
            ~exists(select(Proposal.id).where(Proposal.account_id == Account.id)),
        )
        .order_by(Account.id)
    )


def _wish(rng: Random, among: Sequence[int], at: datetime) -> Erasure:
    account = db.session.get_one(Account, rng.choice(among))
    erasure = Erasure(
        id=uuid.UUID(int=rng.getrandbits(128), version=4),
        account_id=account.id,
        locale=account.locale,
        asked_at=at,
        at_once=False,
        attempts=0,
    )
    db.session.add(erasure)
    return erasure


def _carry_out(erasure: Erasure, at: datetime) -> None:
    """Do and note every step; the caller commits."""
    ids = erasing.accounts_of(erasure.id)
    steps = {"customer:demo": 1}
    erasure_steps.allow(erasure.id)
    for name, act in erasure_steps.STEPS.items():
        steps[name] = act(ids)
    steps["account"] = erasure_steps.accounts(ids)
    for name, rows in steps.items():
        db.session.add(ErasureStep(erasure_id=erasure.id, name=name, rows=rows, done_at=at))
    erasure.state, erasure.done_at = ErasureState.DONE, at
    erasure.done()
    audit.note(None, "erasure_done", "erasure", erasure.id, account_id=erasure.account_id, now=at)
