"""Other ways to support: what readers see of them, and how staff keep them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from typing import Any

import segno
from sqlalchemy import func, select

from app.accounts import audit
from app.current import newsroom
from app.extensions import db
from app.giving.models import OtherWay

#: Countries whose accounts take SEPA transfers, by the first letters of their IBAN
#: (European Payments Council, EPC409-09).
SEPA = frozenset(
    ["AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI"]
    + ["GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT"]
    + ["NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA"]
)
IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
#: A QR code holds no more of a crypto address than this; real ones are shorter.
LONGEST_CODE = 300


class Kind(StrEnum):
    """What sort of way it is."""

    BANK = "bank"
    PAYPAL = "paypal"
    CRYPTO = "crypto"
    MAIL = "mail"
    OTHER = "other"


class UnknownWay(LookupError):
    """There is no such way."""


@dataclass(frozen=True, slots=True)
class Words:
    """What staff write of a way: title and text by language, and the lines to copy."""

    kind: Kind
    titles: dict[str, str]
    texts: dict[str, str]
    details: str


def shown() -> Sequence[OtherWay]:
    """Return what readers see, from the top."""
    return _in_order(hidden=False)


def everything() -> Sequence[OtherWay]:
    """Return every way, also those staff have hidden, from the top."""
    return _in_order(hidden=True)


def _in_order(*, hidden: bool) -> Sequence[OtherWay]:
    asked = select(OtherWay).order_by(OtherWay.position, OtherWay.id)
    return db.session.scalars(asked if hidden else asked.where(OtherWay.hidden_at.is_(None))).all()


def find(way_id: int) -> OtherWay:
    """Return a way. Raises `UnknownWay`."""
    found = db.session.get(OtherWay, way_id)
    if found is None:
        raise UnknownWay(str(way_id))
    return found


def add(words: Words, *, by: int, now: datetime) -> OtherWay:
    """Add a way below the others; commits. Readers see it at once; the log keeps its lines."""
    last = db.session.scalar(select(func.max(OtherWay.position))) or 0
    way = OtherWay(
        kind=words.kind.value,
        titles=words.titles,
        texts=words.texts,
        details=words.details,
        position=last + 1,
        changed_at=now,
    )
    db.session.add(way)
    db.session.flush()
    audit.note(
        by, "other_way_added", "other_way", way.id, now=now, kind=way.kind, after=way.details
    )
    db.session.commit()
    return way


def change(way_id: int, words: Words, *, by: int, now: datetime) -> None:
    """Write a way anew; commits. The audit log keeps the lines before and after."""
    way = _locked(way_id)
    before = way.details
    way.kind, way.titles, way.texts = words.kind.value, words.titles, words.texts
    way.details, way.changed_at = words.details, now
    # The newsroom's own account details, the one thing here that a thief would change.
    changed: dict[str, Any] = {}
    if before != way.details:
        changed = {"before": before, "after": way.details}
    audit.note(by, "other_way_changed", "other_way", way_id, now=now, **changed)
    db.session.commit()


def move(way_id: int, *, up: bool, by: int, now: datetime) -> None:
    """Change places with the way above or below; commits. At the end of the list nothing moves."""
    ways = list(db.session.scalars(select(OtherWay).order_by(OtherWay.id).with_for_update()))
    ways.sort(key=lambda way: (way.position, way.id))
    place = next((at for at, way in enumerate(ways) if way.id == way_id), None)
    if place is None:
        db.session.rollback()
        raise UnknownWay(str(way_id))
    other = place + (-1 if up else 1)
    if 0 <= other < len(ways):
        ways[place], ways[other] = ways[other], ways[place]
        for position, way in enumerate(ways, 1):
            way.position = position
        direction = "up" if up else "down"
        audit.note(by, "other_way_moved", "other_way", way_id, now=now, direction=direction)
    db.session.commit()


def hide(way_id: int, *, hidden: bool, by: int, now: datetime) -> None:
    """Hide a way from readers, or show it again; commits. Twice is as once."""
    way = _locked(way_id)
    if (way.hidden_at is not None) != hidden:
        way.hidden_at = now if hidden else None
        act = "other_way_hidden" if hidden else "other_way_shown"
        audit.note(by, act, "other_way", way_id, now=now)
    db.session.commit()


def _locked(way_id: int) -> OtherWay:
    way = db.session.get(OtherWay, way_id, with_for_update=True, populate_existing=True)
    if way is None:
        raise UnknownWay(str(way_id))
    return way


def within(texts: Mapping[str, str], locale: str) -> str:
    """Return a text in a language, or in the first that has one."""
    return texts.get(locale) or next((text for text in texts.values() if text), "")


def details(way: OtherWay) -> list[tuple[str, str]]:
    """Return the lines a reader copies, as label and value; the label may be empty."""
    return [_parted(line) for line in way.details.splitlines() if line.strip()]


def _parted(line: str) -> tuple[str, str]:
    label, colon, value = line.partition(":")
    # "https://..." and "bitcoin:..." are values, whatever colon is in them.
    if not colon or not value.strip() or not value.startswith((" ", "\t")):
        return "", line.strip()
    return label.strip(), value.strip()


def slips(text: str) -> list[str]:
    """Return the values of lines that look like an IBAN and are none: its check digits are wrong.

    An IBAN counts as such by its shape (ISO 13616: its remainder by 97 is 1).
    """
    values = [_parted(line)[1] for line in text.splitlines()]
    return [value for value in values if _looks_like_iban(value) and not is_iban(value)]


def _looks_like_iban(value: str) -> bool:
    return IBAN.fullmatch("".join(value.split()).upper()) is not None


def is_iban(value: str) -> bool:
    """Whether a text is an IBAN whose check digits are right."""
    bare = "".join(value.split()).upper()
    if not IBAN.fullmatch(bare):
        return False
    digits = "".join(str(int(letter, 36)) for letter in bare[4:] + bare[:4])
    return int(digits) % 97 == 1


def code(way: OtherWay) -> bytes | None:
    """Return a QR code as SVG, for apps of banks and wallets; none where no app would read it.

    A bank account that takes SEPA transfers becomes the code of EPC069-12, without an amount; of
    crypto, the first address.
    """
    values = [value for _, value in details(way)]
    match way.kind:
        case Kind.BANK:
            iban = next((value for value in values if is_iban(value)), "")
            bare = "".join(iban.split()).upper()
            text = _transfer(bare) if bare[:2] in SEPA else ""
        case Kind.CRYPTO:
            # An address has no blanks; what has some is the name of a network.
            text = next((value for value in values if len(value) > 20 and " " not in value), "")
        case _:
            text = ""
    if not text or len(text) > LONGEST_CODE:
        return None
    picture = BytesIO()
    segno.make(text, error="m", micro=False).save(
        picture, kind="svg", scale=4, border=3, light="#fff", svgclass=None, lineclass=None
    )
    return picture.getvalue()


def _transfer(iban: str) -> str:
    name = newsroom().legal_name[:70]
    return "\n".join(("BCD", "002", "1", "SCT", "", name, iban))
