"""Yearly statements: the paper for what a person gave in a year, on demand and by letter."""

from datetime import datetime

from sqlalchemy import String, cast, literal, select

from app.accounts.models import Account
from app.current import newsroom
from app.extensions import db
from app.giving.books import statement_pdf
from app.giving.books.years import Statement, available, find
from app.giving.models import Donation, Receipt
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Attachment, Draft

#: So many letters become owed in one go; whoever asks every hour has asked enough.
AT_ONCE = 2000


def pdf(statement: Statement, locale: str) -> bytes:
    """Return a statement as a PDF in a language; equal input, equal bytes."""
    return statement_pdf.typeset(statement, newsroom(), locale)


def file_name(statement: Statement) -> str:
    """Return what the PDF of a statement is called."""
    return f"statement-{statement.year}-{statement.currency}.pdf"


def owe_for_year(year: int, *, now: datetime) -> int:
    """Owe each account that gave in a year the letter with its statements, once; commits.

    Returns how many became owed, up to `AT_ONCE`: whoever asks again gets the next. Whose gifts of
    that year are entered later is written to at the next call.
    """
    matter = cast(Donation.account_id, String) + literal(f":{year}")
    written = select(Letter.id).where(Letter.kind == "yearly_statement", Letter.matter == matter)
    owed = db.session.scalars(
        select(Donation.account_id)
        .distinct()
        .join(Receipt, Receipt.donation_id == Donation.id)
        .where(Receipt.year == year, ~written.exists())
        .limit(AT_ONCE)
    ).all()
    letters.owe_each(
        "yearly_statement",
        [(f"{account_id}:{year}", account_id) for account_id in owed],
        now=now,
    )
    db.session.commit()
    return len(owed)


@letters.writes("yearly_statement")
def write(letter: Letter) -> Draft | None:
    """Write the letter with a year's statements, a PDF for each currency.

    None when there is nothing to thank for: the gifts went back, or are another account's by now.
    """
    year = int(letter.matter.partition(":")[2])
    account = db.session.get_one(Account, letter.account_id)
    currencies = [currency for of, currency in available(account.id) if of == year]
    found = [find(account.id, year, one, now=letter.created_at) for one in currencies]
    statements = [statement for statement in found if statement is not None]
    if not any(statement.kept.minor for statement in statements):
        return None
    return letters.draft(
        "yearly_statement",
        to=account.email,
        locale=account.locale,
        attachments=tuple(
            Attachment(file_name(one), pdf(one, account.locale), "pdf") for one in statements
        ),
        name=account.name,
        year=year,
        statements=statements,
        yearly_only=account.receipt_letters == "yearly",
    )
