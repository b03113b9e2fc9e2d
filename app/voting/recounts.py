"""Recounts: a published count is done again, and corrected by a further one where it differs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.accounts import audit
from app.extensions import db
from app.voting import announcements, chosen, counts
from app.voting.box import CountsDiffer
from app.voting.models import EditorialPick, Publication, Recount, Round, RoundStatus, Tally
from app.voting.rounds import locked


class NotCounted(ValueError):
    """The round has no published count that could be done again."""


@dataclass(frozen=True, slots=True)
class Again:
    """What a recount came to."""

    #: The ballots are those that were sealed at the close.
    same_ballots: bool
    #: The published count came out to the byte.
    identical: bool
    #: The correction that was published; None where there was nothing to correct.
    correction: Tally | None = None


def again(round_id: int, *, by: int, reason: str, now: datetime) -> Again:
    """Count a published round's ballots anew from the table they lie in; commits.

    Where nothing differs, that is noted for everybody to read. Where our rules of counting have
    changed since, the new count is published with the reason, beside the old one, and everybody who
    voted is told. Where the ballots themselves are not those of the close, nothing is published:
    that is noted, and somebody has to find out why. Raises `UnknownRound`, `NotCounted`.
    """
    round_ = locked(round_id)
    newest = _newest(round_)
    try:
        values = counts.count(round_)
        same_ballots = values["input_root"] == newest.input_root
    except CountsDiffer:
        values, same_ballots = {}, False
    as_noted = counts.digest(newest.result) == newest.result_hash
    identical = same_ballots and as_noted and values["result_hash"] == newest.result_hash
    # The same ballots, rules and code give the same result; else the record itself was changed.
    mended = same_ballots and (values["params_hash"], values["code_version"]) != (
        newest.params_hash,
        newest.code_version,
    )
    db.session.add(
        Recount(tally_id=newest.id, identical=identical, by_account_id=by, counted_at=now)
    )
    correction = None
    if mended and not identical:
        correction = Tally(revision=newest.revision + 1, reason=reason, created_at=now, **values)
        db.session.add(correction)
        db.session.flush()
        _publish(round_, newest, correction, now)
    audit.note(
        by, "round_recounted", "round", round_id, now=now, identical=identical, reason=reason
    )
    db.session.commit()
    return Again(same_ballots, identical, correction)


def _newest(round_: Round) -> Tally:
    if round_.status != RoundStatus.PUBLISHED:
        raise NotCounted(round_.title)
    newest = db.session.scalars(
        select(Tally).where(Tally.round_id == round_.id).order_by(Tally.revision.desc()).limit(1)
    ).one()
    # Of a round counted before lists were published the root was made otherwise.
    if "lists" not in newest.params:
        raise NotCounted(round_.title)
    return newest


def _publish(round_: Round, old: Tally, new: Tally, now: datetime) -> None:
    superseded = db.session.scalars(
        select(Publication.id).where(Publication.tally_id == old.id)
    ).one_or_none()
    db.session.add(
        Publication(round_id=round_.id, tally_id=new.id, supersedes=superseded, published_at=now)
    )
    picks = db.session.scalars(
        select(EditorialPick).where(EditorialPick.round_id == round_.id)
    ).all()
    chosen.settle(round_, chosen.taken_up(new.result["winners"], picks), now=now)
    announcements.owe_result(round_.id, new.revision, now=now)
