"""Turnouts and who stays after a vote, recounted from rolls by lot."""

import random
from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import select

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Pledge
from app.reports.figures import participation, votes_and_staying
from app.reports.shape import Asked, Share
from app.voting.models import Participation, RollEntry, Round
from tests.reports.lives import DAY, NOW, cells, opened, plain
from tests.reports.oracles.books import lists_as_long
from tests.reports.oracles.stays import out_of
from tests.reports.rolls import a_round_held


def chance_rounds(seed: int) -> None:
    """Hold rounds among those who stand when each closes; some of these vote."""
    chance = random.Random(seed)
    for month in (1, 2, 4, 5, 8):
        close = datetime(2026, month, chance.randrange(1, 19), 9, tzinfo=UTC)
        roll = {
            account: chance.random() < 0.5
            for account in db.session.scalars(select(Account).order_by(Account.id)).all()
            if any(_stands(one, close) for one in _pledges(account.id))
        }
        a_round_held(close, roll, title=f"Round {month}")


def _pledges(account_id: int) -> list[Pledge]:
    rows = select(Pledge).where(Pledge.account_id == account_id)
    return [one for one in db.session.scalars(rows).all() if one.started_at]


def _stands(pledge: Pledge, at: datetime) -> bool:
    assert pledge.started_at is not None
    return pledge.started_at < at <= out_of(pledge)[0] and out_of(pledge)[0] > pledge.started_at


def _rounds() -> list[tuple[Round, dict[int, bool]]]:
    """The rounds by their close, each with who was on its roll and whether they voted."""
    found = []
    for one in db.session.scalars(select(Round).order_by(Round.closes_at)).all():
        voted = set(
            db.session.scalars(
                select(Participation.account_id).where(Participation.round_id == one.id)
            )
        )
        on = select(RollEntry.account_id).where(RollEntry.round_id == one.id, RollEntry.eligible)
        found.append((one, {account: account in voted for account in db.session.scalars(on)}))
    return found


def taking_part(of: Asked) -> None:
    """Turnouts, and who votes again and again, are what a recount of the rolls finds."""
    answer = participation.build(of)
    held = [(one, roll) for one, roll in _rounds() if of.since <= one.closes_at < of.until]
    turnout, again, *_rest = answer.figures
    whole = Share(sum(sum(roll.values()) for _, roll in held), sum(len(roll) for _, roll in held))
    assert turnout.values == [whole]
    assert cells(answer)[0] == [
        [
            one.title,
            one.closes_at,
            sum(roll.values()),
            len(roll),
            Share(sum(roll.values()), len(roll)),
            "counted",
        ]
        for one, roll in held
    ]
    three = [roll for one, roll in _rounds() if one.closes_at < of.until][-3:]
    on_all = set.intersection(*(set(roll) for roll in three))
    often = [sum(roll[one] for roll in three) >= 2 for one in on_all]
    assert plain(again.values[0]) == Share(sum(often), len(often))
    # What is suggested and promised has a recount of its own, in the tests of this report.
    assert [plain(figure.values[0]) for figure in (answer.figures[2], answer.figures[4])] == [
        0,
        Share(0, 0),
    ]
    lists_as_long(participation.REPORT, of, answer)


def who_stays_after_a_vote(of: Asked) -> None:
    """Of who voted and who did not as many stayed as a walk over the pledges finds."""
    answer = votes_and_staying.build(of)
    slow: Counter[tuple[str, str, str, bool]] = Counter()
    ripe = False
    for one, roll in _rounds():
        if of.since <= one.closes_at < of.until and one.closes_at + 90 * DAY <= NOW:
            ripe = True
            for account_id, voted in roll.items():
                slow[_group(_pledges(account_id), one.closes_at, voted)] += 1
    assert bool(answer.refused) == (not ripe)
    if not ripe:
        return
    both, alike = cells(answer)
    assert {tuple(row[:3]): (row[3], row[4]) for row in alike} == {
        key[:3]: (slow[*key[:3], True] + slow[*key[:3], False], slow[*key[:3], True])
        for key in slow
    }
    for word, row in zip(("Voted", "Did not vote"), both, strict=True):
        people = sum(count for key, count in slow.items() if key[2] == word)
        stayed = sum(count for key, count in slow.items() if key[2] == word and key[3])
        assert row == [word, people, stayed, Share(stayed, people)]
    for value, rows in opened(votes_and_staying.REPORT, of, answer):
        assert len(rows) == value.value, value.key


def _group(pledges: list[Pledge], close: datetime, voted: bool) -> tuple[str, str, str, bool]:
    then = [one for one in pledges if _stands(one, close)]
    plan = "yearly" if any(one.interval == "year" for one in then) else "monthly"
    began = [one.started_at for one in pledges if _stands_ever(one) and one.started_at]
    days = (close - min(began)) / DAY
    tenure = "more than a year"
    if days < 365:
        tenure = "less than 90 days" if days < 90 else "90 days to a year"
    stays = any(_stands(one, close + 90 * DAY) for one in pledges)
    return plan, tenure, "Voted" if voted else "Did not vote", stays


def _stands_ever(one: Pledge) -> bool:
    return one.started_at is not None and out_of(one)[0] > one.started_at
