"""Every time limit: what ends by a clock, how, and by whose period."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.accounts import audit, sign_ins
from app.bank import forgetting as bank
from app.corrections import forgetting as corrections
from app.current import settings, zone
from app.desk import differences, notes
from app.giving.gift import leftovers
from app.giving.wishes import links
from app.letters import letters
from app.passes import forgetting as passes
from app.payments import inbox
from app.privacy import erasure_ends, takeouts
from app.privacy.inventory import catalogue, periods
from app.privacy.inventory.shape import Kind, Lasts
from app.reports import exports
from app.reprints import forgetting as reprints

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Span:
    """The moment of a run, and the one before which all is over."""

    now: datetime
    before: datetime


@dataclass(frozen=True, slots=True)
class Limit:
    """One kind of the inventory whose period a job holds to.

    `forget` removes or empties what is over, commits, and returns how many; it may run twice.
    """

    key: str
    forget: Callable[[Span], int]
    every: timedelta = DAY
    #: Other kinds whose period it holds to as well.
    also: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """What it is about, as readers are told."""
        return catalogue.named(self.key)

    def period(self) -> Lasts:
        """How long it is kept here: the inventory says so, and nothing else."""
        found = self.kind.kept.lasts(settings())
        assert found is not None, f"{self.key} has no period"
        return found

    def span(self, now: datetime) -> Span:
        """Return what a run at a moment is about."""
        return Span(now, periods.over(self.period(), now, zone()))


LIMITS = (
    Limit("sign_in", lambda span: sign_ins.forget(before=span.before)),
    Limit("leftovers", lambda span: leftovers.forget(now=span.now)),
    Limit("attempts", lambda span: leftovers.forget_unpaid(before=span.before)),
    Limit("links", lambda span: links.forget(before=span.before)),
    Limit("bank_drafts", lambda span: bank.forget_drafts(before=span.before)),
    Limit("bank_lines", lambda span: bank.forget_payers(before=span.before)),
    Limit("bank_gifts", lambda span: bank.forget_givers(before=span.before)),
    Limit(
        "stripe_events",
        lambda span: inbox.forget(before=span.before) + differences.forget(before=span.before),
    ),
    Limit("letters", lambda span: letters.forget(before=span.before)),
    Limit("notes", lambda span: notes.forget(before=span.before)),
    Limit("audit", lambda span: audit.forget(before=span.before)),
    Limit("correction_addresses", lambda span: corrections.addresses(before=span.before)),
    Limit("correction_messages", lambda span: corrections.messages(before=span.before)),
    Limit("correction_spam", lambda span: corrections.spam(before=span.before)),
    Limit(
        "reprint_requests",
        lambda span: reprints.answered(before=span.before),
        also=("reprint_permissions",),
    ),
    Limit("reprint_unanswered", lambda span: reprints.unanswered(before=span.before)),
    Limit("reprint_spam", lambda span: reprints.spam(before=span.before)),
    # What these have stands with each row: when it expires.
    Limit("passes", lambda span: passes.forget(now=span.now), every=HOUR, also=("pass_asks",)),
    Limit("exports", lambda span: exports.remove_old(now=span.now), every=HOUR),
    Limit("erasure", lambda span: erasure_ends.forget(before=span.before)),
    Limit("takeout", lambda span: takeouts.remove_old(now=span.now), every=HOUR),
)

#: Kinds whose period needs no job: browsers and Redis drop them by themselves, and whoever runs
#: the server turns its logs over.
BY_ITSELF = frozenset({"language", "session", "network", "logs", "ballot_receipt"})


def named(key: str) -> Limit:
    """Return a limit by the key of its kind. Raises `KeyError`."""
    return {limit.key: limit for limit in LIMITS}[key]
