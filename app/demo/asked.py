"""What the made-up newsroom asks under its articles, how often that was seen, and its goals.

It has dice of its own, so that the story is the same with it as without.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select

from app.accounts.models import Account
from app.appeals import rules
from app.appeals.models import Appeal, Goal
from app.appeals.rules import GoalKind
from app.demo.story import ARTICLES
from app.extensions import db
from app.giving import pledges
from app.giving.arrivals.steps import Device, Step
from app.giving.models import FunnelDay, Pledge

#: Since when the appeal with two wordings is shown, and on how many screens in a day.
DAYS = 150
VIEWS = (18, 60)
TEXTS = {
    "a": {
        "en": {
            "headline": "You have read this because somebody paid for it",
            "text": "Four reporters spent a month on this story. Nobody who is named in it paid "
            "for it: readers did. Become one of them for the price of a coffee a month.",
            "button": "Become a patron",
        },
        "uk": {
            "headline": "Ви прочитали це, бо хтось це оплатив",
            "text": "Четверо журналістів працювали над цією історією місяць. Її оплатив не той, "
            "хто в ній згаданий, а читачі. Станьте одним із них за ціну кави на місяць.",
            "button": "Стати патроном",
        },
    },
    "b": {
        "en": {
            "headline": "What should we look into next? Patrons decide",
            "text": "Each month our patrons vote on what four reporters work on. Become a patron "
            "for the price of a coffee a month, and vote.",
            "button": "Become a patron and vote",
        },
        "uk": {
            "headline": "Що нам розслідувати далі? Вирішують патрони",
            "text": "Щомісяця наші патрони голосують, над чим працюватимуть четверо журналістів. "
            "Станьте патроном за ціну кави на місяць і голосуйте.",
            "button": "Стати патроном і голосувати",
        },
    },
}
WINTER = {
    "a": {
        "en": {
            "headline": "A winter without power costs more to report",
            "text": "A generator, fuel and a satellite link keep four reporters writing while the "
            "power is off. Pay for an hour of it.",
            "button": "",
        },
        "uk": {
            "headline": "Зима без світла: писати дорожче",
            "text": "Генератор, пальне і супутниковий зв’язок дають чотирьом журналістам "
            "працювати, коли немає світла. Оплатіть годину цієї роботи.",
            "button": "",
        },
    }
}


def appeals(*, today: datetime) -> list[str]:
    """Write the appeals; return what the wordings of the one that is on are called. No commit."""
    today = today.replace(hour=7, minute=0, second=0, microsecond=0)
    since = today - timedelta(days=DAYS)
    running = Appeal(
        name="Who pays for this",
        texts=TEXTS,
        amounts={},
        articles=[],
        sections=[],
        is_on=True,
        edition=1,
        edition_at=since,
        created_at=since - timedelta(days=1),
    )
    winter = Appeal(
        name="Winter without power",
        texts=WINTER,
        amounts={"EUR": {"month": [800, 1500, 3000]}},
        articles=[f"{ARTICLES[1]}*"],
        sections=["energy"],
        is_on=False,
        from_at=today + timedelta(days=7),
        until_at=today + timedelta(days=98),
        edition=1,
        edition_at=today - timedelta(days=2),
        created_at=today - timedelta(days=2),
    )
    db.session.add_all([running, winter])
    db.session.flush()
    return [rules.tag(running.id, 1, variant) for variant in ("a", "b")]


def views(tags: list[str], *, until: date, rng: Random) -> None:
    """Count on how many screens the wordings were, day by day. No commit."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for ago in range(DAYS):
        for article in ARTICLES[:4]:
            for tag in tags:
                language = "uk" if rng.random() < 0.5 else "en"
                device = Device.PHONE if rng.random() < 0.62 else Device.DESKTOP
                day = until - timedelta(days=ago)
                counts[day, Step.SHOWN, language, device, "", article, tag] += rng.randrange(*VIEWS)
    names = [column.key for column in FunnelDay.__table__.columns]
    db.session.execute(
        insert(FunnelDay),
        [dict(zip(names, (*key, count), strict=True)) for key, count in sorted(counts.items())],
    )


def goals(*, now: datetime, zone: ZoneInfo) -> None:
    """State a goal that is a little way off, and one that is over. No commit."""
    patrons = db.session.scalar(
        select(func.count(Account.id.distinct()))
        .join(Pledge, Pledge.account_id == Account.id)
        .where(pledges.standing_at(now))
    )
    today = now.astimezone(zone).date()
    db.session.add_all(
        [
            Goal(
                titles={
                    "en": "A correspondent in Kharkiv",
                    "uk": "Кореспондент у Харкові",
                },
                kind=GoalKind.RAISED,
                target=250000,
                currency="EUR",
                starts_on=today - timedelta(days=160),
                ends_on=today - timedelta(days=100),
                created_at=now - timedelta(days=165),
            ),
            Goal(
                titles={
                    "en": "Enough patrons for a fifth reporter",
                    "uk": "Достатньо патронів для п’ятого журналіста",
                },
                kind=GoalKind.PATRONS,
                target=-(-((patrons or 0) + 15) // 50) * 50,
                ends_on=today + timedelta(days=60),
                created_at=now - timedelta(days=20),
            ),
        ]
    )
