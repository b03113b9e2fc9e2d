"""What bank statements said of people, thrown away once its time is over."""

from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update

from app.bank.models import StatementImport, StatementLine
from app.current import zone
from app.extensions import db

#: A line that tells of its payer, and what it says once that is over.
TOLD = (
    (StatementLine.payer != "") | (StatementLine.text != "") | (StatementLine.bank_reference != "")
)
NOTHING = {
    "payer": "",
    "text": "",
    "bank_reference": "",
    "payer_account_hash": None,
    "payer_account_last4": "",
}


def forget_drafts(*, before: datetime) -> int:
    """Throw away drafts that were uploaded before a moment; commits. Returns how many."""
    drafts = db.session.execute(
        delete(StatementImport).where(
            StatementImport.read_at.is_(None), StatementImport.uploaded_at < before
        )
    )
    db.session.commit()
    return int(drafts.rowcount)  # type: ignore[attr-defined]


def forget_payers(*, before: datetime) -> int:
    """Throw away what lines said of their payers that were set aside before a moment; commits.

    What is left of such a line is its day and amount, and the hashes by which it is known again.
    Returns how many lines; safe to run twice.
    """
    lines = db.session.execute(
        update(StatementLine)
        .where(
            StatementLine.status == "set_aside",
            StatementLine.decided_at < before,
            TOLD,
        )
        .values(NOTHING)
    )
    db.session.commit()
    return int(lines.rowcount)  # type: ignore[attr-defined]


def forget_givers(*, before: datetime) -> int:
    """Throw away what lines said of their payers that are older than the books; commits.

    Of lines that were booked, and of those that nobody decided on in all that time: whoever uploads
    old statements must see who paid, to book them. Returns how many lines; safe to run twice. The
    gifts stay.
    """
    day = before.astimezone(zone()).date()
    left = select(StatementImport.id).where(StatementImport.read_at < before)
    undecided = and_(StatementLine.status == "waiting", StatementLine.import_id.in_(left))
    lines = db.session.execute(
        update(StatementLine)
        .where(
            or_(StatementLine.status == "booked", undecided), StatementLine.booked_on < day, TOLD
        )
        .values(NOTHING)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return int(lines.rowcount)  # type: ignore[attr-defined]
