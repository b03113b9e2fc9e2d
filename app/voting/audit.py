"""What everybody needs to count a round again: its files, its counts, and the own receipt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.voting import box, secrecy, tally
from app.voting.box import Lists
from app.voting.models import (
    Ballot,
    Publication,
    Recount,
    RollEntry,
    Round,
    RoundStatus,
    Tally,
)

#: Receipt codes are typed from paper: what stands between their characters does not matter.
FORGIVEN = str.maketrans("", "", " -\t\r\n")


@dataclass(frozen=True, slots=True)
class Revision:
    """One published count, and the recounts of it."""

    counted: Tally
    published_at: datetime
    recounts: Sequence[Recount]


@dataclass(frozen=True, slots=True)
class Audit:
    """A published round as it can be checked; the newest count comes first."""

    round: Round
    revisions: Sequence[Revision]

    def revision(self, number: int | None) -> Revision | None:
        """Return one count by its number, the newest for None; None where there is no such."""
        if number is None:
            return self.revisions[0]
        return next((one for one in self.revisions if one.counted.revision == number), None)

    @property
    def lists(self) -> Lists:
        """What is published of the ballots."""
        return Lists(published_lists(self.revisions[0].counted)["lists"])


@dataclass(frozen=True, slots=True)
class Found:
    """What the published lists say of one receipt."""

    counts: bool
    #: Titles of the ticked topics; None where choices are not published beside receipts.
    choices: Sequence[str] | None


def of(slug: str) -> Audit | None:
    """Return a published round with all its counts; None where no result is public."""
    round_ = (
        db.session.scalars(
            select(Round)
            .where(Round.slug == slug, Round.status == RoundStatus.PUBLISHED)
            .options(joinedload(Round.topics))
        )
        .unique()
        .one_or_none()
    )
    if round_ is None:
        return None
    rows = db.session.execute(
        select(Tally, Publication.published_at)
        .join(Publication, Publication.tally_id == Tally.id)
        .where(Tally.round_id == round_.id)
        .order_by(Tally.revision.desc())
    ).all()
    recounts = db.session.scalars(
        select(Recount)
        .where(Recount.tally_id.in_([counted.id for counted, _ in rows]))
        .order_by(Recount.id.desc())
    ).all()
    return Audit(
        round_,
        [
            Revision(counted, at, [one for one in recounts if one.tally_id == counted.id])
            for counted, at in rows
        ],
    )


def published_lists(counted: Tally) -> dict[str, Any]:
    """Return what is published of a count's ballots, and the SHA-256 of each list.

    Rounds counted before lists were published promised their voters none, and keep to it.
    """
    return {
        "lists": counted.params.get("lists", Lists.WITHHELD.value),
        "lists_sha256": counted.params.get("lists_sha256", {}),
    }


def about(audit: Audit, revision: Revision) -> dict[str, Any]:
    """Return the content of round.json: all that decides a count, and what was fixed when."""
    round_, counted = audit.round, revision.counted
    return {
        "format": "hromada-round-1",
        "slug": round_.slug,
        "title": round_.title,
        "opened_at": _moment(round_.opens_at),
        "closed_at": _moment(round_.closes_at),
        "counted_at": _moment(counted.created_at),
        "published_at": _moment(revision.published_at),
        "revision": counted.revision,
        "reason": counted.reason,
        "code_version": counted.code_version,
        "topics": [
            {
                "number": topic.number,
                "title": topic.title,
                "withdrawn_at": _moment(topic.withdrawn_at),
                "withdrawn_reason": topic.withdrawn_reason,
            }
            for topic in round_.topics
        ],
        "quorum": round_.quorum,
        "roll": _roll(round_.id),
        "voted": counted.params.get("voted", counted.result["ballots"] + counted.voided),
        "voided": counted.voided,
        **published_lists(counted),
        "ballots_root": counted.input_root.hex(),
        "params": counted.params,
        "params_sha256": counted.params_hash.hex(),
        "result_sha256": counted.result_hash.hex(),
    }


def result(revision: Revision) -> bytes:
    """Return the content of result.json, to the byte that its SHA-256 was taken of."""
    return tally.canonical(revision.counted.result)


def ballots(audit: Audit) -> Iterator[str] | None:
    """Yield ballots.csv piece by piece; None where choices are withheld."""
    match audit.lists:
        case Lists.WITHHELD:
            return None
        case Lists.TOGETHER:
            return box.pages(audit.round.id, Lists.TOGETHER)
        case Lists.APART:
            return box.choices_only(box.added_up(audit.round.id))


def receipts(audit: Audit) -> Iterator[str]:
    """Yield receipts.csv piece by piece: the codes of all counted ballots."""
    return box.pages(audit.round.id, Lists.APART)


def look_for(audit: Audit, code: str) -> Found | None:
    """Return what is published of the ballot with a receipt; None where there is no such ballot."""
    row = db.session.execute(
        select(Ballot.choices, Ballot.void_reason).where(
            Ballot.round_id == audit.round.id, Ballot.receipt == code.translate(FORGIVEN).upper()
        )
    ).one_or_none()
    if row is None:
        return None
    counts = row.void_reason is None
    if not counts or audit.lists is not Lists.TOGETHER:
        return Found(counts, None)
    titles = {topic.number: topic.title for topic in audit.round.topics}
    return Found(counts, [titles[number] for number in row.choices])


def is_receipt(code: str) -> bool:
    """Whether a text could be a receipt code."""
    plain = code.translate(FORGIVEN)
    return len(plain) == secrecy.RECEIPT_LENGTH and plain.isascii() and plain.isalnum()


def _roll(round_id: int) -> dict[str, int]:
    """How many stand on the roll for which reason, as it was frozen at the close."""
    rows = db.session.execute(
        select(RollEntry.reason, func.count())
        .where(RollEntry.round_id == round_id)
        .group_by(RollEntry.reason)
        .order_by(RollEntry.reason)
    )
    return {str(reason): count for reason, count in rows}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
