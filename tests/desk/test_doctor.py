"""What the doctor makes of each sign, and that nobody waits long for it."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import audit
from app.accounts.models import Role
from app.clock import utcnow
from app.current import settings
from app.desk import checkup, doctor, pulse
from app.desk.checkup import Owing, Signs
from app.desk.diagnosis import Health
from app.desk.pulse import Pulse
from app.extensions import db
from app.giving import settlement
from app.giving.models import Donation, PayoutLook
from app.mailer import NotSent
from app.owed import MAX_ATTEMPTS
from app.payments.orders import Inspection
from app.voting import rounds
from app.voting.models import RoundStatus
from tasks.voting import turn_rounds
from tests.builders import AUGUST, a_pledge, a_reader, a_staff_member, signed_in
from tests.fakes import IN_ORDER, FakeGateway, FakeMailer
from tests.giving.facts import paid
from tests.pages import form_of
from tests.voting.builders import an_open_round, time_passes

NOTHING = Owing(0, None, 0)
USUAL, FILES = frozenset({"celery"}), frozenset({"files"})
WELL = Signs(
    now=AUGUST,
    livemode=False,
    production=False,
    webhook_url="http://localhost/webhooks/stripe",
    stripe=replace(IN_ORDER, clock_ahead=0.4),
    mail_error=None,
    pulse=Pulse(queue=True, workers=[USUAL, FILES], last=AUGUST - timedelta(seconds=20)),
    schema_current=True,
    last_event_at=AUGUST - timedelta(hours=1),
    last_gift_at=AUGUST - timedelta(hours=1),
    events=NOTHING,
    letters=NOTHING,
    fees=NOTHING,
    refunds=NOTHING,
    changes=NOTHING,
    votes=NOTHING,
    compared_at=AUGUST - timedelta(hours=6),
    differences=0,
    proven_at=AUGUST - timedelta(hours=5),
)
REFUSED = PayoutLook(looked_at=AUGUST, error="PermissionError")
SILENT = replace(IN_ORDER, reachable=False, error="APIConnectionError")


def wrong(signs: Signs) -> list[tuple[str, Health]]:
    """What is not well, by name."""
    return [
        (line.name, line.health) for line in doctor.examine(signs) if line.health is not Health.WELL
    ]


def test_a_house_in_order_is_well_in_everything(app: Flask) -> None:
    assert wrong(WELL) == []
    assert len(doctor.examine(WELL)) == 23


@pytest.mark.parametrize(
    ("change", "name", "health"),
    [
        ({"stripe": None}, "Stripe", Health.ILL),
        ({"stripe": SILENT}, "Stripe", Health.ILL),
        ({"stripe": replace(SILENT, error="AuthenticationError")}, "Stripe", Health.ILL),
        ({"stripe": replace(SILENT, error="APIError")}, "Stripe", Health.ILL),
        ({"production": True}, "Mode", Health.DOUBTFUL),
        ({"stripe": replace(IN_ORDER, clock_ahead=-400.0)}, "Clock", Health.ILL),
        ({"stripe": replace(IN_ORDER, products_missing=("year",))}, "Products", Health.ILL),
        ({"stripe": replace(IN_ORDER, card_page=False)}, "Page for cards", Health.ILL),
        ({"stripe": replace(IN_ORDER, webhook_found=False)}, "Webhook", Health.ILL),
        ({"stripe": replace(IN_ORDER, webhook_enabled=False)}, "Webhook", Health.ILL),
        ({"stripe": replace(IN_ORDER, events_missing=("refund.failed",))}, "Events", Health.ILL),
        ({"stripe": replace(IN_ORDER, webhook_version=None)}, "Version", Health.DOUBTFUL),
        ({"last_event_at": None}, "Last event", Health.ILL),
        ({"last_event_at": AUGUST - timedelta(days=9)}, "Last event", Health.ILL),
        ({"schema_current": False}, "Database", Health.ILL),
        ({"pulse": Pulse(queue=False, workers=(), last=None)}, "Queue", Health.ILL),
        ({"pulse": replace(WELL.pulse, workers=())}, "Worker", Health.DOUBTFUL),
        ({"pulse": replace(WELL.pulse, workers=[USUAL])}, "Worker for files", Health.DOUBTFUL),
        ({"pulse": replace(WELL.pulse, workers=[FILES])}, "Worker", Health.ILL),
        ({"pulse": replace(WELL.pulse, last=None)}, "Beat", Health.ILL),
        ({"pulse": replace(WELL.pulse, last=AUGUST - timedelta(hours=1))}, "Beat", Health.ILL),
        ({"mail_error": "SMTP 535"}, "Mail", Health.ILL),
        ({"events": Owing(0, None, 2)}, "Events to settle", Health.ILL),
        ({"letters": Owing(4, AUGUST - timedelta(hours=1), 0)}, "Letters to send", Health.ILL),
        ({"fees": Owing(0, None, 1)}, "Fees to fetch", Health.ILL),
        ({"refunds": Owing(0, None, 1)}, "Refunds to carry out", Health.ILL),
        ({"changes": Owing(0, None, 1)}, "Pledges to end", Health.ILL),
        ({"differences": 3}, "Differences", Health.ILL),
        ({"compared_at": None}, "Differences", Health.DOUBTFUL),
        ({"compared_at": AUGUST - timedelta(days=9)}, "Differences", Health.DOUBTFUL),
        ({"payout_look": REFUSED}, "Payouts at Stripe", Health.ILL),
        ({"unproven": 2}, "Movements of what recurs", Health.ILL),
        (
            {"proven_at": AUGUST - timedelta(days=9)},
            "Movements of what recurs",
            Health.DOUBTFUL,
        ),
    ],
)
def test_what_is_wrong_is_named_and_says_how_to_mend_it(
    app: Flask, change: dict[str, Any], name: str, health: Health
) -> None:
    signs = replace(WELL, **change)
    assert wrong(signs) == [(name, health)]
    (line,) = [line for line in doctor.examine(signs) if line.health is not Health.WELL]
    assert line.mend


@pytest.mark.parametrize(
    "change",
    [
        {"last_event_at": None, "last_gift_at": None, "compared_at": None},
        {"events": Owing(4, AUGUST - timedelta(minutes=1), 0)},
        {"stripe": replace(IN_ORDER, clock_ahead=None)},
        {"livemode": True, "production": True},
        {"proven_at": None},
    ],
)
def test_what_is_new_busy_or_unknown_is_not_called_wrong(
    app: Flask, change: dict[str, Any]
) -> None:
    assert wrong(replace(WELL, **change)) == []


def test_mail_is_looked_at_also_while_the_queue_is_down(app: Flask) -> None:
    down = replace(WELL, pulse=Pulse(queue=False, workers=(), last=None), mail_error="SMTP 535")
    assert wrong(down) == [("Queue", Health.ILL), ("Mail", Health.ILL)]


def test_a_worker_that_was_asked_shows_its_pulse(app: Flask) -> None:
    redis = app.extensions["redis"]
    assert pulse.feel(redis) == Pulse(queue=True, workers=[], last=None)
    pulse.show(redis, now=AUGUST)
    assert pulse.feel(redis).last == AUGUST


class Hanging(FakeGateway):
    """A Stripe that does not answer until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()
        self.connections_held: list[int] = []

    def inspect(self, webhook_url: str) -> Inspection:
        self.let_go.wait(30)
        return super().inspect(webhook_url)


