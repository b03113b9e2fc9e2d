"""What campaigns bring by the first touch and the last, recounted movement by movement."""

import random
from collections import Counter

from sqlalchemy import select, text

from app.extensions import db
from app.giving.arrivals.touches import Touch, Turn
from app.giving.models import Donation, Pledge, PledgeMovement
from app.giving.models import Touch as Row
from app.money import Money
from app.reports import origins, recurring
from app.reports.figures import articles, campaigns
from app.reports.origins import Brought
from app.reports.rollups.origin_rows import Origin, Word
from app.reports.shape import Asked, Report, Share
from tests.reports.lives import DAY, NOW, opened
from tests.reports.oracles.stays import out_of
from tests.reports.touches import MARCH, checkout_of, given_once, touch

NAMES = (None, "winter", "a:b", "*", "=winter")


def chance_touches(seed: int) -> None:
    """Give every pledge a checkout and most of them touches; and gifts given once."""
    chance = random.Random(seed)

    def some() -> Touch:
        return touch(
            chance.choice(NAMES),
            article=chance.choice(NAMES),
            source=chance.choice([None, "telegram"]),
            referrer=chance.choice([None, "news.example"]),
        )

    def pair() -> tuple[Touch, Touch] | tuple[None, None]:
        # Who has a last touch has a first one.
        return (None, None) if chance.random() < 0.25 else (some(), some())

    for pledge in db.session.scalars(select(Pledge).order_by(Pledge.id)).all():
        first, last = pair()
        checkout_of(pledge, first, last)
        pledge.article = last.article if last else None
    for _gift in range(20):
        first, last = pair()
        given_once(first, last, MARCH + chance.randrange(-60, 120) * DAY)
    # Touches are there before their pledge is begun, and no sum waits for later ones, as here.
    db.session.execute(
        text("INSERT INTO rollup_stale (rollup, key) SELECT 'people', id FROM account")
    )
    db.session.commit()


def told(word: Word, row: Row | None) -> str:
    """What a touch says by one word; empty for unknown."""
    if row is None:
        return ""
    return (row.source or row.referrer if word is Word.SOURCE else getattr(row, word)) or ""


def recount(of: Asked, by: Origin) -> dict[tuple[str, str], Counter[str]]:
    """Of each origin and currency the counts, sums and who was kept, from the raw rows."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in db.session.scalars(select(PledgeMovement)).all():
        kind = {"new": "new", "returning": "returned"}.get(
            row.kind, "more" if row.cause == "another_pledge" else ""
        )
        if not kind or not of.since <= row.at < of.until or of.currency not in (None, row.currency):
            continue
        rows = select(Row).where(Row.pledge_id == row.pledge_id, Row.turn == by.turn)
        origin = told(by.word, db.session.scalars(rows).one_or_none())
        counted = found.setdefault((row.currency, origin), Counter())
        counted[kind] += 1
        counted[f"{kind} minor"] += row.yearly_minor
        pledge = db.session.get_one(Pledge, row.pledge_id)
        local = row.at.astimezone(of.zone)
        later = local.replace(month=local.month + 3, day=min(local.day, 28))
        if row.cause in ("first_gift", "another_pledge") and later <= NOW and local.day <= 28:
            counted["over"] += 1
            stood = pledge.started_at is not None and out_of(pledge)[0] > pledge.started_at
            counted["kept"] += stood and out_of(pledge)[0] >= later
        elif local.day > 28:
            counted["unsure"] += 1
    return found


def agrees(one: Brought, counted: Counter[str]) -> bool:
    """Whether what was brought is what was counted; days a shorter month lacks are left open."""
    kinds = ("new", "returned", "more")
    open_ = counted["unsure"]
    return (
        one.counts == tuple(counted[kind] for kind in kinds)
        and one.yearly == tuple(counted[f"{kind} minor"] for kind in kinds)
        and 0 <= one.over[0] - counted["over"] <= open_
        and 0 <= one.kept[0] - counted["kept"] <= open_
    )


def brought(of: Asked) -> None:
    """What each origin brought is what a recount finds, by each word and touch."""
    new = sum(one.yearly_minor for one in recurring.by_month(of) if one.kind == "new")
    for word in Word:
        for turn in Turn:
            by = Origin(word, turn)
            slow, found = recount(of, by), origins.brought(of, by)
            assert {(one.currency, one.origin) for one in found} == set(slow), (of, by, slow)
            for one in found:
                assert agrees(one, slow[one.currency, one.origin]), (by, one)
            # However it is told apart, new patrons are those of the movements.
            assert sum(one.yearly[0] for one in found) == new


def given_once_by_origin(of: Asked) -> None:
    """Gifts given once add up whatever they are told apart by."""
    gifts = [
        gift
        for gift in db.session.scalars(select(Donation)).all()
        if of.since <= gift.received_at < of.until and gift.pledge_id is None
    ]
    for turn in Turn:
        slow: Counter[str] = Counter()
        for gift in gifts:
            row = db.session.get(Row, (gift.checkout_id, turn))
            slow[told(Word.CAMPAIGN, row)] += gift.amount_minor
        found = origins.given_once(of, Origin(Word.CAMPAIGN, turn))
        assert {one.origin: one.minor for one in found} == dict(slow)
        assert sum(one.count for one in found) == len(gifts)


def lists_of_origins(of: Asked) -> None:
    """Every list has as many rows as are told."""
    for report in (campaigns.REPORT, articles.REPORT):
        _lists(report, of)


def _lists(report: Report, of: Asked) -> None:
    for behind, rows in opened(report, of, report.build(of)):
        value = behind.value
        if isinstance(value, Money):
            where = 3 if ":once:" in behind.key else 4
            assert sum(row[where].minor for row in rows) == value.minor, behind.key
        else:
            assert len(rows) == (value.part if isinstance(value, Share) else value), behind.key
