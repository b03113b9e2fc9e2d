"""What people read of an erasure: what goes, what stays and why, and what was done."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from app.current import settings
from app.privacy.erasure_models import ErasureState, ErasureStep


@dataclass(frozen=True, slots=True)
class Stays:
    """Something that is kept, in words."""

    what: str
    why: str
    how_long: str


def goes() -> list[str]:
    """Write what is erased."""
    return [
        _("Your name and e-mail address, and every way to sign in."),
        _(
            "Your pledge: it ends at once and no more money is taken. The payment provider, "
            "Stripe, deletes you as a customer, with your card."
        ),
        _("Your name on receipts, and what you or your bank wrote beside gifts."),
        _("Notes that our staff wrote about you, letters not sent yet, files of your data."),
        _("Your name on topics that you suggested, what you seconded, and which letters you want."),
        _(
            "Your ballot in a vote that is still open. In a vote that is over, whatever could tell "
            "that a ballot is yours."
        ),
        _("What you sent us about mistakes in articles and about reprints, with your address."),
    ]


def stays() -> list[Stays]:
    """Write what is kept, of nobody, and why."""
    books, letters, log = (
        settings().books_years,
        settings().letter_years,
        settings().audit_years,
    )
    return [
        Stays(
            _(
                "Gifts and receipts: day, amount, number, the kind and last four digits of the "
                "card, and Stripe's number of the payment."
            ),
            _("The law asks for the books to be kept whole. No name stands in them any more."),
            ngettext(
                "%(num)s whole year after the year of the gift; then only the amount and the day "
                "stay.",
                "%(num)s whole years after the year of the gift; then only the amount and the day "
                "stay.",
                books,
            ),
        ),
        Stays(
            _(
                "That a pledge with a number had such an amount from one day to another, which "
                "article or letter led to it, and the reason for leaving that was chosen."
            ),
            _("Reports count who comes and who leaves. No name stands in them any more."),
            _("For good."),
        ),
        Stays(
            _("Ballots of votes that are over, and that somebody took part."),
            _("The result is public and anybody may count it again. Nobody can tell it was you."),
            _("For good."),
        ),
        Stays(
            _("The text of topics that you suggested."),
            _("Others seconded and voted on them. They have no author any more."),
            _("For good."),
        ),
        Stays(
            _("Which letters went to an account with a number, and when; not what they said."),
            _("So that we can account for what we did. The account names nobody."),
            ngettext("%(num)s year.", "%(num)s years.", letters),
        ),
        Stays(
            _("What our staff did for an account with a number, and when."),
            _("So that we can account for what we did. The account names nobody."),
            ngettext("%(num)s year.", "%(num)s years.", log),
        ),
        Stays(
            _("At Stripe: the payments themselves, with what you typed on Stripe's page."),
            _("Stripe has to keep its own books; we cannot delete them."),
            _("As long as Stripe's law asks; ask Stripe for more."),
        ),
        Stays(
            _("Copies of our database that were made before."),
            _("They are there for disasters and are not read."),
            _("Until they are written over."),
        ),
    ]


def state(of: str) -> tuple[str, str]:
    """Write how far an erasure has come, and the kind of tag it gets."""
    return {
        ErasureState.ASKED: (_("Waits for the letter's button"), "warn"),
        ErasureState.WANTED: (_("Waits for a colleague"), "warn"),
        ErasureState.COMING: (_("Will be carried out"), "warn"),
        ErasureState.RUNNING: (_("Is carried out"), "warn"),
        ErasureState.DONE: (_("Done"), "good"),
        ErasureState.UNDONE: (_("Taken back"), "plain"),
        ErasureState.DECLINED: (_("Declined"), "plain"),
        ErasureState.EXPIRED: (_("Not confirmed in time"), "plain"),
        ErasureState.OVERTAKEN: (_("Another wish was confirmed first"), "plain"),
    }[ErasureState(of)]


def steps(done: Iterable[ErasureStep]) -> list[tuple[str, int]]:
    """Write what was done and how often, steps of a kind together; what found nothing is left out.

    For the person's last letter and for staff: it names nobody.
    """
    counts: dict[str, int] = {}
    for step in done:
        kind = step.name.partition(":")[0]
        if step.done_at is not None:
            counts[kind] = counts.get(kind, 0) + step.rows
    words = _step_words()
    # Who was looked up at Stripe is counted where the customer was deleted.
    return [(words[kind], counts[kind]) for kind in words if counts.get(kind)]


def _step_words() -> dict[str, str]:
    return {
        "pledge": _("Pledges ended at Stripe"),
        "page": _("Open payment pages closed at Stripe"),
        "customer": _("Customers deleted at Stripe, with their cards"),
        "account": _("Accounts emptied of name and address"),
        "sign_ins": _("Ways to sign in removed"),
        "notes": _("Notes by staff deleted"),
        "letters": _("Letters that were not sent called off"),
        "takeouts": _("Files of one's own data deleted"),
        "proposals": _("Suggestions and reports without their author now"),
        "secondings": _("Secondings deleted"),
        "consents": _("Agreements to get letters deleted"),
        "ballots": _("Ballots withdrawn or cut loose"),
        "pledges": _("Pledges and payment attempts emptied of card, customer and words"),
        "checkouts": _("Attempts to give cut from Stripe's page"),
        "gifts": _("Gifts emptied of what was written beside them"),
        "receipts": _("Receipts without a name now"),
        "bank_lines": _("Lines of bank statements without a payer now"),
        "passes": _("Passes for our articles ended"),
        "corrections": _("Corrections without their sender now"),
        "reprints": _("Requests to reprint without their sender now"),
        "events": _("Messages of Stripe emptied"),
        "exports": _("Files that staff had made deleted"),
        "reasons": _("Reasons that staff wrote into their log deleted"),
    }
