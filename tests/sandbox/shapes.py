"""What every object must look like at this API version, and a check of it.

`shapes.json` holds, for each object, its keys and their types as Stripe's own typed
library declares them; a key ending in "?" may be absent. Types are compiled once into
small functions, because every object is checked each time it is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

Obj = dict[str, Any]
#: Takes a value; gives the complaints about it, each beginning with where below it they stand.
Checker = Callable[[Any], list[str]]

_SHAPES: dict[str, Any] = json.loads(Path(__file__).with_name("shapes.json").read_text())

#: What an object calls itself -> the name of its shape.
_ROOTS = {
    "balance_transaction": "BalanceTransaction",
    "billing_portal.configuration": "BillingPortal.Configuration",
    "billing_portal.session": "BillingPortal.Session",
    "charge": "Charge",
    "checkout.session": "Checkout.Session",
    "customer": "Customer",
    "dispute": "Dispute",
    "invoice": "Invoice",
    "invoice_payment": "InvoicePayment",
    "item": "LineItem",
    "line_item": "InvoiceLineItem",
    "payment_intent": "PaymentIntent",
    "payment_method": "PaymentMethod",
    "payout": "Payout",
    "plan": "Plan",
    "price": "Price",
    "product": "Product",
    "radar.early_fraud_warning": "Radar.EarlyFraudWarning",
    "refund": "Refund",
    "subscription": "Subscription",
    "subscription_item": "SubscriptionItem",
    "test_helpers.test_clock": "TestHelpers.TestClock",
    "webhook_endpoint": "WebhookEndpoint",
}
_EVENT_KEYS = {
    "id", "object", "api_version", "created", "data", "livemode", "pending_webhooks", "request",
    "type",
}  # fmt: skip
_ADDRESS_KEYS = {"city", "country", "line1", "line2", "postal_code", "state"}


class ShapeError(Exception):
    """An object does not look as Stripe's objects of this version look."""


def problems(obj: Obj) -> list[str]:
    """List what is wrong with an object or an event: unknown, missing, null, mistyped keys."""
    kind = obj.get("object")
    if kind == "event":
        found = [f".{key}: missing (event)" for key in sorted(_EVENT_KEYS - set(obj))]
        found += [f".{key}: unknown key for event" for key in sorted(set(obj) - _EVENT_KEYS)]
        subject = obj["data"]["object"]
        if obj["type"] == "invoice.upcoming" and "id" not in subject:
            # There is no invoice yet, and therefore no id.
            subject = {**subject, "id": "upcoming"}
        return found + [f".data.object{line}" for line in problems(subject)]
    name = _ROOTS.get(str(kind))
    if name is None:
        return [f".: no shape for object={kind!r}"]
    return _interface(name)(obj)


def insist(obj: Obj) -> None:
    """Raise ShapeError unless the object is exactly of this API version's shape."""
    if found := problems(obj):
        raise ShapeError(f"{obj.get('object')} {obj.get('id')}: " + "; ".join(found[:8]))


@cache
def nulls(name: str) -> tuple[str, ...]:
    """Name the keys of a shape that are always present and may be null."""
    fields: dict[str, str] = _SHAPES[name]
    return tuple(k for k, ty in fields.items() if k[-1] != "?" and "null" in _split(ty))


@cache
def expandable(kind: str, key: str) -> bool:
    """Tell whether a key of an object holds an id that may be asked for as an object."""
    fields: dict[str, str] = _SHAPES[_ROOTS[kind]]
    declared = fields.get(key) or fields.get(key + "?")
    if declared is None:
        return False
    members = _split(declared)
    return "string" in members and any(m[0].isupper() and m != "OtherString" for m in members)


def _split(declared: str) -> list[str]:
    parts, depth, current = [], 0, ""
    for char in declared:
        depth += char in "<{(["
        depth -= char in ">})]"
        if char == "|" and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += char
    return [part for part in [*parts, current.strip()] if part]


def _resolve(name: str, scope: str) -> str | None:
    name = name.removeprefix("Stripe.")
    outer = scope.split(".")
    for depth in range(len(outer), -1, -1):
        candidate = ".".join([*outer[:depth], name])
        if candidate in _SHAPES:
            return candidate
    return _resolve(name.removesuffix("Resource"), scope) if name.endswith("Resource") else None


