"""Which letters the made-up supporters agreed to and which they ended; the last runs of limits."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zlib import crc32

from sqlalchemy import insert, select

from app.demo.story import Life
from app.extensions import db
from app.letters import wordings
from app.letters.categories import Category
from app.letters.consents import Act, How
from app.letters.models import Consent
from app.privacy.limits import LIMITS
from app.privacy.models import LimitRun
from app.topics.models import Proposal

#: Of a hundred people: who ticks the box about votes, about topics, and who later ends the former.
TICK_VOTES, TICK_TOPICS, END = 88, 25, 4


def fill(lives: Sequence[Life], accounts: Mapping[str, int]) -> None:
    """Enter what each supporter agreed to beside the first gift; who suggests, about topics too.

    The caller commits.
    """
    suggesting = set(db.session.scalars(select(Proposal.account_id).distinct()))
    rows = [row for life in lives for row in _of(life, accounts[life.person.email], suggesting)]
    db.session.execute(insert(Consent), sorted(rows, key=lambda row: row["at"]))


def _of(life: Life, account_id: int, suggesting: set[int | None]) -> Iterator[dict[str, Any]]:
    dice = crc32(life.person.email.encode())
    if dice % 100 < TICK_VOTES:
        yield _row(life, account_id, Category.VOTES, Act.GIVEN, life.came_at)
        if dice // 100 % 100 < END:
            later = life.came_at + timedelta(days=20)
            yield _row(life, account_id, Category.VOTES, Act.WITHDRAWN, later)
    if dice // 10_000 % 100 < TICK_TOPICS or account_id in suggesting:
        yield _row(life, account_id, Category.TOPICS, Act.GIVEN, life.came_at)


def _row(life: Life, account_id: int, category: Category, act: Act, at: datetime) -> dict[str, Any]:
    given = act is Act.GIVEN
    how = How.LETTER if not given else How.FORM if category is Category.VOTES else How.PAGE
    return {
        "account_id": account_id,
        "category": category.value,
        "act": act.value,
        "wording": wordings.CURRENT[category] if given else "",
        "locale": life.person.locale,
        "how": how.value,
        "at": at,
        "entered_at": at,
    }


def runs(*, now: datetime, rng: Random) -> None:
    """Enter the last week's runs of every time limit. The caller commits."""
    rows = [
        {
            "limit_key": limit.key,
            "began_at": began,
            "ended_at": began,
            "gone": rng.choice((0, 0, 1, 2, 5)),
        }
        for day in range(7, 0, -1)
        for limit in LIMITS
        for began in (now - timedelta(days=day - 1, hours=1),)
    ]
    db.session.execute(insert(LimitRun), rows)
