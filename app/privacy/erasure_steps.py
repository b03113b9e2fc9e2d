"""The steps of an erasure in our own database: each empties one kind of thing, any number of times.

Each returns how many rows it was about; the caller commits. What the ledger's guards hold fast may
be emptied only by who says which erasure it is, see `allow`.
"""

import uuid
from collections.abc import Callable

from sqlalchemy import and_, case, false, func, or_, select, text, update

from app import guards
from app.accounts.models import ERASED, Account, AccountNote, RecoveryCode, SignIn
from app.corrections.models import Correction
from app.extensions import db
from app.giving.models import (
    Adjustment,
    Checkout,
    Donation,
    FailedPayment,
    PayoutEntry,
    Pledge,
    PledgeChange,
    Receipt,
    Refund,
)
from app.jobs import Job, enqueue_after_commit
from app.letters.models import Consent, Letter
from app.mailer import NOWHERE
from app.passes.models import PassGrant
from app.privacy import erasure_ballots, erasure_traces
from app.privacy.erasure_outside import NOBODY
from app.privacy.erasure_rows import Ids, emptied, gone
from app.privacy.erasures import OWN
from app.privacy.takeout_models import Takeout
from app.reports.models import ExportFile
from app.reprints.models import ReprintPermission, ReprintRequest
from app.topics.models import Proposal, Report, Seconding
from app.voting.models import RoundTopic


def allow(erasure_id: uuid.UUID) -> None:
    """Tell the guards of the ledger, for this transaction, which erasure empties what they hold."""
    db.session.execute(
        text("SELECT set_config('hromada.erasing', :id, true)"), {"id": str(erasure_id)}
    )


def sign_ins(ids: Ids) -> int:
    """Ways to sign in: letters' links and codes, second factors, sessions."""
    db.session.execute(
        update(Account)
        .where(Account.id.in_(ids))
        .values(session_version=Account.session_version + 1, totp_sealed=None, totp_step=None)
        .execution_options(synchronize_session=False)
    )
    codes = gone(RecoveryCode, RecoveryCode.account_id.in_(ids))
    return codes + gone(SignIn, SignIn.account_id.in_(ids))


def notes(ids: Ids) -> int:
    """What staff wrote down about the person."""
    return gone(AccountNote, AccountNote.account_id.in_(ids))


def letters(ids: Ids) -> int:
    """Letters not sent yet; of those that were sent stays which and when, which is no text."""
    return emptied(
        Letter,
        and_(Letter.account_id.in_(ids), Letter.kind.not_in(OWN), Letter.sent_at.is_(None)),
        due_at=None,
        error=None,
    )


def takeouts(ids: Ids) -> int:
    """Files in which the person took their data."""
    return gone(Takeout, Takeout.account_id.in_(ids))


def proposals(ids: Ids) -> int:
    """Suggestions and reports lose their author; what they say about a topic stays.

    On ballots too, where staff wrote the name beside the topic.
    """
    own = select(Proposal.id).where(Proposal.account_id.in_(ids))
    names = select(Account.name).where(Account.id.in_(ids), Account.name != "")
    named = or_(
        false(),
        *(RoundTopic.credit.icontains(name, autoescape=True) for name in db.session.scalars(names)),
    )
    emptied(RoundTopic, and_(RoundTopic.proposal_id.in_(own), named), credit="")
    said = emptied(Proposal, Proposal.account_id.in_(ids), account_id=None, named=False)
    return said + emptied(Report, Report.account_id.in_(ids), account_id=None)


def secondings(ids: Ids) -> int:
    """What the person wanted too."""
    return gone(Seconding, Seconding.account_id.in_(ids))


def consents(ids: Ids) -> int:
    """Which letters the person agreed to; nobody is written to any more."""
    with guards.lifted():
        return gone(Consent, Consent.account_id.in_(ids))


def passes(ids: Ids) -> int:
    """Sites that were let know whether the person is a patron, and all they hold to ask again."""
    return gone(PassGrant, PassGrant.account_id.in_(ids))


def corrections(ids: Ids) -> int:
    """Whose address was left with a mistake found in an article, and what was said beside it."""
    return emptied(Correction, Correction.account_id.in_(ids), account_id=None, comment="")


