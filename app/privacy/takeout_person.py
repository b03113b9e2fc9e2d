"""What a person takes of everything but money: account, letters, votes, topics, notes."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select

from app.accounts.models import Account, AccountNote, AuditEntry, SignIn
from app.corrections.models import Correction, CorrectionGroup
from app.extensions import db
from app.letters.models import Consent, Letter
from app.passes.models import PassGrant
from app.privacy.erasure_models import Erasure
from app.privacy.takeout_models import Takeout
from app.privacy.takeout_shape import Row
from app.reprints.models import ReprintPermission, ReprintRequest
from app.topics.models import Proposal, Report, Seconding
from app.voting import ballots
from app.voting.models import Participation, RollEntry, Round

Ids = Sequence[int]


def _each(asked: Select[Any]) -> Sequence[Any]:
    return db.session.scalars(asked.execution_options(populate_existing=True)).all()


def accounts(ids: Ids) -> Iterator[Row]:
    """The account, and those that were merged into it."""
    for one in _each(select(Account).where(Account.id.in_(ids)).order_by(Account.id)):
        yield {
            "id": one.id,
            "email": one.email if one.has_address else None,
            "name": one.name,
            "language": one.locale,
            "since": one.created_at,
            "address_proved_at": one.confirmed_at,
            "on_the_list_of_patrons": one.listed,
            "receipt_letters": one.receipt_letters,
            "role": one.role,
            "second_factor": one.totp_sealed is not None,
            "merged_into": one.merged_into_id,
        }


def sign_ins(ids: Ids) -> Iterator[Row]:
    """Requests to sign in that are still kept."""
    asked = select(SignIn).where(SignIn.account_id.in_(ids)).order_by(SignIn.created_at)
    for one in _each(asked):
        yield {"asked_at": one.created_at, "used_at": one.used_at, "page": one.next_path}


def consents(ids: Ids) -> Iterator[Row]:
    """Each time letters were agreed to or ended."""
    for one in _each(select(Consent).where(Consent.account_id.in_(ids)).order_by(Consent.id)):
        yield {
            "at": one.at,
            "category": one.category,
            "act": one.act,
            "how": one.how,
            "wording": one.wording,
            "language": one.locale,
        }


def letters(ids: Ids) -> Iterator[Row]:
    """Which letters were owed and sent; their words are not kept."""
    asked = select(Letter).where(Letter.account_id.in_(ids)).order_by(Letter.created_at, Letter.id)
    for one in _each(asked):
        yield {"kind": one.kind, "owed_at": one.created_at, "sent_at": one.sent_at}


def notes(ids: Ids) -> Iterator[Row]:
    """What staff wrote down about the person."""
    for one in _each(
        select(AccountNote).where(AccountNote.account_id.in_(ids)).order_by(AccountNote.id)
    ):
        yield {"written_at": one.written_at, "removed_at": one.removed_at, "text": one.text}


def deeds(ids: Ids) -> Iterator[Row]:
    """What staff and the house's rules did, looks at the person's page too.

    Of what a member of staff did that concerns others, only what it was and when.
    """
    asked = (
        select(AuditEntry)
        .where(AuditEntry.account_id.in_(ids) | AuditEntry.by_account_id.in_(ids))
        .order_by(AuditEntry.id)
    )
    for one in _each(asked):
        yield {
            "at": one.at,
            "act": one.act,
            "by": _by(one, ids),
            "about": f"{one.subject_kind} {one.subject_id}" if one.account_id in ids else None,
            "details": [
                f"{key}: {value}"
                for key, value in sorted(one.details.items())
                if one.account_id in ids
            ],
        }


def _by(entry: AuditEntry, ids: Ids) -> str:
    """Who acted, as far as that is the person's: which member of staff it was is theirs."""
    if entry.by_account_id is None:
        return "rule"
    return "you" if entry.by_account_id in ids else "staff"


def proposals(ids: Ids) -> Iterator[Row]:
    """Topics that the person suggested."""
    asked = select(Proposal).where(Proposal.account_id.in_(ids)).order_by(Proposal.id)
    for one in _each(asked):
        yield {
            "at": one.created_at,
            "title": one.title,
            "why": one.why,
            "links": list(one.links),
            "named": one.named,
            "state": one.state,
            "answer": one.reason,
        }


