"""Every section of what a person takes, and the tables of which nothing is in it, with the reason.

Keys are promised to stay: a program that reads `data.json` today reads it next year.
"""

from flask_babel import lazy_gettext as _l

from app.privacy import takeout_money, takeout_person
from app.privacy.takeout_shape import LeftOut, Section

AT, STATE, KIND = _l("When"), _l("State"), _l("Kind")

PERSON = (
    Section(
        "account",
        _l("Your account"),
        ("account",),
        {
            "id": _l("Number"),
            "email": _l("E-mail address"),
            "name": _l("Name"),
            "language": _l("Language"),
            "since": _l("Here since"),
            "address_proved_at": _l("Address proved"),
            "on_the_list_of_patrons": _l("On the list of patrons"),
            "receipt_letters": _l("Receipts by letter"),
            "role": _l("Role"),
            "second_factor": _l("Second factor"),
            "merged_into": _l("Merged into"),
        },
        takeout_person.accounts,
    ),
    Section(
        "sign_ins",
        _l("Requests to sign in"),
        ("sign_in",),
        {"asked_at": _l("Asked"), "used_at": _l("Used"), "page": _l("Page")},
        takeout_person.sign_ins,
    ),
    Section(
        "consents",
        _l("Letters that you agreed to"),
        ("consent",),
        {
            "at": AT,
            "category": KIND,
            "act": _l("What you did"),
            "how": _l("Where"),
            "wording": _l("Which text"),
            "language": _l("Language"),
        },
        takeout_person.consents,
    ),
    Section(
        "letters",
        _l("Letters to you"),
        ("letter",),
        {"kind": KIND, "owed_at": _l("Written"), "sent_at": _l("Sent")},
        takeout_person.letters,
        _l("We keep which letter went when, and not its words."),
    ),
    Section(
        "notes",
        _l("Notes of our staff about you"),
        ("account_note",),
        {"written_at": _l("Written"), "removed_at": _l("Removed"), "text": _l("Note")},
        takeout_person.notes,
    ),
    Section(
        "deeds",
        _l("What our staff did with your account"),
        ("audit_entry",),
        {
            "at": AT,
            "act": _l("What"),
            "by": _l("Who"),
            "about": _l("About"),
            "details": _l("Details"),
        },
        takeout_person.deeds,
        _l("Each time that somebody of our staff opened the page about you is in it."),
    ),
    Section(
        "proposals",
        _l("Topics that you suggested"),
        ("proposal",),
        {
            "at": AT,
            "title": _l("Topic"),
            "why": _l("Why it matters"),
            "links": _l("Links"),
            "named": _l("With your name"),
            "state": STATE,
            "answer": _l("Answer of the newsroom"),
        },
        takeout_person.proposals,
    ),
    Section(
        "voices",
        _l("Topics of others that you seconded or reported"),
        ("proposal_seconding", "proposal_report"),
        {"what": KIND, "at": AT, "title": _l("Topic"), "said": _l("What you wrote")},
        takeout_person.voices,
    ),
    Section(
        "votes",
        _l("Votes"),
        ("participation", "roll_entry"),
        {
            "round": _l("Vote"),
            "closes_at": _l("Closes"),
            "first_cast_on": _l("You voted on"),
            "on_the_roll": _l("On the roll as"),
            "choices": _l("What you ticked"),
        },
        takeout_person.votes,
        _l(
            "What you ticked is here while a vote is open and for seven days after. Then nobody "
            "can tell any more which ballot is yours, we neither."
        ),
    ),
    Section(
        "corrections",
        _l("Mistakes in articles that you told us of"),
        ("correction",),
        {
            "sent_at": _l("Sent"),
            "url": _l("Article"),
            "passage": _l("Passage"),
            "comment": _l("What you wrote"),
            "state": STATE,
        },
        takeout_person.corrections,
    ),
    Section(
        "reprints",
        _l("Requests to reprint"),
        ("reprint_request", "reprint_permission"),
        {
            "asked_at": _l("Asked"),
            "name": _l("Name"),
            "organisation": _l("Organisation"),
            "place": _l("Where"),
            "articles": _l("Articles"),
            "purpose": _l("Purpose"),
            "state": STATE,
            "refusal": _l("Why it was refused"),
            "permission": _l("Permission"),
            "holder": _l("Given to"),
        },
        takeout_person.reprints,
    ),
    Section(
        "passes",
        _l("Sites that may know whether you are a patron"),
        ("pass_grant",),
        {"site": _l("Site"), "since": _l("Since"), "asked_at": _l("Last asked")},
        takeout_person.passes,
    ),
    Section(
        "rights",
        _l("Files like this one, and wishes to be erased"),
        ("takeout", "erasure"),
        {"what": KIND, "at": AT, "state": STATE},
        takeout_person.rights,
    ),
)
SECTIONS = (*PERSON[:1], *takeout_money.SECTIONS, *PERSON[1:])

_SUMS = _l("It is counted from what is in this file, for reports, and says nothing else.")
LEFT_OUT = (
    LeftOut(
        ("round_topic",),
        _l("Topics of votes are public. What you suggested stands under its own name."),
    ),
    LeftOut(
        ("ballot",), _l("A ballot names nobody. What can be told of yours stands under Votes.")
    ),
    LeftOut(
        (
            *("supporter", "span", "stay", "brought", "came", "leave_wish"),
            *("movement_day", "giver_day", "raise_day", "cash_day", "yearly_day"),
            "yearly_entry",
        ),
        _SUMS,
    ),
    LeftOut(
        ("inbox_event",),
        _l(
            "What Stripe told us, word for word. What matters of it stands under pledges and "
            "gifts; the rest is emptied or deleted after some weeks."
        ),
    ),
    LeftOut(
        ("recovery_code", "spent_link", "pass_ask", "pass_code", "pass_renewal"),
        _l("Only fingerprints of secrets are kept, which say nothing about you."),
    ),
    LeftOut(
        ("export_file", "export_part", "statement_import", "takeout_part"),
        _l("Files for the work of our staff, or this very file; removed after a day or two."),
    ),
    LeftOut(
        ("difference", "payout", "payout_entry", "comparison"),
        _l("Comparisons with Stripe. They know payments by their number, which stands with gifts."),
    ),
    LeftOut(
        ("erasure_step", "approval"),
        _l("Steps of what stands in this file under its own name."),
    ),
)