@pytest.fixture
def hanging(app: Flask) -> Iterator[Hanging]:
    """Stripe hangs for as long as the test lasts."""
    gateway = app.extensions["gateway"] = Hanging()
    yield gateway
    gateway.let_go.set()


def test_nobody_waits_for_a_stripe_that_hangs_and_no_connection_is_held_meanwhile(
    app: Flask, hanging: Hanging, mailer: FakeMailer
) -> None:
    db.session.commit()
    held: list[int] = []
    watcher = threading.Timer(0.3, lambda: held.append(engine.pool.checkedout()))  # type: ignore[attr-defined]
    engine = db.engine
    watcher.start()
    began = utcnow()
    signs = checkup.gather(app, settings(), hanging, mailer, now=AUGUST, longest=1.5)
    assert utcnow() - began < timedelta(seconds=4)
    watcher.join()
    assert held == [0]
    assert signs.stripe is None
    (line, *_rest) = doctor.examine(signs)
    assert line.found == "Stripe does not answer."


def test_the_page_tells_the_worst_first(client: FlaskClient, mailer: FakeMailer) -> None:
    mailer.refuses = NotSent("SMTP 535")
    signed_in(client, a_staff_member(Role.FINANCE))
    page = client.get("/staff/doctor")
    assert page.status_code == 200
    assert page.text.index("SMTP 535") < page.text.index("Stripe answers and takes our key.")


