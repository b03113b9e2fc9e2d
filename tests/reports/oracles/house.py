"""Letters that became owed, and the proofs of the house itself, recounted row by row."""

from collections import Counter

from sqlalchemy import select

from app.extensions import db
from app.giving.models import MovementCheck, Pledge
from app.letters.models import Letter
from app.localisation import format_month
from app.owed import MAX_ATTEMPTS
from app.reports.figures import letters, sources
from app.reports.shape import Asked
from tests.reports.lives import DAY, NOW, cells, plain
from tests.reports.oracles.books import grouped, lists_as_long


def letters_owed(of: Asked) -> None:
    """Every letter that became owed is in its month and in one state."""
    answer = letters.build(of)
    every = db.session.scalars(select(Letter)).all()
    mine = [one for one in every if of.since <= one.created_at < of.until]
    late = [
        one
        for one in every
        if one.kind == "receipt" and one.due_at and one.created_at < NOW - DAY / 24
    ]
    assert [plain(figure.values[0]) for figure in answer.figures] == [
        len(late),
        sum(_state(one) == "given_up" for one in every),
        sum(_state(one) == "waiting" for one in every),
        len(mine),
    ]
    months, kinds = cells(answer)
    by_month = grouped(mine, lambda one: format_month(one.created_at.astimezone(of.zone)))
    for row in months:
        assert row[1:] == _states(by_month.get(row[0], []))
    alike = grouped(mine, lambda one: (one.kind, one.created_at.astimezone(of.zone).month))
    assert sorted(row[2:] for row in kinds) == sorted(_states(ones) for ones in alike.values())
    lists_as_long(letters.REPORT, of, answer)


def _state(one: Letter) -> str:
    if one.sent_at is not None:
        return "sent"
    if one.due_at is None:
        return "undue"
    return "waiting" if one.attempts < MAX_ATTEMPTS else "given_up"


def _states(ones: list[Letter]) -> list[int]:
    counts = Counter(map(_state, ones))
    states = ("sent", "waiting", "given_up", "undue")
    return [len(ones), *(counts[state] for state in states)]


def sources_of_truth(of: Asked) -> None:
    """What the newest proof found is told, and nothing else where nothing was compared."""
    newest = db.session.scalars(select(MovementCheck).order_by(MovementCheck.id.desc())).first()
    figures = [plain(figure.values[0]) for figure in sources.build(of).figures]
    assert newest is not None
    assert figures == [0, None, newest.differing, newest.at]
    pledges = db.session.scalars(select(Pledge)).all()
    assert newest.pledges == sum(one.started_at is not None for one in pledges)
