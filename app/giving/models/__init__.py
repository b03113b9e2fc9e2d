"""Every table of the giving room: arrivals, pledges, the ledger, what goes back, what failed."""

from app.giving.models.arrivals import Campaign, FunnelDay, FunnelFold, Touch
from app.giving.models.failures import FailedPayment
from app.giving.models.ledger import Donation, DonationFee, Receipt, ReceiptYear
from app.giving.models.movements import MovementCheck, PledgeMovement
from app.giving.models.other_ways import OtherWay
from app.giving.models.payouts import Payout, PayoutEntry, PayoutLook, PayoutSum
from app.giving.models.pledges import Checkout, Pledge, PledgeChange, SpentLink
from app.giving.models.reversals import Adjustment, Dispute, FraudWarning, Refund

__all__ = [
    "Adjustment",
    "Campaign",
    "Checkout",
    "Dispute",
    "Donation",
    "DonationFee",
    "FailedPayment",
    "FraudWarning",
    "FunnelDay",
    "FunnelFold",
    "MovementCheck",
    "OtherWay",
    "Payout",
    "PayoutEntry",
    "PayoutLook",
    "PayoutSum",
    "Pledge",
    "PledgeChange",
    "PledgeMovement",
    "Receipt",
    "ReceiptYear",
    "Refund",
    "SpentLink",
    "Touch",
]
