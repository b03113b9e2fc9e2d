"""Two accounts that turn out to be one person: what joining them moves, and when it cannot be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.errors import DeadlockDetected
from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import aliased

from app.accounts import accounts, audit
from app.accounts.models import Account, AccountNote
from app.corrections.models import Correction
from app.extensions import db
from app.giving.models import Checkout, Donation, Pledge, PledgeMovement
from app.giving.rules import FINAL
from app.letters import consents
from app.money import Money
from app.reprints.models import ReprintRequest
from app.topics.models import Proposal, Report, Seconding
from app.voting.models import Participation, Round, RoundStatus

#: What moves to the account that is kept. A round's participation stays: the key of a ballot is
#: made from the account that cast it. Letters and the audit log stay too: they tell what was done
#: when, and a person's page reads them of every account that was merged into it.
MOVED = (
    Pledge,
    PledgeMovement,
    Checkout,
    Donation,
    AccountNote,
    Proposal,
    Correction,
    ReprintRequest,
)
#: Two merges, or a merge and an event of the provider, may wait for each other; then one begins
#: anew.
ATTEMPTS = 3


class CannotMerge(ValueError):
    """The two accounts cannot be joined now; the kinds of this say why."""


class SameAccount(CannotMerge):
    """There is only one account, or one of the two was merged before."""


class IsStaff(CannotMerge):
    """One of the two works here; a role is never moved or lost by a merge."""


class VotesNow(CannotMerge):
    """The account to be merged has voted in an open round, and its person could vote once more.

    `both` says whether the account that is kept has voted too; then turning the two round does not
    help, and only the close does.
    """

    def __init__(self, title: str, closes_at: datetime, *, both: bool) -> None:
        super().__init__(title)
        self.title, self.closes_at, self.both = title, closes_at, both


class IsErased(CannotMerge):
    """One of the two is to be erased, or has been."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would move to the account that is kept."""

    kept: Account
    merged: Account
    pledges: int
    gifts: int
    #: What those gifts come to, one sum for each currency.
    given: tuple[Money, ...]
    notes: int
    #: Topics that were suggested.
    proposals: int
    #: The pledges that go on, of both together.
    live: Sequence[Pledge]
    #: Why it cannot be done now; None where it can.
    obstacle: CannotMerge | None


def preview(kept_id: int, merged_id: int) -> Preview:
    """Say what merging one account into another would do; changes nothing."""
    kept, merged = db.session.get_one(Account, kept_id), db.session.get_one(Account, merged_id)
    sums = db.session.execute(
        select(Donation.currency, func.sum(Donation.amount_minor), func.count())
        .where(Donation.account_id == merged_id)
        .group_by(Donation.currency)
        .order_by(Donation.currency)
    ).all()
    live = db.session.scalars(
        select(Pledge)
        .where(
            Pledge.account_id.in_((kept_id, merged_id)),
            Pledge.started_at.is_not(None),
            Pledge.status.not_in(FINAL),
        )
        .order_by(Pledge.started_at)
    ).all()
    try:
        _check(kept, merged)
        obstacle = None
    except CannotMerge as found:
        obstacle = found
    return Preview(
        kept,
        merged,
        pledges=_count(Pledge, merged_id),
        gifts=sum(row[2] for row in sums),
        given=tuple(Money(int(minor), currency) for currency, minor, _gifts in sums),
        notes=_count(AccountNote, merged_id),
        proposals=_count(Proposal, merged_id),
        live=live,
        obstacle=obstacle,
    )


