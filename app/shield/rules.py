"""What counts as too much, and as an attack. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network

from disposable_email_domains import blocklist


class Verdict(StrEnum):
    """What becomes of an attempt to give."""

    #: It goes on to Stripe.
    OPEN = "open"
    #: A letter is to confirm it first; nothing is asked of Stripe.
    LETTER = "letter"
    #: Too many came from there; later it may be tried again.
    WAIT = "wait"


class Mode(StrEnum):
    """How the giving page behaves."""

    CALM = "calm"
    #: Shield mode.
    RAISED = "raised"
    #: The counters do not answer: everything is as in shield mode.
    BLIND = "blind"


class Why(StrEnum):
    """What raised the shield."""

    PRESSURE = "pressure"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` of a kind within `seconds`, counted from a round moment of the clock."""

    name: str
    most: int
    seconds: int


MINUTES = 60
HOUR = 60 * MINUTES

#: Attempts while it is calm. Who makes more confirms by letter; nobody is turned away for sharing
#: the address of a mobile network with many.
STARTS = (
    Limit("starts of an address", 20, 10 * MINUTES),
    Limit("starts of a block", 60, 10 * MINUTES),
    Limit("starts for an e-mail", 5, 10 * MINUTES),
    Limit("starts of a browser", 8, 10 * MINUTES),
)
#: Attempts with the same amount below the least one suggested: what testers of cards like best.
SAME_SMALL_AMOUNT = Limit("starts of one small amount", 12, 10 * MINUTES)

#: Letters to one address of e-mail. A stranger uses up the first of them in the own block only.
LETTERS_TO_ONE = (
    Limit("letters to an e-mail from a block", 3, HOUR),
    Limit("letters to an e-mail", 12, HOUR),
)
#: Letters for browsers that have done the work.
LETTERS_PROVED = (
    Limit("proved letters of an address", 6, HOUR),
    Limit("proved of a block", 24, HOUR),
)
#: Letters for those that have not: without JavaScript, or without a person.
LETTERS_PLAIN = (
    Limit("plain letters of an address", 2, HOUR),
    Limit("plain letters of a block", 4, HOUR),
    Limit("plain letters of all", 600, HOUR),
)
#: Pages opened at Stripe for those who have confirmed by letter or are signed in.
CONFIRMED = (
    Limit("confirmed of an address", 6, 10 * MINUTES),
    Limit("confirmed of a block", 20, 10 * MINUTES),
    # One mailbox must not do for a crowd that shares what was sent to it.
    Limit("confirmed of a mailbox", 6, HOUR),
)


@dataclass(frozen=True, slots=True)
class Threshold:
    """When starts without success are an attack: so many unpaid, and too few of all paid."""

    unpaid: int
    paid_percent: int

    def passed(self, unpaid: int, paid: int) -> bool:
        """Whether that many within the time looked at are too many."""
        return unpaid >= self.unpaid and paid * 100 < self.paid_percent * (unpaid + paid)


def block_of(network: str) -> str:
    """Return the block of an address: what one owner rents at once (/24, in IPv6 /48)."""
    text = network.partition("/")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return network
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))


def is_disposable(email: str) -> bool:
    """Whether mail to this address is kept for minutes, by the domain or one it belongs to."""
    parts = email.rpartition("@")[2].strip().lower().rstrip(".").split(".")
    return any(".".join(parts[place:]) in blocklist for place in range(len(parts) - 1))
