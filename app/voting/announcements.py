"""Who is told by letter that a round is open, what came of it, and what is left to editors."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import force_locale
from sqlalchemy import select

from app.accounts import sign_ins
from app.accounts.models import Account, Role
from app.clock import utcnow
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.voting import roll, round_words
from app.voting.models import EditorialPick, Participation, Publication, Round, RoundStatus, Tally
from app.voting.rounds import VOID, locked, next_turn, takes_ballots
from app.voting.tally import from_json

#: How long the link of a letter signs its reader in, once; never past the round's close.
LINK_WORKS = timedelta(days=7)
#: The letter about what a count leaves to editors; its matter is the round's id, what it is, and
#: the reader's id.
COUNTED = "round_counted"
#: The result waits until it becomes public; level topics wait for a choice.
WAITS, TIED = "waits", "tied"


def ballot_link(letter: Letter, round_: Round, *, now: datetime) -> str:
    """Return the token of a link that signs the letter's reader in and leads to the ballot.

    Sending the letter commits it.
    """
    return sign_ins.issue(
        letter.id,
        letter.account_id,
        next_path=f"/vote/{round_.slug}",
        expires_at=min(round_.closes_at, now + LINK_WORKS),
        now=now,
    )


def tell_opening(round_id: int, *, now: datetime) -> None:
    """Owe every patron who may vote and agreed to it a letter that the round is open; commits.

    Once. The round is not held meanwhile: whoever votes would wait for the last letter.
    """
    if db.session.get_one(Round, round_id, populate_existing=True).told_at is None:
        voters = db.session.scalars(
            select(Account.id)
            .join(Round, Round.id == round_id)
            .where(roll.patrons(now))
            .order_by(Account.id)
        ).all()
        letters.owe_many("round_opened", ((f"{round_id}:{id_}", id_) for id_ in voters), now=now)
    round_ = locked(round_id)
    if round_.status == RoundStatus.OPEN:
        round_.told_at = round_.told_at or now
        round_.ask_again(next_turn(round_))
    db.session.commit()


def owe_result(round_id: int, revision: int, *, now: datetime) -> None:
    """Owe the result to everyone who voted, once for each revision. The caller commits."""
    voters = db.session.scalars(
        select(Participation.account_id)
        .where(Participation.round_id == round_id)
        .order_by(Participation.account_id)
    )
    letters.owe_each(
        "round_result", ((f"{round_id}:{revision}:{id_}", id_) for id_ in voters), now=now
    )


def editors() -> Sequence[int]:
    """Return the accounts that look after rounds."""
    return db.session.scalars(
        select(Account.id).where(Account.role.in_((Role.EDITOR, Role.OWNER))).order_by(Account.id)
    ).all()


def owe_editors(round_id: int, what: str, *, now: datetime) -> None:
    """Owe those who look after rounds a letter about what a count leaves to them, once.

    The caller commits.
    """
    told = [(f"{round_id}:{what}:{account_id}", account_id) for account_id in editors()]
    letters.owe_each(COUNTED, told, now=now)


@letters.writes("round_opened")
def write_opened(letter: Letter) -> Draft | None:
    """Invite a patron to vote; not any more when the round has closed or the patron has left."""
    round_ = db.session.get_one(Round, int(letter.matter.partition(":")[0]))
    account = db.session.get_one(Account, letter.account_id)
    now = utcnow()
    still_may = db.session.scalar(
        select(roll.may_vote(account.id, now)).select_from(Round).where(Round.id == round_.id)
    )
    if not takes_ballots(round_, now) or not still_may:
        return None
    return letters.draft(
        "round_opened",
        to=account.email,
        locale=account.locale,
        account_id=account.id,
        name=account.name,
        round=round_,
        topics=[topic.title for topic in round_.topics if topic.withdrawn_at is None],
        token=ballot_link(letter, round_, now=now),
    )


@letters.writes("round_result")
def write_result(letter: Letter) -> Draft | None:
    """Tell a voter the result; not any more when the round was declared void."""
    round_id, revision, _ = letter.matter.split(":")
    row = db.session.execute(
        select(Round, Tally)
        .join(Tally, Tally.round_id == Round.id)
        .join(Publication, Publication.tally_id == Tally.id)
        .where(Round.id == int(round_id), Tally.revision == int(revision))
    ).one_or_none()
    if row is None or row.Round.status == RoundStatus.VOID:
        return None
    account = db.session.get_one(Account, letter.account_id)
    outcome = from_json(row.Tally.result)
    titles = {topic.number: topic.title for topic in row.Round.topics}
    made = db.session.scalars(
        select(EditorialPick)
        .where(EditorialPick.round_id == row.Round.id)
        .order_by(EditorialPick.number)
    ).all()
    picked = [titles[pick.number] for pick in made if pick.number in outcome.undecided]
    with force_locale(account.locale):
        departures = round_words.departures(row.Round, outcome, made)
    quorum = row.Round.quorum
    return letters.draft(
        "round_result",
        to=account.email,
        locale=account.locale,
        account_id=account.id,
        name=account.name,
        round=row.Round,
        winners=[titles[number] for number in outcome.winners],
        undecided=[] if picked else [titles[number] for number in outcome.undecided],
        picked=picked,
        # Where the newsroom takes up something else, the letter does not promise the winner.
        departures=departures,
        advisory=quorum if quorum is not None and outcome.ballots < quorum else None,
        votes=sorted(
            ((titles[number], count) for number, count in outcome.approvals.items()),
            key=lambda line: -line[1],
        ),
        ballots=outcome.ballots,
        fingerprint=row.Tally.input_root.hex(),
        revision=row.Tally.revision,
        reason=row.Tally.reason,
    )


@letters.writes(VOID)
def write_void(letter: Letter) -> Draft | None:
    """Tell who voted that the round is void, and why."""
    round_ = db.session.get_one(Round, int(letter.matter.partition(":")[0]))
    account = db.session.get_one(Account, letter.account_id)
    return letters.draft(
        VOID,
        to=account.email,
        locale=account.locale,
        account_id=account.id,
        name=account.name,
        round=round_,
    )
