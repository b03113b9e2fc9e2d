"""Answers as the API gives them: pages of lists, and ids expanded into objects."""

from __future__ import annotations

import bisect
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from typing import Any, TypeVar

from tests.sandbox.errors import invalid, missing, not_imitated
from tests.sandbox.events import Event
from tests.sandbox.shapes import Obj, expandable
from tests.sandbox.store import at_path
from tests.sandbox.world import World

T = TypeVar("T")

_DEEPEST = 4
_MOST_TYPES = 20
_PAGING = {"limit", "starting_after", "ending_before", "expand"}


def expanded(world: World, obj: Obj, paths: list[str]) -> Obj:
    """Replace ids by the objects they name, at dotted paths of up to four steps."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > _DEEPEST:
            raise invalid(
                f"You cannot expand more than {_DEEPEST} levels of a property ({path}).",
                param="expand",
            )
        _expand(world, obj, steps, path)
    return obj


def _expand(world: World, value: Any, steps: list[str], path: str) -> None:
    if isinstance(value, list):
        for item in value:
            _expand(world, item, steps, path)
        return
    if not steps or not isinstance(value, dict):
        return
    key, rest = steps[0], steps[1:]
    if include := _INCLUDABLE.get((str(value.get("object")), key)):
        value[key] = include(world, value)
    if key not in value:
        if expandable(str(value.get("object")), key):
            return  # What is absent for now stays so.
        raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    if isinstance(value[key], str):
        found = world.store.find(value[key])
        kind = value.get("object")
        if found is None and not (isinstance(kind, str) and expandable(kind, key)):
            raise invalid(f"This property cannot be expanded ({path}).", param="expand")
        value[key] = found or value[key]
    _expand(world, value[key], rest, path)


def _line_items(world: World, session: Obj) -> Obj:
    lines = world.store.extra(session["id"])["lines"]
    return listed(lines, f"/v1/checkout/sessions/{session['id']}/line_items")


def _payments(world: World, invoice: Obj) -> Obj:
    payments = list(world.store.each("invoice_payment", "invoice", invoice["id"]))
    return listed(payments, "/v1/invoice_payments")


def _refunds(world: World, charge: Obj) -> Obj:
    refunds = list(world.store.each("refund", "charge", charge["id"]))
    return listed(refunds, f"/v1/charges/{charge['id']}/refunds")


#: Keys that are absent unless asked for.
_INCLUDABLE: dict[tuple[str, str], Callable[[World, Obj], Obj]] = {
    ("checkout.session", "line_items"): _line_items,
    ("invoice", "payments"): _payments,
    ("charge", "refunds"): _refunds,
}


def listed(data: list[Obj], url: str, *, has_more: bool = False) -> Obj:
    """Wrap objects in a list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def page(
    world: World,
    kind: str,
    filters: dict[str, str],
    params: Obj,
    url: str,
    among: list[str] | None = None,
) -> Obj | str:
    """Give one page of a kind, newest first.

    `filters` says which parameter is compared with which path of the object; `among` narrows to
    these ids, the oldest first. Returns JSON text where nothing had to be expanded.
    """
    wanted = {filters[name]: value for name, value in params.items() if name in filters}
    others = params.keys() - filters.keys() - _PAGING - {"created", "status"}
    for name in others - _TESTS.keys():
        raise not_imitated(f"listing by `{name}`", param=name)
    tests = [_TESTS[name](params[name]) for name in sorted(others)]
    index = next((path for path in wanted if world.store.indexed(kind, path)), None)
    ids = world.store.ids(kind, index, wanted[index] if index else None)
    ids = ids if among is None else among
    simple = len(wanted) == (1 if index else 0) and not tests
    least, most = created_range(params.get("created", {}))
    in_state = _status_is(params.get("status", "not canceled" if kind == "subscription" else "all"))

    def fits(obj: Obj) -> bool:
        same = all(at_path(obj, path) == value for path, value in wanted.items())
        return same and all(test(obj) for test in tests)

    def texts() -> Iterator[str]:
        for id_ in _ordered(world, ids, kind, params):
            created, status = world.store.mark(id_)
            if not (least <= created <= most and in_state(status)):
                continue
            text = world.store.text(id_, kind)
            if simple or fits(json.loads(text)):
                yield text

    limit = _limit(params)
    found = _first(texts(), limit + 1)
    more, found = len(found) > limit, found[:limit]
    if params.get("ending_before"):
        found.reverse()
    joined = f'{{"object":"list","data":[{",".join(found)}],"has_more":'
    joined += f'{json.dumps(more)},"url":{json.dumps(url)}}}'
    if "expand" in params:
        return expanded(world, json.loads(joined), params["expand"])
    return joined


