"""The whole inventory, put together from its parts."""

from collections.abc import Iterable, Mapping
from itertools import chain

from app.privacy.inventory import (
    account,
    appeals,
    corrections,
    giving,
    passes,
    reading,
    reprints,
    rights,
    staff,
    suggesting,
    sums,
    voting,
)
from app.privacy.inventory.shape import InBrowser, Kind, Storage

KINDS: tuple[Kind, ...] = (
    *reading.KINDS,
    *appeals.KINDS,
    *passes.KINDS,
    *giving.KINDS,
    *voting.KINDS,
    *suggesting.KINDS,
    *corrections.KINDS,
    *reprints.KINDS,
    *account.KINDS,
    *rights.KINDS,
    *staff.KINDS,
)

#: What tables hold about nobody, as the declarations of the parts say.
NOT_PERSONAL: tuple[Mapping[str, str], ...] = (
    reading.NOT_PERSONAL,
    appeals.NOT_PERSONAL,
    passes.NOT_PERSONAL,
    voting.NOT_PERSONAL,
    suggesting.NOT_PERSONAL,
    corrections.NOT_PERSONAL,
    reprints.NOT_PERSONAL,
    account.NOT_PERSONAL,
    rights.NOT_PERSONAL,
    staff.NOT_PERSONAL,
    sums.NOT_PERSONAL,
)

BY_KEY: Mapping[str, Kind] = {kind.key: kind for kind in KINDS}


def named(key: str) -> Kind:
    """Return a kind by its key. Raises `KeyError`."""
    return BY_KEY[key]


def personal_columns() -> list[tuple[str, str]]:
    """Return every (table, column) that holds something about a person."""
    return sorted(chain.from_iterable(kind.columns() for kind in KINDS))


def other_columns() -> list[tuple[str, str]]:
    """Return every (table, column) that is declared to hold nothing about anybody."""
    return sorted(
        (table, name)
        for part in NOT_PERSONAL
        for table, names in part.items()
        for name in names.split()
    )


def in_browsers(storage: Storage | None = None) -> list[InBrowser]:
    """Return what browsers keep for us, on this site or by our scripts elsewhere."""
    found: Iterable[InBrowser] = chain.from_iterable(kind.in_browser for kind in KINDS)
    return [each for each in found if storage is None or each.storage is storage]


#: The cookies this site may set; no other is sent to a browser.
COOKIES = frozenset(each.name for each in in_browsers(Storage.COOKIE) if not each.elsewhere)

#: What may stand in the signed cookie of a session.
SESSION_KEYS = frozenset(chain.from_iterable(kind.session_keys for kind in KINDS))
