"""Which column of a bank's table holds what, guessed by its heading. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.bank.figures import Mark, Order


class Column(StrEnum):
    """What a column may hold for us."""

    DAY = "day"
    AMOUNT = "amount"
    CURRENCY = "currency"
    PAYER = "payer"
    ACCOUNT = "account"
    TEXT = "text"
    REFERENCE = "reference"
    #: "Credit" or "debit", where amounts have no sign.
    DIRECTION = "direction"
    #: Whether the bank has booked the line.
    STATE = "state"


#: Headings in English, Ukrainian, German and Polish, the surest first.
HEADINGS: dict[Column, tuple[str, ...]] = {
    Column.DAY: (
        "booking date", "date", "transaction date", "posting date", "value date", "completed date",
        "дата операції", "дата проведення", "дата проводки", "дата", "дата i час операції",
        "дата і час операції", "buchungstag", "buchungsdatum", "buchung", "datum", "wertstellung",
        "data księgowania", "data operacji", "data transakcji", "data",
    ),
    Column.AMOUNT: (
        "paid in", "money in", "credit amount", "credit", "amount", "сума кредит", "кредит",
        "зарахування", "сума в валюті картки", "сума у валюті картки", "сума в валюті рахунку",
        "сума", "haben", "gutschrift", "betrag", "umsatz", "uznania", "wpływy", "kwota operacji",
        "kwota transakcji", "kwota",
    ),
    Column.CURRENCY: ("currency", "валюта", "währung", "waehrung", "waluta"),
    Column.PAYER: (
        "payer name", "payer", "sender name", "sender", "counterparty name", "counterparty",
        "name", "платник", "контрагент", "назва контрагента", "кореспондент", "деталі операції",
        "beguenstigter zahlungspflichtiger", "begünstigter zahlungspflichtiger",
        "zahlungspflichtige r", "auftraggeber empfänger", "auftraggeber",
        "name zahlungsbeteiligter", "nadawca odbiorca", "nadawca", "dane kontrahenta", "kontrahent",
    ),
    Column.ACCOUNT: (
        "payer account number", "payer iban", "sender account", "counterparty account",
        "counterparty iban", "account number", "рахунок контрагента", "рахунок платника",
        "рахунок кореспондента", "iban контрагента", "kontonummer iban", "iban zahlungsbeteiligter",
        "iban", "numer rachunku kontrahenta", "rachunek kontrahenta", "numer konta", "nr rachunku",
    ),
    Column.TEXT: (
        "payment reference", "payment details", "remittance information", "message", "description",
        "details", "purpose", "memo", "reference", "призначення платежу", "призначення",
        "коментар", "опис", "деталі операції", "verwendungszweck", "buchungstext", "tytuł",
        "tytułem", "opis transakcji", "opis operacji", "opis",
    ),
    Column.REFERENCE: (
        "transferwise id", "transaction id", "bank reference", "reference number", "id",
        "референс", "номер операції", "номер документа", "номер документу", "document number",
        "transaktions id", "referenz", "numer referencyjny", "id transakcji",
    ),
    Column.DIRECTION: (
        "direction", "credit debit", "debit credit", "d c", "dr cr", "тип операції",
        "дебет кредит", "soll haben", "s h", "umsatztyp", "strona", "obciążenie uznanie",
    ),
    Column.STATE: ("status", "state", "стан", "статус", "info"),
}  # fmt: skip

#: Headings with one of these in them hold something else than they seem to.
NOT_AN_AMOUNT = (
    "balance", "fee", "total", "saldo", "екв", "коміс", "кешбек", "залишок", "валюті операції",
    "ursprungsbetrag", "auslagenersatz", "opłat", "prowizj", "exchange",
)  # fmt: skip
#: The account that got the money is our own.
NOT_THE_PAYERS = ("payee", "beneficiary", "recipient", "отримувач", "empfänger", "odbiorc")
SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "₴": "UAH", "zł": "PLN", "грн": "UAH", "¥": "JPY"}


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a table is to be read."""

    columns: dict[Column, int]
    #: The currency of lines whose currency stands in no column.
    currency: str
    mark: Mark
    order: Order


def words(heading: str) -> str:
    """Return a heading in small letters with one blank between its words."""
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return " ".join(re.findall(r"\w+", folded))


def known(headings: Sequence[str]) -> int:
    """Return how many different things the headings of a row name; the table's own row has most."""
    return len(guess(headings))


def guess(headings: Sequence[str]) -> dict[Column, int]:
    """Return the place of each thing that a heading names, none twice.

    The surest pairs are settled first: "Credit" is the amount only where no column is "Amount in".
    """
    scores = sorted(
        (
            (-_score(words(heading), column), rank, place, column)
            for rank, column in enumerate(Column)
            for place, heading in enumerate(headings)
        ),
        key=lambda one: one[:3],
    )
    found: dict[Column, int] = {}
    for score, _rank, place, column in scores:
        if score < 0 and column not in found and place not in found.values():
            found[column] = place
    return found


def _score(heading: str, column: Column) -> float:
    """Return how surely a heading names a thing, 0 when it does not."""
    if not heading or _is_something_else(heading, column):
        return 0
    phrases = HEADINGS[column]
    for rank, phrase in enumerate(phrases):
        sureness = 1 - rank / len(phrases)
        if heading == phrase:
            return 20 + sureness
        if heading.startswith(phrase + " "):
            return 10 + sureness
    if column in (Column.REFERENCE, Column.STATE, Column.DIRECTION):
        return 0
    padded = f" {heading} "
    return max((1 + len(p) / 100 for p in phrases if len(p) > 3 and f" {p} " in padded), default=0)


def _is_something_else(heading: str, column: Column) -> bool:
    if column is Column.AMOUNT:
        return any(part in heading for part in NOT_AN_AMOUNT)
    return column is Column.ACCOUNT and any(part in heading for part in NOT_THE_PAYERS)


def currency_in(heading: str) -> str:
    """Return the currency a heading names, as in "Сума в валюті картки (UAH)"; empty for none."""
    inside = " ".join(re.findall(r"[(\[]([^)\]]*)[)\]]", heading)).strip()
    if re.fullmatch(r"[A-Z]{3}", inside):
        return inside
    return SIGNS.get(inside.casefold().rstrip("."), "")
