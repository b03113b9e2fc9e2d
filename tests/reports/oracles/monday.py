"""The Monday page's weeks, recounted movement by movement."""

from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import select

from app.extensions import db
from app.giving.models import PledgeMovement
from app.reports import weeks
from app.reports.shape import Asked
from tests.reports.lives import NOW
from tests.reports.stories import KYIV


def weeks_of(of: Asked) -> None:
    """The weeks of the Monday page are what a walk over the movements finds."""
    rows = db.session.scalars(select(PledgeMovement)).all()
    monday_ = date(2026, 1, 5)
    while monday_ < NOW.date():
        since = datetime(*monday_.timetuple()[:3], tzinfo=KYIV)
        until = datetime(*(monday_ + weeks.WEEK).timetuple()[:3], tzinfo=KYIV)
        sums: dict[tuple[str, str], int] = defaultdict(int)
        for row in rows:
            if since <= row.at < until:
                sums[row.kind, row.currency] += row.yearly_minor
        week = weeks.moved(monday_, until, KYIV)
        found = {
            (kind.value, amount.currency): amount.minor
            for kind, amounts in week.rows
            for amount in amounts
        }
        for key in found | sums:
            assert abs(found[key] * 12 - sums[key]) <= 6, key
        monday_ += weeks.WEEK
