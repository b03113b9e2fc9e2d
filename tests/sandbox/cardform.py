"""A card form as a buyer fills it in: read, held while the bank asks, made a payment method."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from tests.sandbox import objects
from tests.sandbox.cards import CARDS, Decline, well_made
from tests.sandbox.events import Event
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World


@dataclass(frozen=True, slots=True)
class CardForm:
    """What was typed: digits of the number, (month, year), security code, name."""

    number: str
    expiry: tuple[int, int]
    cvc: str
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of pressing the button.

    `step` is "paid", "saved" (a card in the portal), "declined", "authenticate" (the bank
    asks the buyer), "complete" or "expired" (the page was closed before).
    """

    step: str
    decline: Decline | None = None
    event: Event | None = None


def read_form(fields: dict[str, str]) -> tuple[CardForm | None, dict[str, str]]:
    """Read the card form; give it, or what is wrong by field as a word the page translates."""
    number = re.sub(r"[\s-]", "", fields.get("number", ""))
    cvc = fields.get("cvc", "").strip()
    name = " ".join(fields.get("name", "").split())
    wrong: dict[str, str] = {}
    if not well_made(number):
        wrong["number"] = "number_invalid" if len(number) >= 13 else "number_incomplete"
    expiry = read_expiry(fields.get("exp", ""))
    if expiry is None:
        wrong["exp"] = "exp_incomplete"
    elif (expiry[1], expiry[0]) < time.gmtime()[:2]:
        wrong["exp"] = "exp_past"
    wanted = 4 if number.startswith(("34", "37")) else 3
    if not (cvc.isascii() and cvc.isdigit() and len(cvc) == wanted):
        wrong["cvc"] = "cvc_incomplete"
    if not name:
        wrong["name"] = "name_missing"
    if wrong or expiry is None:
        return None, wrong
    return CardForm(number, expiry, cvc, name[:150]), {}


def read_expiry(text: str) -> tuple[int, int] | None:
    """Read `MM/YY` or `MM / YYYY` as (month, year)."""
    found = re.fullmatch(r"\s*(\d{1,2})\s*/?\s*(\d{2}|20\d{2})\s*", text, re.ASCII)
    if found is None or not 1 <= int(found[1]) <= 12:
        return None
    return int(found[1]), 2000 + int(found[2]) % 100


def hold(world: World, page_id: str, form: CardForm) -> None:
    """Hold a form while the bank asks the buyer."""
    waiting = [form.number, list(form.expiry), form.cvc, form.name]
    world.store.note(page_id, waiting=waiting)


def held(world: World, page_id: str) -> CardForm | None:
    """Give the form a page holds for the bank's answer."""
    waiting = world.store.extra(page_id).get("waiting")
    if waiting is None:
        return None
    number, expiry, cvc, name = waiting
    return CardForm(number, (expiry[0], expiry[1]), cvc, name)


def let_go(world: World, page_id: str) -> CardForm | None:
    """Give the form a page holds and hold it no longer."""
    form = held(world, page_id)
    if form is not None:
        world.store.note(page_id, waiting=None)
    return form


def method(world: World, form: CardForm, email: str | None) -> Obj:
    """Make and keep the payment method of a form's card, which must be a test card."""
    card = CARDS[form.number]
    return objects.card_payment_method(world, card, expiry=form.expiry, name=form.name, email=email)