def voices(ids: Ids) -> Iterator[Row]:
    """Topics of others that the person seconded or reported."""
    seconded = (
        select(Seconding.created_at, Proposal.title)
        .join(Proposal, Proposal.id == Seconding.proposal_id)
        .where(Seconding.account_id.in_(ids))
        .order_by(Seconding.created_at)
    )
    for at, title in db.session.execute(seconded):
        yield {"what": "seconded", "at": at, "title": title, "said": None}
    reported = (
        select(Report, Proposal.title)
        .join(Proposal, Proposal.id == Report.proposal_id)
        .where(Report.account_id.in_(ids))
        .order_by(Report.id)
    )
    for one, title in db.session.execute(reported):
        yield {"what": "reported", "at": one.reported_at, "title": title, "said": one.reason}


def votes(ids: Ids) -> Iterator[Row]:
    """Rounds in which the person voted or could; choices as long as anybody can find them."""
    took_part = (
        select(Round, Participation.first_cast_on, RollEntry.reason, Participation.account_id)
        .outerjoin(
            Participation,
            (Participation.round_id == Round.id) & Participation.account_id.in_(ids),
        )
        .outerjoin(RollEntry, (RollEntry.round_id == Round.id) & RollEntry.account_id.in_(ids))
        .where(Participation.account_id.is_not(None) | RollEntry.account_id.is_not(None))
        .order_by(Round.id)
    )
    for round_, cast_on, reason, account_id in db.session.execute(took_part).unique():
        yield {
            "round": round_.title,
            "closes_at": round_.closes_at,
            "first_cast_on": cast_on,
            "on_the_roll": reason,
            "choices": _choices(round_, account_id) if account_id else None,
        }


def _choices(round_: Round, account_id: int) -> list[str] | None:
    """What the person ticked, as the page of the round shows it to them; None once nobody can."""
    if round_.ballot_key_sealed is None:
        return None
    titles = {topic.number: topic.title for topic in round_.topics}
    return [titles[number] for number in ballots.mine(round_, account_id).choices]


def corrections(ids: Ids) -> Iterator[Row]:
    """What the person wrote about mistakes in articles, with the own address."""
    asked = (
        select(Correction, CorrectionGroup.url, CorrectionGroup.state)
        .join(CorrectionGroup, CorrectionGroup.id == Correction.group_id)
        .where(Correction.account_id.in_(ids))
        .order_by(Correction.id)
    )
    for one, url, state in db.session.execute(asked):
        yield {
            "sent_at": one.sent_at,
            "url": url,
            "passage": one.passage,
            "comment": one.comment,
            "state": state,
        }


def reprints(ids: Ids) -> Iterator[Row]:
    """What the person asked to print elsewhere, and the permission."""
    asked = (
        select(ReprintRequest, ReprintPermission)
        .outerjoin(ReprintPermission, ReprintPermission.request_id == ReprintRequest.id)
        .where(ReprintRequest.account_id.in_(ids))
        .order_by(ReprintRequest.id)
    )
    # What is joined from outside may be missing, which the types do not say.
    rows: Sequence[Any] = db.session.execute(asked).all()
    for one, permission in rows:
        yield {
            "asked_at": one.asked_at,
            "name": one.name,
            "organisation": one.organisation,
            "place": one.place,
            "articles": one.articles,
            "purpose": one.purpose,
            "state": one.state,
            "refusal": one.refusal,
            "permission": permission.number if permission is not None else None,
            "holder": permission.holder if permission is not None else None,
        }


def passes(ids: Ids) -> Iterator[Row]:
    """Sites that may know whether the person is a patron."""
    for one in _each(select(PassGrant).where(PassGrant.account_id.in_(ids)).order_by(PassGrant.id)):
        yield {"site": one.origin, "since": one.granted_at, "asked_at": one.asked_at}


def rights(ids: Ids) -> Iterator[Row]:
    """Earlier files like this one, and wishes to be erased."""
    for one in _each(select(Takeout).where(Takeout.account_id.in_(ids)).order_by(Takeout.asked_at)):
        yield {"what": "takeout", "at": one.asked_at, "state": _state(one)}
    for wish in _each(
        select(Erasure).where(Erasure.account_id.in_(ids)).order_by(Erasure.asked_at)
    ):
        yield {"what": "erasure", "at": wish.asked_at, "state": wish.state}


def _state(one: Takeout) -> str:
    if one.ready_at is not None:
        return "ready"
    return "failed" if one.failed_at is not None else "asked"
