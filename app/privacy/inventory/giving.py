"""What giving leaves: pledges, gifts, receipts, and what Stripe and the bank tell of them."""

from flask_babel import lazy_gettext as _l

from app.bank import imports
from app.giving.gift import leftovers
from app.giving.wishes import links
from app.privacy.inventory import periods
from app.privacy.inventory.account import MONEY
from app.privacy.inventory.shape import Ground, Kept, Kind, Part, Recipient, Seer

KINDS = (
    Kind(
        key="attempts",
        part=Part.GIVING,
        title=_l("Gifts you began"),
        what=_l(
            "The amount, period and language, the kind of device (a phone, a computer), the "
            "article and links that led you here, and which letters you asked for."
        ),
        why=_l("To lead you on to Stripe's page, and to know which articles bring support."),
        grounds=(Ground.CONTRACT, Ground.INTEREST),
        kept=Kept(
            _l("after it was begun, where it was never paid; else with the gift"), leftovers.UNPAID
        ),
        seen_by=MONEY,
        given_to=(Recipient.STRIPE,),
        tables={
            "checkout": (
                "id account_id pledge_id interval amount_minor currency cover_minor article locale "
                "device letters status stripe_session_id created_at closed_at"
            ),
            "touch": (
                "checkout_id turn pledge_id on article campaign source medium content term place "
                "referrer appeal title url"
            ),
        },
    ),
    Kind(
        key="leftovers",
        part=Part.GIVING,
        title=_l("Accounts of gifts that were never paid"),
        what=_l("The address and name that were typed, where nobody proved the address."),
        why=_l("To let you finish what you began."),
        grounds=(Ground.CONTRACT,),
        kept=Kept(_l("after it was begun; while Stripe's page is open, 31 days"), leftovers.KEPT),
        seen_by=MONEY,
    ),
    Kind(
        key="pledges",
        part=Part.GIVING,
        title=_l("Your pledge"),
        what=_l(
            "Amount, period, state, the days it was paid and is paid next, the kind, last four "
            "digits and expiry of the card, its numbers at Stripe, and what you changed and why. "
            "We never see the number of your card."
        ),
        why=_l("To take what you promised, no more and no less, and to change it as you wish."),
        grounds=(Ground.CONTRACT,),
        kept=Kept(
            _l(
                "until you have your account erased; then without your name, with numbers at "
                "Stripe as long as the law on books asks, and as days and amounts of nobody "
                "for good"
            )
        ),
        seen_by=MONEY,
        given_to=(Recipient.STRIPE,),
        tables={
            "pledge": (
                "id account_id status interval amount_minor currency article stripe_customer_id "
                "stripe_subscription_id created_at cover_minor started_at paid_until "
                "next_payment_at resumes_at card_brand card_last4 card_exp_year card_exp_month "
                "past_due_since ends_at ended_at end_reason seen_at"
            ),
            "pledge_change": (
                "id pledge_id kind by_account_id via asked_at applied_at amount_before "
                "interval_before amount_after interval_after cover_after resumes_at reason comment "
                "attempts due_at error"
            ),
            "pledge_movement": (
                "id account_id pledge_id kind cause yearly_minor currency interval at entered_at"
            ),
            "failed_payment": (
                "id pledge_id stripe_invoice_id attempt amount_minor currency failed_at "
                "next_attempt_at remedy decline_code pay_url entered_at"
            ),
        },
    ),
    Kind(
        key="gifts",
        part=Part.GIVING,
        title=_l("Your gifts and receipts"),
        what=_l(
            "Day, amount and currency of each gift, the kind and last four digits of the card, its "
            "numbers at Stripe, the receipt with your name, and what went back to you and why."
        ),
        why=_l("The law asks for books and receipts."),
        grounds=(Ground.LAW, Ground.CONTRACT),
        kept=Kept(
            _l(
                "until you have your account erased; then without your name, with numbers at "
                "Stripe as long as the law on books asks, and as days and amounts of nobody "
                "for good"
            )
        ),
        seen_by=MONEY,
        given_to=(Recipient.STRIPE, Recipient.MAIL),
        tables={
            "donation": (
                "id account_id source pledge_id checkout_id amount_minor cover_minor currency "
                "received_at entered_at card_brand card_last4 stripe_invoice_id "
                "stripe_payment_intent_id stripe_charge_id reference entered_by_id attempts due_at "
                "error"
            ),
            "donation_fee": (
                "donation_id fee_minor net_minor currency stripe_balance_transaction_id entered_at"
            ),
            "receipt": "id donation_id year number issued_on donor_name locale",
            "refund": (
                "id donation_id amount_minor currency status reason note tells ends_pledge "
                "asked_by_id approved_by_id asked_at settled_at stripe_refund_id failure seen_at "
                "attempts due_at error"
            ),
            "dispute": (
                "id stripe_dispute_id donation_id amount_minor currency status reason opened_at "
                "evidence_due_at closed_at seen_at"
            ),
            "fraud_warning": "id stripe_warning_id donation_id outcome warned_at",
            "adjustment": (
                "id donation_id kind refund_id dispute_id amount_minor currency settled_minor "
                "fee_minor net_minor settled_currency stripe_balance_transaction_id happened_at "
                "entered_at by_account_id note"
            ),
            "payout_entry": (
                "id payout_id stripe_balance_transaction_id kind stripe_type description "
                "stripe_source_id amount_minor fee_minor net_minor currency happened_at"
            ),
        },
    ),
    Kind(
        key="stripe_events",
        part=Part.GIVING,
        title=_l("What Stripe tells us"),
        what=_l(
            "Stripe's messages about your payments as they came, with your name, address and "
            "country as you typed them there."
        ),
        why=_l("To enter each payment exactly once, and to find out what went wrong with one."),
        grounds=(Ground.CONTRACT,),
        kept=Kept(_l("after it came; then only its number and kind stay"), periods.events),
        seen_by=(Seer.FINANCE, Seer.OWNERS),
        tables={
            "inbox_event": (
                "id type stripe_object_id body received_at settled_at outcome attempts due_at error"
            ),
            "difference": (
                "id kind object_id what field ours theirs found_at gone_at attempts due_at error"
            ),
        },
    ),
    Kind(
        key="links",
        part=Part.GIVING,
        title=_l("Links of letters that were used"),
        what=_l("The fingerprint of a link in a letter, and when it was used."),
        why=_l("So that it works once."),
        grounds=(Ground.CONTRACT,),
        kept=Kept(_l("after it was used"), links.LIFETIME),
        seen_by=(Seer.NOBODY,),
        tables={"spent_link": "token_hash spent_at"},
    ),
    Kind(
        key="bank_drafts",
        part=Part.GIVING,
        title=_l("Bank statements that were not read in"),
        what=_l("A file of our bank, sealed, until staff have read it in."),
        why=_l("To find gifts that came by bank transfer."),
        grounds=(Ground.LAW,),
        kept=Kept(_l("after it was uploaded"), imports.DRAFT_KEPT),
        seen_by=(Seer.FINANCE, Seer.OWNERS),
        tables={
            "statement_import": (
                "id name format body_sealed body_hash heading_hash mapping uploaded_by_id "
                "uploaded_at read_at taken known debits pending unread"
            )
        },
    ),
    Kind(
        key="bank_lines",
        part=Part.GIVING,
        title=_l("Payments on our bank account"),
        what=_l(
            "Day, amount, the payer's name and words, a fingerprint and the last four digits of "
            "the payer's account. Of a payment that was no gift only day and amount stay."
        ),
        why=_l("To enter your bank transfer as your gift, once."),
        grounds=(Ground.LAW, Ground.INTEREST),
        kept=Kept(
            _l("after it was found to be no gift"),
            imports.SET_ASIDE_KEPT,
        ),
        seen_by=(Seer.FINANCE, Seer.OWNERS),
        given_to=(Recipient.BANK,),
        tables={
            "statement_line": (
                "id import_id number fingerprint content_hash booked_on amount_minor currency "
                "payer text bank_reference payer_account_hash payer_account_last4 status "
                "donation_id decided_by_id decided_at"
            )
        },
    ),
    Kind(
        key="bank_gifts",
        part=Part.GIVING,
        title=_l("Payments on our bank account that are gifts"),
        what=_l(
            "The same, where the payment was entered as your gift, or nobody has decided on it."
        ),
        why=_l("The law asks for books and receipts."),
        grounds=(Ground.LAW,),
        kept=Kept(
            _l("after the year of the payment, or until you have your account erased"),
            periods.books,
        ),
        seen_by=(Seer.FINANCE, Seer.OWNERS),
        given_to=(Recipient.BANK,),
    ),
    Kind(
        key="sums_by_person",
        part=Part.GIVING,
        title=_l("Sums for reports, one row for each giver"),
        what=_l(
            "What can be counted from your gifts and pledge: since when you give, how much in all, "
            "when you stopped and came back, how you came, your stated reason for leaving."
        ),
        why=_l("To answer reports from sums and not by reading all gifts each time."),
        grounds=(Ground.INTEREST,),
        kept=Kept(_l("as long as the gifts and pledges they are counted from")),
        seen_by=(Seer.FUNDRAISERS, Seer.FINANCE, Seer.OWNERS),
        tables={
            "brought": "account_id scope begun_as currency settled_minor fee_minor paid_minor",
            "came": (
                "id account_id at currency first_article last_article first_campaign last_campaign "
                "first_source last_source came begins yearly_minor out_at later_3 later_6 later_12 "
                "kept_3 kept_6 kept_12"
            ),
            "leave_wish": (
                "id pledge_id account_id currency at reason became how saved_at stood out_at"
            ),
            "raise_day": "id day account_id currency way yearly_minor",
            "span": (
                "pledge_id account_id currency interval amount_minor came_at out_at cause begun_as "
                "article gives"
            ),
            "stay": (
                "account_id scope number came_at out_at why plan first since begun_as currency "
                "article back_at"
            ),
            "yearly_entry": "id day donation_id gift at currency amount_minor",
            "supporter": "account_id since last_gift stands_until twice_until name letters parts",
        },
    ),
)
