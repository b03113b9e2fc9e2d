"""How the desk says by what way somebody came to a pledge."""

import uuid
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from app.addresses import readable
from app.extensions import db
from app.giving.arrivals.touches import Turn
from app.giving.models import Pledge, Touch


def of_pledges(found: Sequence[Pledge]) -> dict[uuid.UUID, str]:
    """Write what led to each pledge as far as it is known; one statement. Empty for unknown."""
    rows = db.session.scalars(
        select(Touch).where(
            Touch.pledge_id.in_([pledge.id for pledge in found]), Touch.turn == Turn.LAST
        )
    )
    last = {row.pledge_id: row for row in rows}
    return {pledge.id: _written(pledge, last.get(pledge.id)) for pledge in found}


def _written(pledge: Pledge, last: Touch | None) -> str:
    parts = []
    if pledge.article:
        titled = last.title if last is not None and last.article == pledge.article else None
        parts.append(_("from %(article)s", article=titled or readable(pledge.article)))
    if last is not None and last.place:
        parts.append(_("place on the page: %(place)s", place=last.place))
    if last is not None and last.campaign:
        parts.append(_("campaign %(campaign)s", campaign=last.campaign))
    if last is not None and (sender := last.source or last.referrer):
        parts.append(_("sent by %(sender)s", sender=sender))
    return ", ".join(parts)
