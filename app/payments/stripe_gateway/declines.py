"""What would help after a decline, by the bank's code. Pure."""

from app.payments.facts import Remedy

#: Every other code is answered by asking the bank: nobody else knows more.
REMEDIES = {
    **dict.fromkeys(
        (
            "approve_with_id",
            "duplicate_transaction",
            "insufficient_funds",
            "issuer_not_available",
            "processing_error",
            "reenter_transaction",
            "try_again_later",
            "withdrawal_count_limit_exceeded",
        ),
        Remedy.WAIT,
    ),
    **dict.fromkeys(
        (
            "card_not_supported",
            "currency_not_supported",
            "expired_card",
            "fraudulent",
            "highest_risk_level",
            "incorrect_address",
            "incorrect_cvc",
            "incorrect_number",
            "incorrect_zip",
            "invalid_account",
            "invalid_cvc",
            "invalid_expiry_month",
            "invalid_expiry_year",
            "invalid_number",
            "lost_card",
            "new_account_information_available",
            "pickup_card",
            "restricted_card",
            "stolen_card",
        ),
        Remedy.NEW_CARD,
    ),
    **dict.fromkeys(
        (
            "authentication_not_handled",
            "authentication_required",
            "mobile_device_authentication_required",
        ),
        Remedy.APPROVE,
    ),
}


def remedy(code: str | None) -> Remedy:
    """Return what would help; without a code there was no card to try."""
    return Remedy.NEW_CARD if code is None else REMEDIES.get(code, Remedy.ASK_BANK)
