"""Letters of this room: a story is out, a promise is late."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from app.accounts.models import Account, Role
from app.current import zone
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.promises import followers, promises
from app.promises.models import Promise
from app.promises.rules import OPEN, REMIND_AGAIN, State
from app.topics import steps
from app.topics.models import Proposal
from app.voting.models import Round, RoundTopic

PUBLISHED, LATE = "promise_published", "promise_late"
#: So many letters are entered at a time.
SET = 1000


def tell(promise_id: int, *, now: datetime) -> None:
    """Owe the letters about a published story, in sets; commits. Safe to run twice.

    To who suggested the topic and who voted in the round, as far as they agreed to such letters.
    Whoever was told of it before, when its entry had to be put right, is not told again.
    """
    promise = promises.locked(promise_id)
    if promise.state == State.PUBLISHED and promise.told_at is None:
        told = set(_told(promise))
        people = dict.fromkeys([*proposers(promise), *followers.of_round(promise.round_id)])
        waiting = [one for one in people if one not in told]
        for start in range(0, len(waiting), SET):
            letters.owe_each(
                PUBLISHED,
                (
                    (f"{promise.id}:{promise.publications}:{one}", one)
                    for one in waiting[start : start + SET]
                ),
                now=now,
            )
        promise.told_at = now
    promise.done()
    db.session.commit()


def _told(promise: Promise) -> Sequence[int]:
    return db.session.scalars(
        select(Letter.account_id).where(
            Letter.kind == PUBLISHED,
            Letter.matter.startswith(f"{promise.id}:"),
            Letter.sent_at.is_not(None),
        )
    ).all()


def proposers(promise: Promise) -> list[int]:
    """Return who suggested the topic, or another that was joined with it; empty for the staff's."""
    proposal = proposal_of(promise)
    return steps.proposers(proposal.id) if proposal is not None else []


def proposal_of(promise: Promise) -> Proposal | None:
    """Return the proposal behind a promise, where it goes on if it was merged; None for none."""
    behind = db.session.scalar(
        select(RoundTopic.proposal_id).where(
            RoundTopic.round_id == promise.round_id, RoundTopic.number == promise.number
        )
    )
    found = db.session.get(Proposal, behind) if behind is not None else None
    if found is None or found.merged_into_id is None:
        return found
    return db.session.get_one(Proposal, found.merged_into_id)


@letters.writes(PUBLISHED)
def write_published(letter: Letter) -> Draft | None:
    """Tell that the story is out; not any more when that was wrong, or of an earlier entry."""
    promise_id, publication, _ = letter.matter.split(":")
    promise = db.session.get_one(Promise, int(promise_id), populate_existing=True)
    if promise.state != State.PUBLISHED or promise.publications != int(publication):
        return None
    account = db.session.get_one(Account, letter.account_id)
    return letters.draft(
        PUBLISHED,
        to=account.email,
        locale=account.locale,
        account_id=account.id,
        name=account.name,
        promise=promise,
        round=db.session.get_one(Round, promise.round_id),
        suggested=letter.account_id in proposers(promise),
    )


def remind_of_late(*, now: datetime) -> int:
    """Owe who sees to a promise a letter once it is late, and one more a fortnight on; commits.

    Where nobody sees to it the owners are told. Another date, or another editor, is another matter.
    Return how many became owed.
    """
    today = now.astimezone(zone()).date()
    late = db.session.scalars(
        select(Promise).where(Promise.state.in_(OPEN), Promise.due_on < today).order_by(Promise.id)
    ).all()
    matters = [
        (f"{promise.id}:{promise.due_on}:{_nth(promise.due_on, today)}:{reader}", reader)
        for promise in late
        if promise.due_on is not None
        for reader in _reminded(promise)
    ]
    known = set(
        db.session.scalars(
            select(Letter.matter).where(
                Letter.kind == LATE, Letter.matter.in_([matter for matter, _ in matters])
            )
        )
    )
    fresh = [(matter, reader) for matter, reader in matters if matter not in known]
    letters.owe_each(LATE, fresh, now=now)
    db.session.commit()
    return len(fresh)


def _nth(due_on: date, today: date) -> int:
    return 2 if today >= due_on + REMIND_AGAIN else 1


def _reminded(promise: Promise) -> Sequence[int]:
    """Who is to be reminded: the editor while still one, else every owner."""
    if promise.editor_id is not None:
        editor = db.session.get_one(Account, promise.editor_id)
        if editor.role in promises.EDITORS:
            return [editor.id]
    return db.session.scalars(
        select(Account.id).where(Account.role == Role.OWNER).order_by(Account.id)
    ).all()


@letters.writes(LATE)
def write_late(letter: Letter) -> Draft | None:
    """Remind of a late promise; not any more when it is done, has another date or editor."""
    promise_id, due_on, _nth_time, _reader = letter.matter.split(":")
    promise = db.session.get_one(Promise, int(promise_id), populate_existing=True)
    if promise.state not in OPEN or str(promise.due_on) != due_on:
        return None
    if letter.account_id not in _reminded(promise):
        return None
    account = db.session.get_one(Account, letter.account_id)
    return letters.draft(
        LATE,
        to=account.email,
        locale=account.locale,
        name=account.name,
        promise=promise,
        unassigned=promise.editor_id != account.id,
    )