@cache
def _interface(name: str) -> Checker:
    fields: dict[str, str] = _SHAPES[name]
    needed = {key for key in fields if key[-1] != "?"}
    compiled: dict[str, Checker] = {}

    def check(value: Any) -> list[str]:
        if not isinstance(value, dict):
            return [f": {type(value).__name__} is not {name}"]
        # Filled on first use: shapes refer to one another in circles.
        if not compiled:
            compiled.update(
                {key.removesuffix("?"): _declared(ty, name) for key, ty in fields.items()}
            )
        found = [f".{key}: missing ({name})" for key in needed if key not in value]
        for key, member in value.items():
            checker = compiled.get(key)
            if checker is None:
                found.append(f".{key}: unknown key for {name}")
            elif complaints := checker(member):
                found += [f".{key}{line}" for line in complaints]
        return found

    return check


@cache
def _declared(declared: str, scope: str) -> Checker:
    """Compile a union: a value must please one member; the nearest miss is reported."""
    members = _split(declared)
    nullable = "null" in members
    literals = frozenset(member[1:-1] for member in members if member[0] in "'\"")
    others = [member for member in members if member != "null" and member[0] not in "'\""]
    checkers = [_member(member, scope) for member in others]
    if literals:
        named = _plain(lambda v: isinstance(v, str) and v in literals, f"one of {declared:.100}")
        checkers.insert(0, named)
    if len(checkers) == 1 and not nullable:
        return checkers[0]

    def check(value: Any) -> list[str]:
        if value is None:
            return [] if nullable else [f": null but not nullable ({declared})"]
        misses = []
        for checker in checkers:
            complaints = checker(value)
            if not complaints:
                return []
            misses.append(complaints)
        nested = [miss for miss in misses if isinstance(value, dict) and len(miss[0]) > 0]
        return min(nested or [[f": {value!r:.60} is not {declared:.120}"]], key=len)

    return check


def _plain(test: Callable[[Any], bool], wanted: str) -> Checker:
    def check(value: Any) -> list[str]:
        return [] if test(value) else [f": {value!r:.60} is not {wanted}"]

    return check


_PLAIN: dict[str, Checker] = {
    "string": _plain(lambda v: isinstance(v, str), "a string"),
    # Types leave most enums open to values still to come; what we say must be known today.
    "OtherString": _plain(lambda v: False, "a known value"),
    "number": _plain(lambda v: type(v) is int or type(v) is float, "a number"),
    "boolean": _plain(lambda v: isinstance(v, bool), "a boolean"),
    "any": _plain(lambda v: True, "anything"),
    "unknown": _plain(lambda v: True, "anything"),
    "true": _plain(lambda v: v is True, "true"),
    "false": _plain(lambda v: v is False, "false"),
    "Decimal": _plain(
        lambda v: isinstance(v, str) and re.fullmatch(r"-?\d+(\.\d+)?", v) is not None, "a decimal"
    ),
    "Metadata": _plain(
        lambda v: isinstance(v, dict) and all(isinstance(x, str) for x in v.values()), "metadata"
    ),
    "Address": _plain(lambda v: isinstance(v, dict) and set(v) == _ADDRESS_KEYS, "an address"),
}


def _member(member: str, scope: str) -> Checker:
    if member in _PLAIN:
        return _PLAIN[member]
    if array := re.fullmatch(r"Array<(.*)>", member):
        return _array(_declared(array[1], scope))
    if listing := re.fullmatch(r"ApiList<(.*)>", member):
        return _listing(_declared(listing[1], scope))
    name = None if member.startswith("{") else _resolve(member, scope)
    if name is None:
        return _plain(lambda value: isinstance(value, dict), "an object")
    shape = _SHAPES[name]
    return _declared(shape, name) if isinstance(shape, str) else _interface(name)


def _array(inner: Checker) -> Checker:
    def check(value: Any) -> list[str]:
        if not isinstance(value, list):
            return [f": {value!r:.60} is not an array"]
        return [f"[{at}]{line}" for at, item in enumerate(value) for line in inner(item)]

    return check


def _listing(inner: Checker) -> Checker:
    array = _array(inner)

    def check(value: Any) -> list[str]:
        if not isinstance(value, dict) or set(value) != {"object", "data", "has_more", "url"}:
            return [": not a list object"]
        return [f".data{line}" for line in array(value["data"])]

    return check
