"""How the made-up newsroom's readers came: touches of their gifts, and visits of each day.

It has dice of its own, so that the story is the same with it as without.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from random import Random
from typing import Any

from sqlalchemy import insert, update

from app.demo.asked import DAYS
from app.demo.story import Life, OnceStory, PledgeStory
from app.extensions import db
from app.giving.arrivals.steps import Device, Step
from app.giving.arrivals.touches import Turn
from app.giving.models import Campaign, Checkout, FunnelDay, Touch

#: Since when touches are kept and visits counted, in days before the story stops.
KEPT = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Drive:
    """A campaign of the story: its days, counted back from its end; euro cents; its senders."""

    name: str
    began: int
    ended: int
    goal: int
    cost: int
    #: By sender and medium, each as often as readers came by it.
    senders: tuple[tuple[tuple[str, str], int], ...]


CAMPAIGNS = (
    Drive(
        "winter-appeal",
        396,
        330,
        120000,
        18000,
        ((("newsletter", "email"), 5), (("x", "social"), 1)),
    ),
    Drive(
        "two-years",
        200,
        140,
        100000,
        30000,
        ((("newsletter", "email"), 4), (("facebook", "social"), 3)),
    ),
    Drive(
        "join-200",
        40,
        5,
        80000,
        0,
        ((("telegram", "social"), 3), (("instagram", "social"), 2), (("newsletter", "email"), 2)),
    ),
)
#: Pages that led here without a campaign; none for a reader who typed the address.
REFERRERS = (("newsroom.example", 50), ("google.com", 14), ("t.co", 5), (None, 12))
PLACES = (("end", 6), ("middle", 3), ("banner", 1))
#: Visits that end on the page for each that sends the form, and forms that nobody pays, in percent.
MERELY_LOOKED = (9, 22)
UNPAID = 28


def fill(
    lives: Sequence[Life],
    *,
    until: datetime,
    zone: tzinfo,
    rng: Random,
    tags: Sequence[str] = (),
    dice: Random | None = None,
) -> None:
    """Make touches of every gift since they are kept, and counts of visits that fit. No commit.

    `tags` are the wordings of the appeal that led most of the newest readers here from articles.
    """
    touches: list[dict[str, Any]] = []
    devices: list[dict[str, Any]] = []
    counts: Counter[tuple[Any, ...]] = Counter()
    for life in lives:
        device = Device.PHONE if rng.random() < 0.62 else Device.DESKTOP
        gifts: list[PledgeStory | OnceStory] = [*life.pledges, *life.once]
        for given in gifts:
            at = given.started_at if isinstance(given, PledgeStory) else given.at
            if at < until - KEPT:
                continue
            made = _touches(given, at.astimezone(zone).date(), (until - at).days, rng)
            if tags and dice and at > until - timedelta(days=DAYS):
                _asked(made, tags, dice)
            touches += made
            devices.append({"id": given.checkout_id, "device": device})
            _visits(counts, at.astimezone(zone).date(), life, device, made, rng)
    _state(until.astimezone(zone), rng)
    db.session.execute(update(Checkout), devices)
    db.session.execute(insert(Touch), touches)
    names = [column.key for column in FunnelDay.__table__.columns]
    db.session.execute(
        insert(FunnelDay),
        [dict(zip(names, (*key, count), strict=True)) for key, count in sorted(counts.items())],
    )


def _state(until: datetime, rng: Random) -> None:
    """State the campaigns, all but the newest before they began."""
    for drive in CAMPAIGNS:
        first = until - timedelta(days=drive.began)
        late = drive is CAMPAIGNS[-1]
        db.session.add(
            Campaign(
                name=drive.name,
                starts_on=first.date(),
                ends_on=(until - timedelta(days=drive.ended)).date(),
                currency="EUR",
                goal_minor=drive.goal,
                cost_minor=drive.cost,
                stated_at=first + timedelta(days=2 if late else -rng.randrange(5, 15), hours=11),
            )
        )
    db.session.flush()


def _touches(
    given: PledgeStory | OnceStory, day: date, ago: int, rng: Random
) -> list[dict[str, Any]]:
    """No touch, or the first and the last of a gift; the last has the gift's own article."""
    last = _touch(given.article, ago, rng)
    if not any(last.values()):
        return []
    first = last
    if rng.random() < 0.25:
        # Somebody who came by a campaign first, and by the article's own link in the end.
        first = _touch(None, ago, rng)
        first = first if any(first.values()) else last
    pledge_id = given.id if isinstance(given, PledgeStory) else None
    common = {"checkout_id": given.checkout_id, "pledge_id": pledge_id, "on": day}
    return [common | {"turn": Turn.FIRST} | first, common | {"turn": Turn.LAST} | last]


def _touch(article: str | None, ago: int, rng: Random) -> dict[str, Any]:
    campaign = source = medium = referrer = None
    # While a campaign runs many come by its links, and a few by an old letter afterwards.
    known = [drive for drive in CAMPAIGNS if drive.began >= ago]
    if known and rng.random() < (0.6 if known[-1].ended <= ago else 0.06):
        campaign = known[-1].name
        source, medium = _one_of(known[-1].senders, rng)
    elif article or rng.random() < 0.3:
        referrer = _one_of(REFERRERS, rng)
    return {
        "article": article,
        "campaign": campaign,
        "source": source,
        "medium": medium,
        "referrer": referrer,
        "place": _one_of(PLACES, rng) if article else None,
        "appeal": None,
    }


def _asked(touches: Sequence[dict[str, Any]], tags: Sequence[str], dice: Random) -> None:
    """Let an appeal have led here who came from an article; the second wording a little oftener."""
    for touch in touches:
        if touch["article"] and dice.random() < 0.8:
            touch["appeal"] = dice.choices(tags, (5, 6))[0]


def _one_of(weighted: Sequence[tuple[Any, int]], rng: Random) -> Any:
    return rng.choices([each[0] for each in weighted], [each[1] for each in weighted])[0]


def _visits(
    counts: Counter[tuple[Any, ...]],
    day: date,
    life: Life,
    device: Device,
    touches: Sequence[dict[str, Any]],
    rng: Random,
) -> None:
    """The visit that gave, and visits by the same way that did not get so far."""
    last = touches[-1] if touches else {}
    told = (last.get(name) or "" for name in ("campaign", "article", "appeal"))
    way = (life.person.locale, device, *told)
    counts[day, Step.SEEN, *way] += 1 + rng.randrange(*MERELY_LOOKED)
    sent = 1 + (rng.randrange(100) < UNPAID)
    counts[day, Step.SENT, *way] += sent
    counts[day, Step.OPENED, *way] += sent - (sent > 1 and rng.random() < 0.2)