def reprints(ids: Ids) -> int:
    """Who asked to reprint and why; a permission stays good for the organisation that has it."""
    own = select(ReprintRequest.id).where(ReprintRequest.account_id.in_(ids))
    holder = (
        select(ReprintRequest.organisation)
        .where(ReprintRequest.id == ReprintPermission.request_id)
        .scalar_subquery()
    )
    # What was written to the person about a refusal; that there was one has to stand.
    refusal = case((ReprintRequest.refusal.is_not(None), ""), else_=None)
    rows = emptied(
        ReprintRequest, ReprintRequest.account_id.in_(ids), name="", purpose="", refusal=refusal
    )
    return rows + emptied(ReprintPermission, ReprintPermission.request_id.in_(own), holder=holder)


def ballots(ids: Ids) -> int:
    """Ballots: see `erasure_ballots.sever`."""
    return erasure_ballots.sever(ids)


def pledges(ids: Ids) -> int:
    """Of pledges: the customer at Stripe, the card, the page to pay on, what was written."""
    own = select(Pledge.id).where(Pledge.account_id.in_(ids))
    rows = emptied(
        Pledge,
        and_(Pledge.account_id.in_(ids), Pledge.stripe_customer_id.is_not(None)),
        stripe_customer_id=NOBODY,
        card_brand=None,
        card_last4=None,
        card_exp_year=None,
        card_exp_month=None,
    )
    rows += emptied(FailedPayment, FailedPayment.pledge_id.in_(own), pay_url=None)
    return rows + emptied(PledgeChange, PledgeChange.pledge_id.in_(own), comment=None)


def checkouts(ids: Ids) -> int:
    """Of attempts to give: the page at Stripe, on which the address was typed."""
    return emptied(Checkout, Checkout.account_id.in_(ids), stripe_session_id=None)


def gifts(ids: Ids) -> int:
    """Of gifts: what was written beside them, by the giver, the bank or us."""
    own = select(Donation.id).where(Donation.account_id.in_(ids))
    rows = emptied(Donation, Donation.account_id.in_(ids), reference=None)
    rows += emptied(Adjustment, Adjustment.donation_id.in_(own), note=None)
    rows += emptied(Refund, Refund.donation_id.in_(own), note="")
    charges = select(Donation.stripe_charge_id).where(Donation.account_id.in_(ids))
    refunds = select(Refund.stripe_refund_id).where(Refund.donation_id.in_(own))
    about = or_(
        PayoutEntry.stripe_source_id.in_(charges), PayoutEntry.stripe_source_id.in_(refunds)
    )
    return rows + emptied(PayoutEntry, about, description=None)


def receipts(ids: Ids) -> int:
    """Receipts lose the name; number, day and sum stay."""
    own = select(Donation.id).where(Donation.account_id.in_(ids))
    return emptied(Receipt, Receipt.donation_id.in_(own), donor_name="")


def exports(ids: Ids) -> int:
    """Files of many rows that staff had made and that may list the person."""
    return gone(ExportFile, ExportFile.ready_at.is_not(None)) if ids else 0


def begin_exports_anew() -> None:
    """Let files that are being made be begun again, of what is left; the caller commits.

    A worker that has read the person's row finds that the file is not its own any more. What is
    taken from it so is no attempt that failed: however many are erased, the file has as many.
    """
    db.session.execute(
        update(ExportFile)
        .where(ExportFile.due_at.is_not(None), ExportFile.attempts > 0)
        .values(attempts=ExportFile.attempts - 1, anew=ExportFile.anew + 1, due_at=func.now())
        .execution_options(synchronize_session=False)
    )
    enqueue_after_commit(Job.EXPORT)


def accounts(ids: Ids) -> int:
    """What is left is an empty shell that gifts point at: no address, no name, no way in."""
    return emptied(
        Account,
        Account.id.in_(ids),
        email=func.concat(ERASED, Account.id, "@", NOWHERE),
        name="",
        listed=False,
        receipt_letters="each",
        monday_letter=False,
    )


#: What is done before the last letter, by name and in this order.
STEPS: dict[str, Callable[[Ids], int]] = {
    "sign_ins": sign_ins,
    "notes": notes,
    "letters": letters,
    "takeouts": takeouts,
    "proposals": proposals,
    "secondings": secondings,
    "consents": consents,
    "passes": passes,
    "corrections": corrections,
    "reprints": reprints,
    "ballots": ballots,
    "pledges": pledges,
    "checkouts": checkouts,
    "gifts": gifts,
    "receipts": receipts,
    "bank_lines": erasure_traces.bank_lines,
    "exports": exports,
    "reasons": erasure_traces.reasons,
}
