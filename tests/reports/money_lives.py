"""Stories of money driven through the services, as events, patrons and staff would tell them."""

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.accounts.models import Account
from app.current import zone
from app.extensions import db
from app.giving import settlement
from app.giving.books import movements, outside
from app.giving.models import Pledge
from app.giving.rules import Interval
from app.giving.wishes import changes
from app.giving.wishes.changes import Asker
from app.money import Money
from app.payments.facts import (
    DisputeState,
    DonationPaid,
    Ending,
    Fact,
    Fee,
    FeeKnown,
    Movement,
    MovementKind,
    Reading,
    RefundState,
    Remedy,
    Standing,
)
from tests.builders import a_pledge, a_reader, a_staff_member
from tests.fakes import FakeGateway
from tests.giving.facts import disputed, failed, paid, paid_once, refunded, seen
from tests.reports.money_payouts import pay_out
from tests.reports.money_stories import (
    Act,
    Contested,
    Ends,
    GivesOnce,
    Pays,
    Refunded,
    Refused,
    Story,
    Transfers,
    Wishes,
)
from tests.reports.stories import DAY, NOW, Begun
from tests.reports.touches import checkout_of

#: An euro is so many dollars on the balance.
RATE = {"EUR": 1, "USD": 2}


class Lives:
    """The people and pledges of a story while it is told."""

    def __init__(self, story: Story) -> None:
        self.people = [a_reader(name=f"Patron {place}") for place in range(story.people)]
        self.staff = a_staff_member()
        self.gateway = FakeGateway()
        self.pledges: dict[tuple[int, int], Pledge] = {}
        self.gifts: dict[tuple[tuple[int, int], int], DonationPaid] = {}
        self.moves = 0

    def tell(self, act: Act) -> None:
        """Let one act happen when it does."""
        key = act.person, act.pledge
        movements.grace_over(now=act.at)
        match act.what:
            case Begun():
                self.pledges[key] = self._pledge(key, act.what)
            case Wishes():
                self._wish(self.pledges[key], act.what, act.at)
            case Transfers():
                self._transfer(self.people[act.person], act.what, act.at)
            case _:
                settlement.apply(self._facts(key, act), now=act.at)
        db.session.commit()

    def _pledge(self, key: tuple[int, int], what: Begun) -> Pledge:
        return a_pledge(
            self.people[key[0]],
            amount_minor=what.amount_minor,
            currency=what.currency,
            interval=what.interval,
            article=what.article,
            status="pending",
            started_at=None,
            # Of two that meet the lesser id counts: told again, a story is the same.
            key=uuid.UUID(int=(1 + key[0] * 10 + key[1]) << 96, version=4),
        )

    def _facts(self, key: tuple[int, int], act: Act) -> list[Fact]:
        """What Stripe tells of an act."""
        match act.what:
            case GivesOnce():
                return self._once(self.people[act.person], act.what, act.at)
            case Pays():
                return self._pays(key, act.what, act.at)
            case Refused():
                return self._refused(self.pledges[key], act.what, act.at)
            case Ends(why):
                over = {"ended_at": act.at, "ending": Ending(why), "seen_at": act.at}
                return [seen(self.pledges[key], Standing.ENDED, **over)]
            case Refunded(number):
                return [self._refunded(self.gifts[key, number], act.what, act.at)]
            case Contested(number):
                return [self._contested(self.gifts[key, number], act.what, act.at)]
        raise TypeError(act.what)

    # -- gifts -----------------------------------------------------------------------------------

    def _pays(self, key: tuple[int, int], what: Pays, at: datetime) -> list[Fact]:
        pledge = self.pledges[key]
        brand, _colon, last4 = (what.card or "").partition(":")
        period = (31 if pledge.interval == "month" else 366) * DAY
        fact = paid(
            pledge,
            what.number,
            received_at=at,
            paid_until=at + period,
            cover_minor=what.cover_minor,
            card_brand=brand or None,
            card_last4=last4 or None,
        )
        self.gifts[key, what.number] = fact
        facts: list[Fact] = [fact]
        if what.number > 1:
            facts.append(seen(pledge, Standing.PAYING, seen_at=at, paid_until=at + period))
        return facts + self._fee(fact, what.fee_minor)

    def _fee(self, fact: DonationPaid, fee_minor: int | None) -> list[Fact]:
        if fee_minor is None:
            return []
        assert fact.charge_id is not None
        net = self._euros(fact.amount).minor - fee_minor
        name = f"txn_{fact.charge_id}"
        return [FeeKnown(fact.charge_id, Fee(name, Money(fee_minor, "EUR"), Money(net, "EUR")))]

    def _once(self, giver: Account, what: GivesOnce, at: datetime) -> list[Fact]:
        checkout = checkout_of(None, None, None)
        checkout.account_id = giver.id
        checkout.amount_minor, checkout.currency = what.minor, what.currency
        fact = paid_once(checkout, received_at=at, amount=Money(what.minor, what.currency))
        return [fact, *self._fee(fact, what.fee_minor)]

    def _refused(self, pledge: Pledge, what: Refused, at: datetime) -> list[Fact]:
        over: dict[str, Any] = {
            "invoice_id": f"in_{pledge.id.hex[:8]}_{what.number}",
            "failed_at": at,
            "next_attempt_at": None if what.again is None else at + what.again * DAY,
            "decline_code": what.code,
            "remedy": Remedy(what.remedy),
        }
        late = seen(pledge, Standing.PAST_DUE, seen_at=at, paid_until=pledge.paid_until)
        return [failed(pledge, what.attempt, **over), late]

    # -- what goes back --------------------------------------------------------------------------

    def _euros(self, amount: Money) -> Money:
        return Money(amount.minor // RATE[amount.currency], "EUR")

    def _move(self, kind: MovementKind, amount: Money, at: datetime, fee: int = 0) -> Movement:
        settled = self._euros(amount)
        return Movement(
            balance_transaction_id=f"txn_{kind.value}_{at.isoformat()}_{self.moves}",
            kind=kind,
            amount=amount,
            settled=settled,
            fee=Money(fee, "EUR"),
            net=Money(settled.minor - fee, "EUR"),
            happened_at=at,
        )

    def _refunded(self, gift: DonationPaid, what: Refunded, at: datetime) -> Fact:
        self.moves += 1
        minor = gift.amount.minor * what.percent // 100
        kind = MovementKind.REFUND_FAILED if what.undone else MovementKind.REFUND
        amount = Money(minor if what.undone else -minor, gift.amount.currency)
        state = RefundState.FAILED if what.undone else RefundState.SUCCEEDED
        moves = (self._move(kind, amount, at),)
        return refunded(gift, minor, made_at=at, seen_at=at, state=state, movements=moves)

    def _contested(self, gift: DonationPaid, what: Contested, at: datetime) -> Fact:
        self.moves += 1
        moves: tuple[Movement, ...] = ()
        taken = Money(-gift.amount.minor, gift.amount.currency)
        if what.state is DisputeState.OPEN:
            moves = (self._move(MovementKind.DISPUTE, taken, at, fee=1500),)
        if what.state is DisputeState.WON:
            moves = (self._move(MovementKind.DISPUTE_RETURNED, gift.amount, at, fee=-1500),)
        fact = disputed(gift, what.state, reason=what.reason, seen_at=at, movements=moves)
        return replace(fact, opened_at=at)

    # -- people ----------------------------------------------------------------------------------

    def _wish(self, pledge: Pledge, what: Wishes, at: datetime) -> None:
        """Say a wish at the page, where the page offers it; Stripe does as it is asked."""
        if what.what == "leave" and (pledge.paid_until is None or pledge.paid_until <= at):
            return
        reading = Reading((self._as_wished(pledge, what, at),))
        self.gateway.readings[pledge.stripe_subscription_id or ""] = reading
        try:
            self._say(pledge, what, at)
        except changes.NotPossible:
            db.session.rollback()

    def _as_wished(self, pledge: Pledge, what: Wishes, at: datetime) -> Fact:
        wished: dict[str, dict[str, Any]] = {
            "leave": {"ends_at": pledge.paid_until},
            "leave_now": {"ended_at": at, "ending": Ending.BY_WISH},
            "stay": {"ends_at": None},
            "lower": {"amount": _less(pledge)},
            "move": {"interval": _other(pledge)},
            "pause": {},
        }
        over: dict[str, Any] = {
            "seen_at": at,
            "paid_until": pledge.paid_until,
            "ends_at": pledge.ends_at,
        }
        standings = {"leave_now": Standing.ENDED, "pause": Standing.PAUSED}
        return seen(pledge, standings.get(what.what, Standing.PAYING), **over | wished[what.what])

    def _say(self, pledge: Pledge, what: Wishes, at: datetime) -> None:
        """Say it; raises `NotPossible` where the page would not offer it."""
        asker, gateway = Asker(pledge.account_id), self.gateway
        amount, interval = pledge.amount, Interval(pledge.interval)
        match what.what:
            case "stay":
                changes.stay(pledge.id, asker, gateway, now=at)
            case "pause":
                changes.pause(pledge.id, 1, asker, gateway, now=at)
            case "lower":
                changes.set_terms(pledge.id, _less(pledge), interval, asker, gateway, now=at)
            case "move":
                changes.set_terms(pledge.id, amount, _other(pledge), asker, gateway, now=at)
            case _:
                at_once, reason = what.what == "leave_now", what.reason
                changes.leave(pledge.id, asker, gateway, at_once=at_once, reason=reason, now=at)

    def _transfer(self, giver: Account, what: Transfers, at: datetime) -> None:
        who, on = outside.Giver(account_id=giver.id), at.astimezone(zone()).date()
        amount = Money(what.minor, what.currency)
        gift = outside.Gift(who, outside.Source.BANK, amount, on)
        entered = outside.enter(gift, by=self.staff.id, sure=True, now=at)
        if what.back_after is not None and (then := at + what.back_after * DAY) < NOW:
            outside.reverse(entered.id, "entered twice", by=self.staff.id, now=then)


def _less(pledge: Pledge) -> Money:
    return Money(pledge.amount_minor - 100, pledge.currency)


def _other(pledge: Pledge) -> Interval:
    return Interval.YEAR if pledge.interval == "month" else Interval.MONTH


def live(story: Story) -> None:
    """Let everything of a story happen, each act when it happens, and Stripe pay out."""
    lives = Lives(story)
    for act in story.acts:
        lives.tell(act)
    movements.grace_over(now=NOW)
    pay_out(story.every)
