"""The lives of patrons: a row for each, with what happens on which day after it begins.

A new case is a new row. Days are counted from the first gift; months here have 31 days, so an act
at `month(2)` comes after the second renewal wherever the first gift fell. A bank decides a day
after it contests: a step of the clock is several days, and nine unanswered lose a dispute.
"""

from dataclasses import dataclass

from app.giving.rules import Interval
from tests.simulation import acts, reversals
from tests.simulation.people import Act

MONTH, YEAR = Interval.MONTH, Interval.YEAR


def month(number: int, days: int = 0) -> int:
    """Return the day so many months and days after the first gift."""
    return number * 31 + days


def monthly(first: int, last: int, days: int, act: Act) -> tuple[tuple[int, Act], ...]:
    """Return an act so many days after each of some renewals."""
    return tuple((month(number, days), act) for number in range(first, last + 1))


@dataclass(frozen=True)
class Life:
    """One row: how a patron begins, and what happens then."""

    name: str
    happens: tuple[tuple[int, Act], ...] = ()
    interval: Interval = MONTH
    card: str = acts.PAYS
    covers: bool = False
    begins: Act = acts.begin
    #: So many months after the first gift the card runs out.
    expires_in: int | None = None


LIVES = (
    # -- who just gives
    Life("gives each month"),
    Life("gives each month and covers the fee", covers=True, card=acts.MASTERCARD),
    Life("gives each year", interval=YEAR),
    Life("gives each year by another card", interval=YEAR, card=acts.AMEX, covers=True),
    Life("gives once", begins=acts.give_once),
    Life("gives once, and again", ((40, acts.give_once),), begins=acts.give_once),
    Life("gives each month and once besides", ((50, acts.give_once), (200, acts.give_once))),
    Life("is refused at the checkout first", begins=acts.begin_after_a_refusal),
    Life("walks away from the page", begins=acts.walk_away),
    Life("walks away and comes another day", ((3, acts.begin),), begins=acts.walk_away),
    Life("approves the first payment", card=acts.ASKS_ONCE),
    # -- who changes
    Life("gives more", ((month(2, 5), acts.terms(3, 2)),)),
    Life("gives less", ((month(3, 5), acts.terms(1, 2)),)),
    Life("gives more, then less", ((40, acts.terms(2, 1)), (120, acts.terms(1, 2))), covers=True),
    Life("gives each year from then on", ((40, acts.terms(10, 1, YEAR)),)),
    Life("gives each month from then on", ((60, acts.terms(1, 8, MONTH)),), interval=YEAR),
    Life(
        "gives each year, and each month again",
        ((35, acts.terms(10, 1, YEAR)), (90, acts.terms(1, 10, MONTH))),
    ),
    Life("gives more each year", ((100, acts.terms(5, 4)),), interval=YEAR),
    # -- who pauses
    Life("pauses a month", ((40, acts.pause(1)),)),
    Life("pauses two months", ((35, acts.pause(2)),)),
    Life("pauses three months twice", ((35, acts.pause(3)), (230, acts.pause(3)))),
    Life("pauses half a year", ((70, acts.pause(6)),)),
    Life("pauses and resumes early", ((40, acts.pause(3)), (80, acts.resume))),
    Life("pauses and resumes on the next day", ((40, acts.pause(2)), (41, acts.resume))),
    Life("pauses a yearly gift", ((330, acts.pause(2)),), interval=YEAR),
    Life(
        "pauses a yearly gift and resumes when it was due",
        ((330, acts.pause(6)), (420, acts.resume)),
        interval=YEAR,
    ),
    Life(
        "pauses a yearly gift and resumes before",
        ((100, acts.pause(3)), (150, acts.resume)),
        interval=YEAR,
    ),
    Life("pauses, gives less, goes on", ((40, acts.pause(2)), (60, acts.terms(1, 2)))),
    Life("pauses and leaves", ((40, acts.pause(6)), (100, acts.leave()))),
    # -- who leaves
    Life("leaves", ((100, acts.leave()),)),
    Life("leaves at once", ((100, acts.leave(at_once=True)),)),
    Life("leaves and stays", ((100, acts.leave()), (103, acts.stay))),
    Life("leaves, stays, leaves", ((66, acts.leave()), (67, acts.stay), (130, acts.leave()))),
    Life("leaves, then at once", ((70, acts.leave()), (76, acts.leave(at_once=True)))),
    Life("leaves a yearly gift", ((200, acts.leave()),), interval=YEAR),
    Life("leaves and comes back", ((66, acts.leave()), (150, acts.come_back()))),
    Life(
        "leaves at once, comes back, leaves",
        (
            (66, acts.leave(at_once=True)),
            (90, acts.come_back(acts.MASTERCARD)),
            (180, acts.leave()),
        ),
    ),
    Life("is ended in the dashboard", ((70, acts.end_in_the_dashboard()),)),
    Life("is ended in the dashboard at once", ((70, acts.end_in_the_dashboard(at_once=True)),)),
    Life("begins a second pledge", ((40, acts.begin), (100, acts.leave()))),
    # -- whose card fails
    Life("is short of money to the end", card=acts.SHORT),
    Life(
        "is short of money, then has another card",
        ((36, acts.new_card(acts.PAYS)),),
        card=acts.SHORT,
    ),
    Life("is refused later on, and never reacts", card=acts.DECLINES_LATER),
    Life(
        "lapses and comes back",
        ((80, acts.come_back()),),
        card=acts.DECLINES_LATER,
    ),
    Life(
        "has an expired card, then a new one",
        ((35, acts.new_card(acts.MASTERCARD)),),
        card=acts.EXPIRED,
    ),
    Life("has an expired card to the end", card=acts.EXPIRED),
    Life("has a bank that doubts, to the end", card=acts.DOUBTED),
    Life("pays what is open on its page", ((36, acts.pay_invoice(acts.PAYS)),), card=acts.DOUBTED),
    Life("has lost the card and never says so", card=acts.LOST),
    Life("has lost the card and has a new one", ((34, acts.new_card(acts.PAYS)),), card=acts.LOST),
    Life(
        "has a stolen card, replaced by the network",
        ((33, acts.network_replaces),),
        card=acts.STOLEN,
    ),
    Life(
        "has the card replaced before it fails", ((20, acts.network_replaces),), card=acts.EXPIRED
    ),
    Life("meets a processing error, then pays", ((36, acts.network_replaces),), card=acts.BUSY),
    Life(
        "puts in a card that is no better",
        ((33, acts.new_card(acts.DOUBTED)), (37, acts.new_card(acts.PAYS))),
        card=acts.SHORT,
    ),
    Life("lets the card run out", expires_in=2),
    Life("gets another card in time", ((45, acts.new_card(acts.MASTERCARD)),), expires_in=3),
    Life("gets another card too late", ((70, acts.new_card(acts.PAYS)),), expires_in=1),
    Life(
        "is refused on the page of what is open, then pays",
        ((34, acts.pay_invoice(acts.DECLINED)), (36, acts.pay_invoice(acts.MASTERCARD))),
        card=acts.SHORT,
    ),
    Life("gets another card for no reason", ((50, acts.new_card(acts.AMEX)),)),
    Life("leaves while the money is tried for", ((34, acts.leave()),), card=acts.SHORT),
    Life("gives less while the money is tried for", ((34, acts.terms(1, 2)),), card=acts.DOUBTED),
    Life("fails after a year", ((380, acts.new_card(acts.PAYS)),), interval=YEAR, card=acts.SHORT),
    Life("lapses after a year", interval=YEAR, card=acts.DECLINES_LATER),
    Life(
        "is asked each month and approves", monthly(1, 24, 4, acts.approve), card=acts.ASKS_ALWAYS
    ),
    Life("is asked and approves but once", monthly(1, 1, 4, acts.approve), card=acts.ASKS_ALWAYS),
    Life("is asked and never approves", card=acts.ASKS_ALWAYS),
    # -- whose money goes back
    Life("gets all of a gift back", ((45, reversals.refund()),)),
    Life("gets a part back", ((45, reversals.refund(1, 3)),)),
    Life(
        "gets parts back, one by one", ((45, reversals.refund(1, 3)), (47, reversals.refund(1, 4)))
    ),
    Life("gets it back and leaves with that", ((45, reversals.refund(ends=True)),)),
    Life("gets a yearly gift back", ((45, reversals.refund(1, 2)),), interval=YEAR),
    Life("is refunded in the dashboard", ((45, reversals.refund_at_stripe),)),
    Life("has a refund that comes late", ((45, reversals.refund()),), card=acts.REFUND_PENDS),
    Life("has a refund that fails", ((45, reversals.refund()),), card=acts.REFUND_FAILS),
    Life(
        "has a refund that fails late", ((45, reversals.refund(1, 2)), (60, reversals.refund_fails))
    ),
    Life("gives once and gets it back", ((20, reversals.refund()),), begins=acts.give_once),
    # -- whose bank contests
    Life("contests the first gift, unanswered", card=acts.CONTESTED),
    Life(
        "contests a gift, and we lose",
        ((70, reversals.contest()), (71, reversals.decide(won=False))),
    ),
    Life(
        "contests a gift, and we win", ((70, reversals.contest()), (71, reversals.decide(won=True)))
    ),
    Life("contests a gift given once", begins=acts.give_once, card=acts.NOT_RECEIVED),
    Life("is asked about", card=acts.INQUIRED),
    Life(
        "is asked about later",
        ((70, reversals.contest(inquiry=True)), (71, reversals.decide(won=False))),
    ),
    Life(
        "is asked about, then contested",
        (
            (70, reversals.contest(inquiry=True)),
            (71, reversals.escalate),
            (72, reversals.decide(won=False)),
        ),
    ),
    Life(
        "has a part refunded, then contests",
        ((40, reversals.refund(1, 4)), (50, reversals.contest())),
    ),
    Life("is warned of at once", card=acts.WARNED),
    Life("is warned of later", ((70, reversals.warn),)),
    Life("is warned of, a large gift", ((70, reversals.warn),), interval=YEAR),
    Life("contests, and comes back", ((40, reversals.contest()), (120, acts.come_back(acts.AMEX)))),
)
