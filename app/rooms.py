"""The rooms of the application: whose pages there are, and whose letters."""

from app.accounts import routes as accounts_routes
from app.accounts import second_factor_routes
from app.appeals import embed_routes, goal_routes
from app.appeals import routes as appeals_routes
from app.bank import gift_routes, line_routes
from app.corrections import letters as corrections_letters
from app.corrections import note_routes as correction_note_routes
from app.corrections import routes as corrections_routes
from app.corrections import send_routes as correction_send_routes
from app.corrections import staff_routes as corrections_staff_routes
from app.desk import (
    approval_routes,
    audit_routes,
    difference_routes,
    doctor_routes,
    inbox_routes,
    merge_routes,
    people_routes,
    pledge_routes,
    recovery_routes,
    refund_routes,
)
from app.desk import letters as desk_letters
from app.giving.arrivals import campaign_routes
from app.giving.books import history_routes, receipts, statements
from app.giving.failing import failures, reminders
from app.giving.gift import confirm_routes, confirmations
from app.giving.gift import letters as giving_letters
from app.giving.reversals import reversal_letters
from app.giving.ways import other_way_routes
from app.giving.wishes import link_routes, wish_letters, wish_routes
from app.giving.wishes import patron_routes as giving_routes
from app.pages import routes as pages_routes
from app.passes import routes as passes_routes
from app.payments import routes as payments_routes
from app.privacy import (
    consent_staff_routes,
    erasure_letters,
    erasure_routes,
    erasure_staff_routes,
    limit_routes,
    takeout_routes,
    takeouts,
)
from app.privacy import letter_routes as privacy_letter_routes
from app.promises import letters as promises_letters
from app.promises import routes as promises_routes
from app.promises import staff_routes as promises_staff_routes
from app.reports import (
    export_routes,
    exports,
    month_routes,
    movement_routes,
    rate_routes,
    report_routes,
)
from app.reports import monday as monday_letters
from app.reports import routes as reports_routes
from app.reprints import letters as reprints_letters
from app.reprints import routes as reprints_routes
from app.reprints import staff_routes as reprints_staff_routes
from app.shield import letters as shield_letters
from app.shield import routes as shield_routes
from app.topics import letters as topics_letters
from app.topics import routes as topics_routes
from app.topics import staff_routes as topics_staff_routes
from app.voting import (
    check_routes,
    deciding_routes,
    monthly_routes,
    opening_routes,
    receipt_routes,
    recount_routes,
    running_routes,
)
from app.voting import routes as voting_routes
from app.voting import staff_routes as voting_staff_routes

ROOMS = (
    accounts_routes,
    second_factor_routes,
    payments_routes,
    shield_routes,
    giving_routes,
    wish_routes,
    link_routes,
    history_routes,
    confirm_routes,
    other_way_routes,
    campaign_routes,
    line_routes,
    gift_routes,
    topics_routes,
    topics_staff_routes,
    voting_routes,
    receipt_routes,
    check_routes,
    voting_staff_routes,
    opening_routes,
    running_routes,
    deciding_routes,
    monthly_routes,
    recount_routes,
    promises_routes,
    promises_staff_routes,
    corrections_routes,
    correction_send_routes,
    corrections_staff_routes,
    correction_note_routes,
    reprints_routes,
    reprints_staff_routes,
    passes_routes,
    embed_routes,
    appeals_routes,
    goal_routes,
    people_routes,
    pledge_routes,
    refund_routes,
    merge_routes,
    recovery_routes,
    approval_routes,
    audit_routes,
    inbox_routes,
    difference_routes,
    doctor_routes,
    reports_routes,
    rate_routes,
    report_routes,
    movement_routes,
    month_routes,
    export_routes,
    takeout_routes,
    erasure_routes,
    erasure_staff_routes,
    consent_staff_routes,
    privacy_letter_routes,
    limit_routes,
    pages_routes,
)

#: Whose letters have a writer; being imported is what registers it.
WRITERS = (
    shield_letters,
    confirmations,
    giving_letters,
    failures,
    receipts,
    reminders,
    reversal_letters,
    statements,
    wish_letters,
    desk_letters,
    topics_letters,
    promises_letters,
    corrections_letters,
    reprints_letters,
    monday_letters,
    exports,
    takeouts,
    erasure_letters,
)
