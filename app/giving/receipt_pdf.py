"""The PDF of a receipt, set by Typst from templates/receipts/receipt.typ."""

from app.giving.models import Donation, Receipt
from config.newsroom import Newsroom


def typeset(receipt: Receipt, donation: Donation, newsroom: Newsroom) -> bytes:
    """Return the receipt as a PDF."""
    raise RuntimeError
