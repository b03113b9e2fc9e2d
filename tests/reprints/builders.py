"""Requests to reprint that the tests of this room begin with."""

import uuid
from datetime import date, datetime

from sqlalchemy import select

from app.extensions import db
from app.reprints import permissions, requests
from app.reprints.models import ReprintPermission, ReprintRequest
from app.reprints.permissions import Terms
from app.reprints.requests import Asked
from tests.builders import AUGUST, a_staff_member

TYPED = {
    "name": "Ann Berg",
    "organisation": "Nordic Review",
    "email": "ann@nordic.example.org",
    "place": "nordic.example.org, the monthly issue",
    "articles": "https://news.example.org/bread\nThe winter of the power plants",
    "purpose": "A translation into Swedish for our subscribers.",
    "language": "en",
}


def a_request(
    *,
    name: str = TYPED["name"],
    organisation: str = TYPED["organisation"],
    email: str = TYPED["email"],
    place: str = TYPED["place"],
    articles: str = TYPED["articles"],
    locale: str = "en",
    now: datetime = AUGUST,
) -> ReprintRequest:
    """A request that waits for an answer."""
    key = uuid.uuid4()
    asked = Asked(name, organisation, email, place, articles, TYPED["purpose"], locale)
    requests.ask(asked, request_key=key, now=now)
    return db.session.scalars(select(ReprintRequest).where(ReprintRequest.request_key == key)).one()


def granted(
    one: ReprintRequest | None = None,
    *,
    valid_until: date | None = date(2027, 8, 3),
    changes_allowed: bool = False,
    conditions: str = "",
    now: datetime = AUGUST,
) -> ReprintPermission:
    """A permission, granted by an editor."""
    one = one or a_request()
    terms = Terms(
        holder=one.organisation or one.name,
        place=one.place,
        articles=one.articles,
        valid_until=valid_until,
        credit_line="Vilnyi Holos, https://vilnyi-holos.example",
        changes_allowed=changes_allowed,
        conditions=conditions,
    )
    return permissions.grant(one.id, terms, by=a_staff_member("editor").id, now=now)
