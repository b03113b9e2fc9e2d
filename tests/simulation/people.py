"""A made-up person, and what every act may ask of it."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Donation, Pledge
from app.giving.rules import FINAL, Interval
from app.giving.wishes.changes import Asker
from app.money import Money
from tests.simulation.stripes import Stripes


class Later(Exception):
    """What an act is about is not known yet: its event is still on the road."""


@dataclass
class Patron:
    """One made-up person: who it is, what is given, and the pledge that runs, if one does."""

    email: str
    amount: Money
    interval: Interval
    card: str
    covers: bool
    chance: random.Random
    stripes: Stripes
    #: When the first card runs out, as the page takes it.
    expires: str
    #: Two members of staff, of whom one asks and the other agrees.
    staff: tuple[int, int]
    pledge_id: uuid.UUID | None = None
    #: Ids of Stripe's that a later act needs: of a dispute, a refund.
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def pledge(self) -> Pledge:
        """The pledge of the last checkout."""
        assert self.pledge_id is not None
        return db.session.get_one(Pledge, self.pledge_id, populate_existing=True)

    @property
    def asker(self) -> Asker:
        """Who asks for changes of it."""
        return Asker(self.pledge.account_id)

    def has_ended(self) -> bool:
        """Whether the pledge of the last checkout is over."""
        return self.pledge_id is not None and self.pledge.status in FINAL

    def customer(self) -> str:
        """The pledge's customer at Stripe. Raises `Later` while it is not known."""
        found = self.pledge.stripe_customer_id
        if found is None:
            raise Later("no customer")
        return found

    def donation(self) -> Donation:
        """The newest donation that came through Stripe. Raises `Later` while there is none."""
        found = db.session.scalar(
            select(Donation)
            .join(Account, Account.id == Donation.account_id)
            .where(Account.email == self.email)
            .order_by(Donation.received_at.desc(), Donation.id.desc())
            .limit(1)
        )
        if found is None:
            raise Later("no donation")
        return found

    def new_id(self) -> uuid.UUID:
        """An id that the same seed makes again."""
        return uuid.UUID(int=self.chance.getrandbits(128), version=4)


#: What a person does, or has done to it.
Act = Callable[[Patron], Any]