def test_fees_that_were_given_up_are_tried_again_from_the_page(client: FlaskClient) -> None:
    pledge = a_pledge(a_reader())
    settlement.apply([paid(pledge)], now=AUGUST)
    donation = db.session.scalars(select(Donation)).one()
    donation.failed("Stripe does not know it", for_good=True)
    db.session.commit()
    finance = a_staff_member(Role.FINANCE)
    signed_in(client, finance)
    page = client.get("/staff/doctor")
    assert page.text.count(">Try again<") == 1
    told = client.post("/staff/doctor/again/fees", data=form_of(page), follow_redirects=True)
    assert "1 is tried again now." in told.text
    assert "1 was given up." not in told.text
    db.session.refresh(donation)
    assert (donation.attempts, donation.due_at is None) == (0, False)
    (entry,) = audit.of_subject("owed", "fees")
    assert (entry.by_account_id, entry.details) == (finance.id, {"count": 1})


def test_a_round_whose_worker_died_each_time_is_counted_after_all(client: FlaskClient) -> None:
    round_ = an_open_round()
    time_passes(round_)
    round_.attempts = MAX_ATTEMPTS
    db.session.commit()
    signed_in(client, a_staff_member(Role.FINANCE))
    page = client.get("/staff/doctor")
    assert "1 was given up." in page.text
    client.post("/staff/doctor/again/votes", data=form_of(page))
    turn_rounds()
    assert rounds.find(round_.id).status == RoundStatus.PUBLISHED


def test_only_finance_tries_again_and_only_what_there_is(client: FlaskClient) -> None:
    signed_in(client, a_staff_member(Role.FINANCE))
    token = form_of(client.get("/staff"))
    assert client.post("/staff/doctor/again/letters", data=token).status_code == 404
    signed_in(client, a_staff_member(Role.FUNDRAISER))
    token = form_of(client.get("/staff"))
    assert client.post("/staff/doctor/again/fees", data=token).status_code == 403


def test_the_command_ends_with_one_when_something_is_wrong(app: Flask, mailer: FakeMailer) -> None:
    app.extensions["redis"].set(pulse.KEY, int(utcnow().timestamp()))
    well = run(app, "payments", "doctor")
    assert well.exit_code == 0, well.output
    assert "ok    Stripe: Stripe answers and takes our key." in well.output
    mailer.refuses = NotSent("SMTP 535")
    ill = run(app, "payments", "doctor")
    assert ill.exit_code == 1
    assert "WRONG Mail: The mail server does not take letters: SMTP 535." in ill.output


def test_setup_says_what_it_made(app: Flask) -> None:
    made = run(app, "payments", "setup")
    assert made.exit_code == 0
    assert "we_fake at http://localhost/webhooks/stripe" in made.output
    assert "STRIPE_WEBHOOK_SECRETS" not in made.output


def run(app: Flask, *arguments: str) -> Result:
    """Run a command as from a shell."""
    return app.test_cli_runner().invoke(args=list(arguments))
