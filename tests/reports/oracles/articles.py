"""What articles bring, recounted movement by movement."""

from calendar import monthrange
from collections import Counter

from sqlalchemy import select

from app.extensions import db
from app.giving.models import Pledge, PledgeMovement
from app.giving.rules import MovementKind
from app.money import Money
from app.reports import recurring
from app.reports.figures import articles
from app.reports.shape import Asked, Share
from tests.reports.lives import NOW, cells, opened, plain
from tests.reports.oracles.stays import out_of


def recount(of: Asked) -> dict[tuple[str, str], Counter[str]]:
    """Of each article and currency the counts and sums, from the raw rows."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in db.session.scalars(select(PledgeMovement)).all():
        pledge = db.session.get_one(Pledge, row.pledge_id)
        kind = {"new": "new", "returning": "returned"}.get(
            row.kind, "more" if row.cause == "another_pledge" else ""
        )
        if not kind or not of.since <= row.at < of.until or of.currency not in (None, row.currency):
            continue
        counted = found.setdefault((pledge.article or "unknown", row.currency), Counter())
        counted[kind] += 1
        counted[f"{kind} minor"] += row.yearly_minor
        three = row.at.astimezone(of.zone)
        last = monthrange(three.year, three.month + 3)[1]
        later = three.replace(month=three.month + 3, day=min(three.day, last))
        if row.cause in ("first_gift", "another_pledge") and later <= NOW:
            counted["over"] += 1
            stood = pledge.started_at is not None and out_of(pledge)[0] > pledge.started_at
            counted["kept"] += stood and out_of(pledge)[0] >= later
    return found


def articles_bring(of: Asked) -> None:
    """What articles bring is what a recount finds."""
    slow = recount(of)
    rows = cells(articles.build(of))[0]
    assert {(row[0], row[1]) for row in rows} == set(slow)
    for row in rows:
        counted = slow[row[0], row[1]]
        assert [row[2], row[4], row[6]] == [counted[kind] for kind in ("new", "returned", "more")]
        sums = [counted[f"{kind} minor"] for kind in ("new", "returned", "more")]
        assert [row[3].minor, row[5].minor, row[7].minor] == sums
        assert row[8].minor == sum(sums)
    assert sum(row[9].whole for row in rows) == sum(one["over"] for one in slow.values())
    assert sum(row[9].part for row in rows) == sum(one["kept"] for one in slow.values())


def sums_of_articles(of: Asked) -> None:
    """The sums are those of the movements, and lists have the rows."""
    answer = articles.build(of)
    moved = recurring.sums(recurring.by_month(of))
    for place, kind in ((1, MovementKind.NEW), (2, MovementKind.RETURNING)):
        values = [plain(one) for one in answer.figures[place].values]
        sums = {one.currency: one.minor for one in values}
        for currency, kinds in moved.items():
            assert sums.get(currency, 0) == kinds[kind]
    for behind, rows in opened(articles.REPORT, of, answer):
        value = behind.value
        if isinstance(value, Money):
            assert sum(row[4].minor for row in rows) == value.minor
        else:
            assert len(rows) == (value.part if isinstance(value, Share) else value), behind.key
