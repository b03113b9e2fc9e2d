"""News of a pledge: the letters that confirm it, owed from what the provider says.

A wish spoken at the provider's own page or by staff is confirmed like one spoken here, and no wish
is confirmed that was not carried out.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from app.giving.models import Pledge
from app.giving.rules import Interval, PledgeStatus
from app.letters import letters
from app.money import Money
from app.payments.facts import Ending, PledgeSeen, Standing

#: What ends or resumes so near to the moment that was told before needs no letter of its own.
AS_TOLD = timedelta(days=1)


def owe_letters(pledge: Pledge, seen: PledgeSeen) -> None:
    """Owe the letters about what is new to us in `seen`, not applied yet. The caller commits."""
    if pledge.started_at is None:
        return
    matter = f"{pledge.id}:{seen.seen_at.timestamp():.0f}"
    for kind in _kinds(pledge, seen):
        detail = f":{Terms.of(pledge)}>{Terms.of(seen)}" if kind == "pledge_changed" else ""
        letters.owe(kind, matter + detail, pledge.account_id, now=seen.seen_at)


def _kinds(pledge: Pledge, seen: PledgeSeen) -> list[str]:
    if seen.standing is Standing.ENDED:
        return ["pledge_ending"] if _ends_by_wish(pledge, seen) else []
    kinds = []
    if seen.ends_at is not None and pledge.ends_at is None:
        kinds.append("pledge_ending")
    if seen.ends_at is None and pledge.ends_at is not None:
        kinds.append("pledge_staying")
    if (seen.amount, seen.interval) != (pledge.amount, pledge.interval):
        kinds.append("pledge_changed")
    if _pauses(pledge, seen):
        kinds.append("pledge_paused")
    if _resumes(pledge, seen):
        kinds.append("pledge_resumed")
    return kinds


def _ends_by_wish(pledge: Pledge, seen: PledgeSeen) -> bool:
    """Whether an end is news: its patron, or we, wanted it, and not for the day told before."""
    if seen.ending is not Ending.BY_WISH:
        return False
    ended_at = seen.ended_at or seen.seen_at
    return pledge.ends_at is None or ended_at < pledge.ends_at - AS_TOLD


def _pauses(pledge: Pledge, seen: PledgeSeen) -> bool:
    if seen.standing is not Standing.PAUSED:
        return False
    return pledge.status != PledgeStatus.PAUSED or pledge.resumes_at != seen.resumes_at


def _resumes(pledge: Pledge, seen: PledgeSeen) -> bool:
    """Whether a pause has ended before its day; that it ends on its day was written a week ago."""
    if seen.standing is not Standing.PAYING or pledge.status != PledgeStatus.PAUSED:
        return False
    return pledge.resumes_at is None or seen.seen_at < pledge.resumes_at - AS_TOLD


@dataclass(frozen=True, slots=True)
class Terms:
    """An amount in minor units and a period, as short as a letter's matter must be: "m=500"."""

    interval: str
    minor: int

    @classmethod
    def of(cls, holder: Pledge | PledgeSeen) -> Self:
        """Return the terms of a pledge, or of what was seen of it."""
        return cls(holder.interval, holder.amount.minor)

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `str` wrote."""
        interval, minor = text.split("=")
        return cls(Interval.MONTH if interval == "m" else Interval.YEAR, int(minor))

    def __str__(self) -> str:
        return f"{self.interval[0]}={self.minor}"

    def money(self, currency: str) -> Money:
        """Return the amount as money."""
        return Money(self.minor, currency)
