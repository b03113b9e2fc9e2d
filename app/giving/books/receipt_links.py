"""What a receipt's letter offers beside the receipt: links to act by, and one kind question."""

from typing import Any

from sqlalchemy import ColumnElement, select

from app.extensions import db
from app.giving import pledges
from app.giving.models import Donation, Pledge
from app.giving.rules import FINAL, Interval
from app.giving.wishes import links, lower
from app.giving.wishes.links import Purpose
from app.letters.models import Letter
from app.money import Money


def of(letter: Letter, donation: Donation, pledge: Pledge | None) -> dict[str, Any]:
    """Return `links`, by purpose, and `asks_monthly` for the letter's templates.

    A pledge that has ended meanwhile has no links. Who gives once is asked about giving monthly
    with the first such gift and never again.
    """
    if pledge is None:
        return {"links": {}, "asks_monthly": _asks_monthly(donation)}
    if pledge.status in FINAL or pledge.ends_at is not None:
        return {"links": {}, "asks_monthly": False}
    purposes = [Purpose.PAUSE, Purpose.CANCEL]
    if pledge.interval == Interval.MONTH:
        purposes.append(Purpose.SKIP)
    if lower.offers(Money(pledge.amount_minor - pledge.cover_minor, pledge.currency)):
        purposes.append(Purpose.LOWER)
    if _is_first(donation, Donation.pledge_id == pledge.id):
        purposes.append(Purpose.ONCE)
    return {"links": links.for_letter(letter, pledge, *purposes), "asks_monthly": False}


def _asks_monthly(donation: Donation) -> bool:
    mine = Donation.account_id == donation.account_id
    gives = pledges.going_on(donation.account_id)
    return not gives and _is_first(donation, mine & Donation.pledge_id.is_(None))


def _is_first(donation: Donation, among: ColumnElement[bool]) -> bool:
    """Whether no donation among some was entered before this one."""
    earlier = select(Donation.id).where(among, Donation.id < donation.id)
    return not db.session.scalar(select(earlier.exists()))
