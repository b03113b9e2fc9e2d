"""At risk now: who is past due and for how long, and whose card is about to expire."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row

from app.accounts.models import Role
from app.desk import money_lines
from app.giving.failing import recovery
from app.giving.failing.recovery import Recovery
from app.giving.models import Pledge
from app.giving.rules import Interval
from app.money import Money
from app.reports import expiring, periods, words
from app.reports.expiring import Age, Card
from app.reports.listing import Found
from app.reports.periods import ALL
from app.reports.shape import (
    Answer,
    Asked,
    Behind,
    Figure,
    Group,
    Listing,
    Person,
    Report,
    Table,
    Value,
)

#: How many of those past due the page lists at once; the lists behind figures have them all.
AT_ONCE = 200
#: Cards that need somebody before long, and the name of their list.
SOON, SOON_CARDS = "soon", (Card.EXPIRED, Card.IN_30)


def build(asked: Asked) -> Answer:
    """Tell what is in grace, by the age of the failure, and which cards end soon."""
    late = expiring.by_age(asked.now, asked.currency)
    cards = expiring.by_card(asked.now, asked.zone, asked.currency)
    in_grace = [one for one in late if one.name != Age.AFTER_GRACE]
    soon = [one for one in cards if one.name in SOON_CARDS]
    return Answer(
        [
            Figure(
                _("Pledges past due, in grace"),
                [Behind(sum(one.count for one in in_grace), f"late:{ALL}:{ALL}")],
                _("Their patrons stand and vote while Stripe still tries to take the money."),
            ),
            Figure(
                _("At risk each month"),
                _monthly(in_grace),
                _("What these pledges bring by the month, a yearly one as its twelfth."),
            ),
            Figure(
                _("Cards expired or about to within 30 days"),
                [Behind(sum(one.count for one in soon), f"card:{SOON}:{ALL}")],
                _("Of pledges that go on and have not failed; a card is good to its month's end."),
            ),
            Figure(_("What these bring each month"), _monthly(soon)),
        ],
        None,
        [_first(asked), _ages(late), _cards(cards)],
    )


def _monthly(groups: Sequence[expiring.Group]) -> list[Value]:
    sums: dict[str, int] = {}
    for one in groups:
        sums[one.currency] = sums.get(one.currency, 0) + one.yearly_minor
    return [_twelfth(minor, currency) for currency, minor in sorted(sums.items())]


def _twelfth(yearly_minor: int, currency: str) -> Money:
    """What comes to so much by the year as a month, to the nearest minor unit."""
    return Money((yearly_minor + 6) // 12, currency)


def _first(asked: Asked) -> Table:
    found = recovery.listed(asked.now, limit=AT_ONCE)
    rows = [row for row in found if asked.currency in (None, row.amount.currency)]
    full = len(found) == AT_ONCE
    note = _("Of the %(count)s whose grace ends first.", count=AT_ONCE) if full else ""
    return Table(_("Past due, whose grace ends first"), _heads(), [_row(row) for row in rows], note)


def _heads() -> list[str]:
    return [
        _("Name"),
        _("Pledge"),
        _("Past due since"),
        _("Grace ends"),
        _("Attempts"),
        _("What helps"),
        _("The bank's word"),
        _("Next attempt"),
    ]


def _row(of: Recovery) -> list[Value]:
    return [
        Person(of.account_id, of.name),
        words.pledge(of.amount, of.interval),
        of.past_due_since,
        of.grace_ends_at,
        of.attempts,
        money_lines.remedy(of.remedy) if of.remedy else _("no attempt told of yet"),
        (of.decline_code or "").replace("_", " "),
        of.next_attempt_at,
    ]


def _ages(late: Sequence[expiring.Group]) -> Table:
    groups = sorted(late, key=lambda one: (list(Age).index(Age(one.name)), one.currency))
    return Table(
        _("Past due by the age of the failure"),
        [_("Past due for"), *_sums_heads()],
        [[_age(Age(one.name)), *_sums(one, "late")] for one in groups],
        _("What is past its grace stands no more; it is in none of the figures above."),
        frozenset(place for place, one in enumerate(groups) if one.name == Age.AFTER_GRACE),
    )


def _cards(cards: Sequence[expiring.Group]) -> Table:
    groups = sorted(cards, key=lambda one: (list(Card).index(Card(one.name)), one.currency))
    return Table(
        _("Pledges that go on, by how long their card is good for"),
        [_("Card"), *_sums_heads()],
        [[_card(Card(one.name)), *_sums(one, "card")] for one in groups],
        _("Banks renew many cards by themselves, so not every one of these will fail."),
    )


def _sums_heads() -> list[str]:
    return [_("Currency"), _("Pledges"), _("By the year"), _("By the month")]


def _sums(one: expiring.Group, kind: str) -> list[Value]:
    return [
        one.currency,
        Behind(one.count, f"{kind}:{one.name}:{one.currency}"),
        Money(one.yearly_minor, one.currency),
        _twelfth(one.yearly_minor, one.currency),
    ]


def _age(of: Age) -> str:
    return {
        Age.TO_3: _("up to 3 days"),
        Age.TO_7: _("4 to 7 days"),
        Age.TO_14: _("8 to 14 days"),
        Age.LONGER: _("15 days or more, in grace"),
        Age.AFTER_GRACE: _("grace is over, Stripe still tries"),
    }[of]


def _card(of: Card) -> str:
    return {
        Card.EXPIRED: _("has expired"),
        Card.IN_30: _("expires within 30 days"),
        Card.IN_60: _("expires in 31 to 60 days"),
        Card.GOOD: _("good for longer"),
        Card.UNKNOWN: _("unknown"),
    }[of]


def listed(asked: Asked, key: str) -> Listing:
    """List the pledges behind one cell. Raises `KeyError` for a key no cell has."""
    kind, name, currency = periods.parts_of(key, 3)
    code = periods.currency_of(currency) or asked.currency
    try:
        if kind == "late":
            return _late(asked, None if name == ALL else Age(name), code)
        if kind == "card":
            return _with_cards(asked, SOON_CARDS if name == SOON else (Card(name),), code)
    except ValueError:
        raise KeyError(key) from None
    raise KeyError(key)


def _late(asked: Asked, age: Age | None, currency: str | None) -> Listing:
    query = recovery.past_due(*expiring.past_due(asked.now, age, currency))
    return Listing(
        _age(age) if age else _("Pledges past due, in grace"),
        _heads(),
        Found(query, lambda row: _row(recovery.read(row, asked.now))),
    )


def _with_cards(asked: Asked, cards: Sequence[Card], currency: str | None) -> Listing:
    return Listing(
        _("Card: %(state)s", state=", ".join(_card(card) for card in cards)),
        [_("Name"), _("Pledge"), _("Card"), _("Good to the end of"), _("Next payment")],
        Found(expiring.with_cards(asked.now, asked.zone, cards, currency), _with_card),
    )


def _with_card(row: Row[Any]) -> list[Value]:
    pledge: Pledge = row.Pledge
    return [
        Person(pledge.account_id, row.name),
        words.pledge(pledge.amount, Interval(pledge.interval)),
        f"{(pledge.card_brand or '').title()} {pledge.card_last4 or ''}".strip(),
        f"{pledge.card_exp_month:02d}/{pledge.card_exp_year}"
        if pledge.card_exp_month and pledge.card_exp_year
        else _("unknown"),
        pledge.next_payment_at,
    ]


REPORT = Report(
    name="at-risk",
    group=Group.MONEY,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("At risk now"),
    definition=lambda: _(
        "Pledges whose renewal failed and that still stand in their days of grace, and pledges "
        "whose card ends before long, as a list to work through."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "Nothing of this is lost yet, and nothing is earned: most of what is past due is paid, and "
        "what is not leaves the figures when its grace is over."
    ),
    by_period=False,
)
