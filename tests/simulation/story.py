"""A simulation: patrons live their lives while the sandbox's clock moves and the jobs run."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Role
from app.clock import utcnow
from app.extensions import db
from app.giving.models import Donation
from app.giving.wishes.changes import NotPossible
from app.giving.wishes.cycles import months_later
from app.mailer import Draft
from app.money import Money
from app.payments.gateway import GatewayError
from app.payments.orders import Preparation
from app.payments.stripe_gateway import StripeGateway
from tasks import desk, giving, letters
from tests.builders import a_staff_member
from tests.simulation import acts
from tests.simulation.lives import LIVES, Life
from tests.simulation.people import Act, Later, Patron
from tests.simulation.roads import Road
from tests.simulation.stripes import KEY, SECRET, MovedTime, Stripes

PRODUCTS = {"once": "A gift", "month": "A monthly gift", "year": "A yearly gift"}
#: Nobody listens there: the road takes the events.
WEBHOOK = "http://127.0.0.1:9/webhooks/stripe"
AMOUNTS = {
    "EUR": (500, 700, 1000, 2345),
    "USD": (500, 1250, 1999),
    "JPY": (700, 1500, 3001),
    "UAH": (10000, 25050),
}
#: The jobs that the worker runs, in no order that matters.
JOBS = (
    giving.settle_events,
    giving.carry_out,
    giving.fetch_fees,
    giving.remind,
    giving.follow_payouts,
    desk.compare,
    letters.send_letters,
)
#: A yearly gift is so many monthly ones.
FOR_A_YEAR = 10
#: In a short simulation everybody leaves so many days after the last act of the own life.
GOODBYE = 40
#: How often somebody tries again on another day before it counts as refused.
PATIENCE = 14


@dataclass
class CountingMailer:
    """A mailer that counts what it is given."""

    sent: Counter[str] = field(default_factory=Counter)

    def send(self, draft: Draft, message_id: str) -> None:
        """Take a letter."""
        assert draft.subject
        assert draft.text
        self.sent[message_id] += 1

    def greet(self) -> None:
        """Be there."""


@dataclass
class Planned:
    """An act that waits for its day."""

    due_at: datetime
    patron: Patron
    life: Life
    act: Act
    tries: int = 0


@dataclass
class Story:
    """A simulation under way, and what has become of it."""

    app: Flask
    stripes: Stripes
    clock: type[MovedTime]
    seed: int
    #: How long a step of the clock is, about.
    step: timedelta
    planned: list[Planned] = field(default_factory=list)
    #: Acts that were never possible: (life, why); and those whose pledge had ended before.
    refused: list[tuple[str, str]] = field(default_factory=list)
    too_late: list[tuple[str, str]] = field(default_factory=list)
    steps: int = 0
    seconds: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._read_clock()
        self.chance = random.Random(self.seed)
        self.gateway = StripeGateway(KEY, (SECRET,), self.stripes.url)
        self.mailer = CountingMailer()
        self.app.extensions["gateway"], self.app.extensions["mailer"] = self.gateway, self.mailer
        self.gateway.prepare(Preparation(PRODUCTS, WEBHOOK, "http://127.0.0.1:9"))
        client = self.app.test_client()
        self.road = Road(self.stripes, client, self.gateway, self.chance)
        self.staff = a_staff_member(Role.FINANCE).id, a_staff_member(Role.OWNER).id

    def live(self, patrons: int, months: int, *, short: bool) -> None:
        """Let so many patrons begin in the first part of so many months and live to their end.

        In a `short` one they leave when their row has been lived.
        """
        until = utcnow() + timedelta(days=months * 30.5)
        self._plan(patrons, until, short=short)
        while utcnow() < until:
            self.move(self.step * self.chance.uniform(0.7, 1.3))
            self._act()
            self.work()
        self.come_to_rest()

    def work(self) -> None:
        """Let the events of this step travel and every job run as the worker runs it."""
        self.steps += 1
        with self._timed("deliveries"):
            self.road.travel()
            self.road.catch_up()
        if self.steps % 3 == 0:
            # Balance transactions come late.
            self.stripes.control("settle")
        for job in JOBS:
            with self._timed(job.name):
                job()

    def come_to_rest(self) -> None:
        """Deliver and catch up until nothing is under way; time passes while nobody acts."""
        for _day in range(3):
            self.stripes.control("settle")
            self.move(timedelta(days=3))
            self.work()
        self.stripes.control("settle")
        self.road.catch_up(at_once=True)
        for _hour in range(3):
            self.move(timedelta(hours=1))
            self.work()
        self.stripes.control("settle")
        self.road.catch_up(at_once=True)
        self.work()
        self.work()

    def figures(self) -> str:
        """Return what happened, for whoever watches."""
        donations = db.session.scalar(select(func.count(Donation.id)))
        took = sum(self.seconds.values())
        spent = ", ".join(f"{name} {value:.0f} s" for name, value in self.seconds.most_common())
        return (
            f"{donations} donations, {dict(self.road.counts)}, {sum(self.mailer.sent.values())} "
            f"letters, {len(self.too_late)} acts too late, {self.steps} steps in {took:.0f} s "
            f"({self.road.counts['events'] / max(took, 0.1):.0f} events/s): {spent}"
        )

    def _plan(self, patrons: int, until: datetime, *, short: bool) -> None:
        begin = utcnow()
        for number in range(patrons):
            life = LIVES[number % len(LIVES)]
            first = begin + (until - begin) * self.chance.random() * (0.1 if short else 0.4)
            patron = self.patron(life, number, first)
            happens = ((0, life.begins), *life.happens)
            if short and life.begins is acts.begin:
                last = happens[-1][0] + GOODBYE + (365 if life.interval == "year" else 0)
                happens = (*happens, (last, acts.say_goodbye))
            for day, act in happens:
                self.planned.append(Planned(first + timedelta(days=day), patron, life, act))

    def patron(self, life: Life, number: int, first: datetime) -> Patron:
        """Make up a person who lives a row of the table."""
        currency = self.chance.choice(sorted(AMOUNTS))
        minor = self.chance.choice(AMOUNTS[currency])
        minor *= FOR_A_YEAR if life.interval == "year" else 1
        return Patron(
            email=f"patron{number}@example.org",
            amount=Money(minor, currency),
            interval=life.interval,
            card=life.card,
            covers=life.covers,
            expires=_expiry(first, life.expires_in),
            chance=random.Random(f"{self.seed}:{number}"),
            stripes=self.stripes,
            staff=self.staff,
        )

    def _act(self) -> None:
        now = utcnow()
        due = sorted((one for one in self.planned if one.due_at <= now), key=lambda p: p.due_at)
        self.planned = [one for one in self.planned if one.due_at > now]
        for one in due:
            with self._timed("acts"):
                self._try(one)

    def _try(self, one: Planned) -> None:
        """Act; what is not possible yet, since its event is on the road, is tried another day.

        So is what Stripe refuses, as a change of a pledge that has ended there.
        """
        try:
            one.act(one.patron)
        except (NotPossible, Later, GatewayError) as error:
            db.session.rollback()
            one.tries += 1
            told = one.life.name, f"{one.act.__qualname__}: {error!r}"
            if one.patron.has_ended():
                self.too_late.append(told)
                return
            if one.tries >= PATIENCE:
                self.refused.append(told)
                return
            one.due_at = utcnow() + timedelta(days=1)
            self.planned.append(one)

    def move(self, by: timedelta) -> None:
        """Let time pass in the sandbox, and tell the product's clock."""
        with self._timed("advance"):
            self.stripes.control("advance", to=int((utcnow() + by).timestamp()))
            self._read_clock()

    def _read_clock(self) -> None:
        self.clock.ahead = timedelta(seconds=self.stripes.look("clock")["offset"])

    def _timed(self, what: str) -> "Timed":
        return Timed(self.seconds, what)


def _expiry(first: datetime, months: int | None) -> str:
    """Write a card's last month as Stripe's page takes it."""
    if months is None:
        return "12/40"
    return f"{months_later(first, months):%m/%y}"


class Timed:
    """Adds how long its block took to a counter."""

    def __init__(self, into: Counter[str], what: str) -> None:
        self._into, self._what = into, what

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *_error: object) -> None:
        self._into[self._what] += time.monotonic() - self._began  # type: ignore[assignment]
