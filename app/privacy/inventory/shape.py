"""What a row of the inventory says: one kind of personal data, wholly described."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from flask_babel import LazyString

from config.settings import Settings


@dataclass(frozen=True, slots=True)
class WholeYears:
    """A period of years of the calendar, beside the one in which it begins."""

    number: int


#: How long something lasts.
Lasts = timedelta | WholeYears
#: A period, or the period that a setting states.
Period = Lasts | Callable[[Settings], Lasts]


class Part(StrEnum):
    """What a person does that leaves the data; the pages are divided by it."""

    READING = "reading"
    GIVING = "giving"
    VOTING = "voting"
    SUGGESTING = "suggesting"
    WRITING = "writing"
    ACCOUNT = "account"
    STAFF = "staff"


class Ground(StrEnum):
    """Why it is lawful: the letter of article 6(1) of the GDPR."""

    CONSENT = "a"
    CONTRACT = "b"
    LAW = "c"
    INTEREST = "f"


class Seer(StrEnum):
    """Who sees it."""

    SELF = "self"
    EVERYBODY = "everybody"
    EDITORS = "editors"
    FUNDRAISERS = "fundraisers"
    FINANCE = "finance"
    OWNERS = "owners"
    #: No page shows it; whoever runs the server could look.
    NOBODY = "nobody"


class Recipient(StrEnum):
    """Who else gets it."""

    STRIPE = "stripe"
    MAIL = "mail"
    #: The bank that the newsroom's account is with.
    BANK = "bank"


class Storage(StrEnum):
    """Where in a browser something lies."""

    COOKIE = "cookie"
    LOCAL = "localStorage"
    SESSION = "sessionStorage"


@dataclass(frozen=True, slots=True)
class Kept:
    """For how long: a period that a time limit holds to, or words where no clock decides.

    `since` says what the period is counted from, such as "after it was asked for".
    """

    since: LazyString
    period: Period | None = None

    def lasts(self, settings: Settings) -> Lasts | None:
        """Return the period as this deployment has it."""
        return self.period(settings) if callable(self.period) else self.period


@dataclass(frozen=True, slots=True)
class InBrowser:
    """Something that a browser keeps for us. `lasts` is None for as long as the browser is open."""

    name: str
    what: LazyString
    lasts: timedelta | None
    storage: Storage = Storage.COOKIE
    #: Set by our script on the newsroom's own site, and not by this one.
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of personal data.

    `tables` names, for each table, its columns with blanks between them. `session_keys` stand in
    the cookie of the session, `redis` are beginnings of keys there.
    """

    key: str
    part: Part
    title: LazyString
    what: LazyString
    why: LazyString
    grounds: tuple[Ground, ...]
    kept: Kept
    seen_by: tuple[Seer, ...]
    given_to: tuple[Recipient, ...] = ()
    tables: Mapping[str, str] = field(default_factory=dict)
    in_browser: tuple[InBrowser, ...] = ()
    session_keys: tuple[str, ...] = ()
    redis: tuple[str, ...] = ()
    in_logs: bool = False

    def columns(self) -> set[tuple[str, str]]:
        """Return every (table, column) that holds it."""
        return {(table, name) for table, names in self.tables.items() for name in names.split()}