def merge(kept_id: int, merged_id: int, *, by: int, now: datetime) -> None:
    """Move everything of one account to another that is the same person; commits.

    The address of the merged one signs in to the other from then on, its sessions end, and its
    votes stay as they were counted. Raises `CannotMerge`; then nothing has changed.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _merge(kept_id, merged_id, by, now)
            db.session.commit()
        except OperationalError as error:
            db.session.rollback()
            if attempt == ATTEMPTS or not isinstance(error.orig, DeadlockDetected):
                raise
        except CannotMerge:
            db.session.rollback()
            raise
        else:
            return


def _merge(kept_id: int, merged_id: int, by: int, now: datetime) -> None:
    _lock_rounds()
    # What settles a payment holds its pledge or checkout before it reads whose it is. Both are
    # held here first, so that it waits and then reads the account that is kept.
    for model in (Checkout, Pledge):
        db.session.execute(
            select(model.id)
            .where(model.account_id == merged_id)
            .order_by(model.id)
            .with_for_update(key_share=True)
        ).all()
    pair = _lock_accounts(kept_id, merged_id)
    if len(pair) < 2:
        raise SameAccount
    kept, merged = pair[kept_id], pair[merged_id]
    _check(kept, merged)
    moved = {model.__tablename__: _move(model, kept_id, merged_id) for model in MOVED}
    _move_voices(kept_id, merged_id)
    consents.join(kept_id, merged_id, now=now)
    # Those merged before point at whoever is kept now: nobody follows more than one step.
    db.session.execute(
        update(Account)
        .where(Account.merged_into_id == merged_id)
        .values(merged_into_id=kept_id)
        .execution_options(synchronize_session=False)
    )
    merged.merged_into_id = kept_id
    merged.listed = False
    accounts.end_sessions(merged)
    audit.note(
        by,
        "accounts_merged",
        "account",
        kept_id,
        account_id=kept_id,
        now=now,
        merged_id=merged_id,
        **moved,
    )


def _lock_rounds() -> None:
    """Hold the open rounds: whoever casts a ballot holds the round before asking who may vote."""
    db.session.execute(
        select(Round.id)
        .where(Round.status == RoundStatus.OPEN)
        .order_by(Round.id)
        .with_for_update(key_share=True)
    ).all()


def _lock_accounts(kept_id: int, merged_id: int) -> dict[int, Account]:
    # Those that point at one of the two come first: whoever follows such a pointer holds it.
    db.session.execute(
        select(Account.id)
        .where(Account.merged_into_id == merged_id)
        .order_by(Account.id)
        .with_for_update(key_share=True)
    ).all()
    rows = db.session.scalars(
        select(Account)
        .where(Account.id.in_((kept_id, merged_id)))
        .order_by(Account.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {account.id: account for account in rows}


def _check(kept: Account, merged: Account) -> None:
    if kept.id == merged.id or kept.merged_into_id or merged.merged_into_id:
        raise SameAccount
    if kept.is_staff or merged.is_staff:
        raise IsStaff
    if accounts.is_being_erased((kept.id, merged.id)):
        raise IsErased
    voted = _votes_now(merged.id)
    if voted:
        also = {round_.id for round_ in _votes_now(kept.id)}
        both = [round_ for round_ in voted if round_.id in also]
        found = (both or list(voted))[0]
        raise VotesNow(found.title, found.closes_at, both=bool(both))


def _votes_now(account_id: int) -> Sequence[Round]:
    return db.session.scalars(
        select(Round)
        .join(Participation, Participation.round_id == Round.id)
        .where(Participation.account_id == account_id, Round.status == RoundStatus.OPEN)
        .order_by(Round.id)
    ).all()


def _move_voices(kept_id: int, merged_id: int) -> None:
    """Move what was seconded and reported, once for each topic; nobody seconds the own topic."""
    # What was joined with another is theirs where it goes on.
    goes_on = func.coalesce(Proposal.merged_into_id, Proposal.id)
    own = select(goes_on).where(Proposal.account_id == kept_id)
    theirs = aliased(Seconding)
    twice = exists().where(
        theirs.account_id == kept_id, theirs.proposal_id == Seconding.proposal_id
    )
    unsynchronised = {"synchronize_session": False}
    db.session.execute(
        delete(Seconding).where(
            or_(
                Seconding.account_id.in_((kept_id, merged_id)) & Seconding.proposal_id.in_(own),
                (Seconding.account_id == merged_id) & twice,
            )
        ),
        execution_options=unsynchronised,
    )
    db.session.execute(
        update(Seconding).where(Seconding.account_id == merged_id).values(account_id=kept_id),
        execution_options=unsynchronised,
    )
    reported = aliased(Report)
    before = exists().where(
        reported.account_id == kept_id, reported.proposal_id == Report.proposal_id
    )
    db.session.execute(
        update(Report).where(Report.account_id == merged_id, ~before).values(account_id=kept_id),
        execution_options=unsynchronised,
    )


def _move(
    model: type[
        Pledge
        | PledgeMovement
        | Checkout
        | Donation
        | AccountNote
        | Proposal
        | Correction
        | ReprintRequest
    ],
    to: int,
    of: int,
) -> int:
    rows = db.session.execute(
        update(model)
        .where(model.account_id == of)
        .values(account_id=to)
        .returning(model.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(rows)


def _count(model: type[Pledge | AccountNote | Proposal], account_id: int) -> int:
    found = select(func.count()).select_from(model).where(model.account_id == account_id)
    return db.session.scalar(found) or 0
