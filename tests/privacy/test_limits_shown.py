"""What staff see of time limits: the last run, what went, and in red what has not run."""

from datetime import datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from app.accounts.models import Role, SignIn
from app.clock import utcnow
from app.extensions import db
from app.privacy import forgetting, limits
from app.privacy.models import LimitRun
from tests.builders import AUGUST, a_staff_member, signed_in

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def red(at: datetime) -> set[str]:
    """The limits that are shown as overdue at a moment."""
    return {one.limit.key for one in forgetting.standings(now=at) if one.overdue}


def test_staff_see_what_went_and_what_is_overdue_in_red(app: Flask, client: FlaskClient) -> None:
    signed_in(client, a_staff_member(Role.FINANCE))
    assert "not yet" in client.get("/staff/limits").text
    db.session.execute(insert(SignIn), [{"created_at": AUGUST, "expires_at": AUGUST}] * 3)
    db.session.commit()
    forgetting.run_due(now=utcnow())
    page = client.get("/staff/limits").text
    assert "overdue" not in page
    assert '<td data-label="Went then" class="number">3</td>' in page
    db.session.execute(
        update(LimitRun)
        .where(LimitRun.limit_key == "sign_in")
        .values(ended_at=utcnow() - timedelta(days=2))
    )
    db.session.commit()
    page = client.get("/staff/limits").text
    assert page.count("overdue") == 2, "the tag, and the notice above"


def test_a_limit_that_never_ran_is_red_once_it_should_have(app: Flask) -> None:
    now = utcnow()
    # As the tables of a new newsroom are made.
    db.session.add(LimitRun(limit_key="", began_at=now, ended_at=now, gone=0))
    db.session.commit()

    hourly = {limit.key for limit in limits.LIMITS if limit.every == HOUR}
    assert red(now + HOUR + forgetting.PATIENCE) == set()
    assert red(now + 2 * HOUR + forgetting.PATIENCE) == hourly
    late = now + DAY + HOUR + forgetting.PATIENCE
    assert red(late) == {limit.key for limit in limits.LIMITS}
    forgetting.run(limits.named("letters"), now=late)
    assert red(late) == {limit.key for limit in limits.LIMITS} - {"letters"}


def test_whose_every_run_was_cut_off_is_red_and_what_runs_now_is_not(app: Flask) -> None:
    now = utcnow()
    db.session.add(LimitRun(limit_key="letters", began_at=now))
    db.session.commit()

    assert red(now + MINUTE) == set()
    assert "letters" in red(now + DAY + HOUR + forgetting.PATIENCE)