def _ordered(world: World, ids: list[str], kind: str, params: Obj) -> Iterable[str]:
    """Give ids from the cursor on: newest first, or oldest first before `ending_before`."""

    def position(cursor: str, param: str) -> int:
        serial = world.store.serial(cursor)
        if serial == 0:
            raise missing(kind.replace("_", " "), cursor, param=param)
        return serial

    if kind == "payment_method":  # Attached in another order than made.
        ids = sorted(ids, key=world.store.serial)
    if before := params.get("ending_before"):
        start = bisect.bisect_right(ids, position(before, "ending_before"), key=world.store.serial)
        return ids[start:]
    end = len(ids)
    if after := params.get("starting_after"):
        end = bisect.bisect_left(ids, position(after, "starting_after"), key=world.store.serial)
    return (ids[at] for at in range(end - 1, -1, -1))


def _limit(params: Obj) -> int:
    limit = int(params.get("limit", 10))
    if not 1 <= limit <= 100:
        message = f"This value must be between 1 and 100 (inclusive): {limit}."
        raise invalid(message, param="limit", code="parameter_invalid_integer")
    return limit


def _first(items: Iterable[T], count: int) -> list[T]:
    taken = []
    for item in items:
        taken.append(item)
        if len(taken) == count:
            break
    return taken


def created_range(asked: Any) -> tuple[int, int]:
    """Give the first and last moment meant by `created`: an exact one, or gt, gte, lt, lte."""
    if isinstance(asked, int):
        return asked, asked
    least = max(asked.get("gte", 0), asked.get("gt", -1) + 1)
    most = min(asked.get("lte", 1 << 62), asked.get("lt", 1 << 62) - 1)
    return least, most


def _status_is(asked: str) -> Callable[[str | None], bool]:
    match asked:
        case "all":
            return lambda status: True
        case "not canceled":
            return lambda status: status != "canceled"
        case "ended":
            return lambda status: status in ("canceled", "incomplete_expired")
        case _:
            return lambda status: status == asked


def _paid_by(asked: Obj) -> Callable[[Obj], bool]:
    wanted = asked.get("payment_intent")
    return lambda obj: bool(obj["payment"].get("payment_intent") == wanted)


def _one_of(asked: list[str]) -> Callable[[Obj], bool]:
    return lambda obj: obj["id"] in asked


#: Filters which are more than a comparison.
_TESTS: dict[str, Callable[[Any], Callable[[Obj], bool]]] = {
    "payment": _paid_by,
    "ids": _one_of,
}


def event_page(world: World, params: Obj, url: str) -> Obj:
    """Give one page of events, newest first, by type, time and whether they were taken."""
    types = set(params.get("types", [])) | ({params["type"]} if "type" in params else set())
    if len(types) > _MOST_TYPES:
        raise invalid(f"You may only specify up to {_MOST_TYPES} types.", param="types")
    least, most = created_range(params.get("created", {}))
    taken = params.get("delivery_success")

    def fits(event: Event) -> bool:
        if types and not any(_named(event.type, pattern) for pattern in types):
            return False
        if taken is not None and (event.pending == 0) != taken:
            return False
        return least <= event.created <= most

    limit = _limit(params)
    before = params.get("ending_before")
    events = world.events.page(after=params.get("starting_after"), before=before)
    if not before:  # Going back in time, nothing later than the first moment meant follows.
        events = takewhile(lambda event: event.created >= least, events)
    found = _first((event for event in events if fits(event)), limit + 1)
    more, found = len(found) > limit, found[:limit]
    if before:
        found.reverse()
    answer = listed([world.events.shown(event) for event in found], url, has_more=more)
    return expanded(world, answer, params.get("expand", []))


def _named(type_: str, pattern: str) -> bool:
    return type_ == pattern or (pattern.endswith(".*") and type_.startswith(pattern[:-1]))
