"""Steps of an erasure outside what is the person's own: bank, log of staff, sums of reports."""

from sqlalchemy import or_, select, text

from app.bank.forgetting import NOTHING
from app.bank.models import StatementLine
from app.extensions import db
from app.giving.models import Donation
from app.privacy.erasure_rows import Ids, emptied
from app.reports.rollups.supporters import Supporter

#: Acts of staff about a person that are entered with a reason in words of their own.
IN_WORDS = ("gift_taken_back", "letters_ended")


def bank_lines(ids: Ids) -> int:
    """Who paid by the bank, as the statement named them.

    Also in lines from the same bank account that were found to be no gift. Those that nobody has
    decided on yet stay to be decided on.
    """
    theirs = select(Donation.id).where(Donation.account_id.in_(ids))
    accounts = select(StatementLine.payer_account_hash).where(
        StatementLine.donation_id.in_(theirs), StatementLine.payer_account_hash.is_not(None)
    )
    aside = (StatementLine.status == "set_aside") & StatementLine.payer_account_hash.in_(accounts)
    return emptied(StatementLine, or_(StatementLine.donation_id.in_(theirs), aside), **NOTHING)


def reasons(ids: Ids) -> int:
    """Reasons that staff wrote down in the log; what was done, by whom and when stays there."""
    done = db.session.execute(
        text(
            "UPDATE audit_entry SET details = details - 'reason' WHERE account_id = ANY(:ids)"
            " AND act = ANY(:acts) AND details ? 'reason' RETURNING id"
        ),
        {"ids": list(ids), "acts": list(IN_WORDS)},
    )
    return len(done.all())


def sums(ids: Ids) -> int:
    """The name in the list of supporters, as it is of an account that is empty.

    It would come to that by itself, but not while whatever makes the list anew is held up.
    """
    return emptied(Supporter, Supporter.account_id.in_(ids), name="", letters="\n", parts=[])
