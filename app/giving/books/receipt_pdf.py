"""The PDF of a receipt, set by Typst from templates/receipts/receipt.typ."""

import json
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path

import typst
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from app.giving.models import Donation, Receipt
from app.giving.reversals.returns import NOTHING, Returned
from app.localisation import format_day, format_money
from app.money import Money
from config.newsroom import Newsroom


def typeset(
    receipt: Receipt, donation: Donation, newsroom: Newsroom, returned: Returned = NOTHING
) -> bytes:
    """Return a receipt as a tagged one-page PDF in its own language; equal input, equal bytes.

    It is marked with what of the donation went back. The fonts are those that Typst carries, so it
    looks the same on every machine. Raises `typst.TypstError` when the template is broken.
    """
    with force_locale(receipt.locale):
        words = _words(receipt, donation, newsroom, returned)
    document = _compiler().compile(
        format="pdf",
        sys_inputs={"receipt": json.dumps(words)},
        timestamp=datetime.combine(receipt.issued_on, time(12), UTC),
    )
    assert isinstance(document, bytes), "one page, one file"
    return document


@cache
def _compiler() -> typst.Compiler:
    """One compiler per process: reading its fonts takes longer than setting a page."""
    source = Path(str(current_app.template_folder), "receipts", "receipt.typ")
    return typst.Compiler(source, ignore_system_fonts=True)


def _words(
    receipt: Receipt, donation: Donation, newsroom: Newsroom, returned: Returned
) -> dict[str, object]:
    return {
        "locale": receipt.locale,
        "accent": newsroom.colours.accent,
        "newsroom": newsroom.name.within(receipt.locale),
        "tagline": newsroom.tagline.within(receipt.locale),
        "title": _("Receipt %(number)s", number=receipt.reference),
        "marks": marks(donation, returned),
        "rows": _rows(receipt, donation),
        "total_label": _("Received"),
        "total": f"{format_money(donation.amount)} ({donation.currency})",
        "thanks": _(
            "Thank you. Your gift keeps our reporting open to everyone. "
            "It is a donation: no goods or services were given in return."
        ),
        "issuer": issuer_lines(newsroom),
    }


def issuer_lines(newsroom: Newsroom) -> list[str]:
    """Write who received the money, as it stands at the foot of every paper."""
    lines = [newsroom.legal_name, ", ".join(newsroom.address.splitlines())]
    if newsroom.registration:
        lines.append(newsroom.registration)
    return [*lines, newsroom.contact_email]


def _rows(receipt: Receipt, donation: Donation) -> list[tuple[str, str]]:
    rows = [
        (_("Received from"), receipt.donor_name),
        (_("Date"), format_day(receipt.issued_on)),
        (_("For"), _("Recurring gift") if donation.pledge_id else _("Gift given once")),
    ]
    if donation.card_last4:
        rows.append((_("Paid by"), card_words(donation)))
    elif donation.source != "stripe":
        rows.append((_("Paid by"), source_words(donation.source)))
    return rows


def marks(donation: Donation, returned: Returned) -> list[str]:
    """Write what of a donation went back, a line for each way it went, in the current language."""
    lines = []
    if returned.refunded_minor and returned.refunded_at:
        day = format_day(returned.refunded_at)
        if returned.refunded_minor >= donation.amount_minor:
            lines.append(_("Refunded in full on %(day)s", day=day))
        else:
            lines.append(
                _(
                    "%(part)s of %(whole)s refunded on %(day)s",
                    part=format_money(Money(returned.refunded_minor, donation.currency)),
                    whole=format_money(donation.amount),
                    day=day,
                )
            )
    if returned.disputed_minor and returned.disputed_at:
        lines.append(
            _(
                "Disputed: %(amount)s returned to the giver on %(day)s",
                amount=format_money(Money(returned.disputed_minor, donation.currency)),
                day=format_day(returned.disputed_at),
            )
        )
    if returned.taken_back_minor and returned.taken_back_at:
        day = format_day(returned.taken_back_at)
        lines.append(_("Taken back on %(day)s: no longer valid", day=day))
    return lines


def card_words(donation: Donation) -> str:
    """Write the card a donation was paid with ("Visa ···· 4242"); empty where there was none."""
    if not donation.card_last4:
        return ""
    return f"{(donation.card_brand or '').title()} ···· {donation.card_last4}".strip()


def source_words(source: str) -> str:
    """Say how a gift outside Stripe came: "bank", "cash" or "other"."""
    return {"bank": _("Bank transfer"), "cash": _("Cash"), "other": _("Another way")}[source]
