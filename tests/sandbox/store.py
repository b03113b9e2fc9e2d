"""Every object of the account, as the JSON it is answered with, found by id or by owner."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from typing import Any

from tests.sandbox.errors import missing
from tests.sandbox.journal import Journal
from tests.sandbox.shapes import Obj, insist

#: Keys by which objects of a kind are looked up; a dot steps into a nested object.
_INDEXED = {
    "balance_transaction": ("source", "type"),
    "charge": ("customer", "payment_intent"),
    "customer": ("email",),
    "checkout.session": ("customer", "subscription", "payment_intent"),
    "dispute": ("charge", "payment_intent"),
    "invoice": ("customer", "parent.subscription_details.subscription"),
    "invoice_payment": ("invoice", "payment.payment_intent"),
    "payment_intent": ("customer",),
    "payment_method": ("customer",),
    "price": ("product",),
    "radar.early_fraud_warning": ("charge", "payment_intent"),
    "refund": ("charge", "payment_intent"),
    "subscription": ("customer",),
}
#: What Stripe calls a kind in its messages, where that differs.
_NOUNS = {"payment_method": "PaymentMethod", "checkout.session": "checkout.session"}


def at_path(obj: Obj, path: str) -> Any:
    """Follow a dotted path through nested objects; None where it ends early."""
    value: Any = obj
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


class Store:
    """Objects by id. What is given out is a copy; `save` makes a change count.

    `lock` guards a whole act: hold it from the first read to the last save.
    """

    def __init__(self, journal: Journal, seed: str) -> None:
        self.lock = threading.RLock()
        self._journal = journal
        self._tag = hashlib.sha256(seed.encode()).hexdigest()[:5]
        self._counter: int = journal.fact("store.counter", 0)
        self._empty()
        for id_, serial, body in journal.rows("object"):
            obj = json.loads(body)
            self._serials[id_] = serial
            self._enter(obj, body.decode())
        for id_, _, body in journal.rows("extra"):
            self._extras[id_] = json.loads(body)

    def _empty(self) -> None:
        self._texts: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._serials: dict[str, int] = {}
        self._by_kind: dict[str, list[str]] = {}
        #: When each was created and the state it is in: lists need not read all of it.
        self._marks: dict[str, tuple[int, str | None]] = {}
        self._index: dict[tuple[str, str, str], list[str]] = {}
        self._index_keys: dict[str, tuple[Any, ...]] = {}
        self._extras: dict[str, dict[str, Any]] = {}

    def clear(self) -> None:
        """Forget every object. Ids go on counting, so that none is ever given twice."""
        self._empty()

    def new_id(self, prefix: str) -> str:
        """Give the next id: the same on every run that makes the same things in the same order."""
        return f"{prefix}_1{self._tag}{self.next_serial():08d}"

    def next_serial(self) -> int:
        """Count one thing more."""
        with self.lock:
            self._counter += 1
            self._journal.keep_fact("store.counter", self._counter)
            return self._counter

    def save(self, obj: Obj) -> str:
        """Keep an object as it now is and return its JSON; raise ShapeError if it is misshapen."""
        insist(obj)
        text = json.dumps(obj, separators=(",", ":"), ensure_ascii=False)
        id_ = str(obj["id"])
        if id_ not in self._serials:
            self._serials[id_] = self.next_serial()
        self._enter(obj, text)
        self._journal.put("object", id_, self._serials[id_], text.encode())
        return text

    def _enter(self, obj: Obj, text: str) -> None:
        id_, kind = str(obj["id"]), str(obj["object"])
        if id_ not in self._texts:
            self._kinds[id_] = kind
            self._by_kind.setdefault(kind, []).append(id_)
        self._texts[id_] = text
        self._marks[id_] = obj.get("created", 0), obj.get("status")
        paths = _INDEXED.get(kind, ())
        keys = tuple(at_path(obj, path) for path in paths)
        before = self._index_keys.get(id_, (None,) * len(keys))
        if keys == before:
            return
        for path, key, old in zip(paths, keys, before, strict=True):
            if key != old and old is not None:
                self._index[kind, path, old].remove(id_)
            if key != old and key is not None:
                self._index.setdefault((kind, path, key), []).append(id_)
        self._index_keys[id_] = keys

    def delete(self, id_: str) -> None:
        """Take an object out of every list."""
        kind = self._kinds.pop(id_)
        self._by_kind[kind].remove(id_)
        keys = self._index_keys.pop(id_, ())
        for path, key in zip(_INDEXED.get(kind, ()), keys, strict=False):
            if key is not None:
                self._index[kind, path, key].remove(id_)
        del self._texts[id_], self._serials[id_], self._marks[id_]
        self._extras.pop(id_, None)
        self._journal.drop("object", id_)
        self._journal.drop("extra", id_)

    def text(self, id_: str, kind: str, *, param: str = "id") -> str:
        """Give an object's JSON; raise a 404 refusal if there is none of this kind."""
        if self._kinds.get(id_) != kind:
            noun = _NOUNS.get(kind, kind.replace("_", " "))
            raise missing(noun, id_, param=param)
        return self._texts[id_]

    def load(self, id_: str, kind: str, *, param: str = "id") -> Obj:
        """Give a fresh copy of an object; raise a 404 refusal if there is none of this kind."""
        obj: Obj = json.loads(self.text(id_, kind, param=param))
        return obj

    def find(self, id_: str) -> Obj | None:
        """Give a fresh copy of whatever has this id."""
        text = self._texts.get(id_)
        return None if text is None else json.loads(text)

    def has(self, id_: str, kind: str) -> bool:
        """Tell whether there is an object of this kind with this id."""
        return self._kinds.get(id_) == kind

    def ids(self, kind: str, path: str | None = None, value: str | None = None) -> list[str]:
        """List ids of a kind, oldest first; only those with a value at an indexed path if given."""
        if path is None or value is None:
            return self._by_kind.get(kind, [])
        return self._index.get((kind, path, value), [])

    def each(self, kind: str, path: str | None = None, value: str | None = None) -> Iterator[Obj]:
        """Yield copies of objects of a kind, newest first."""
        for id_ in reversed(list(self.ids(kind, path, value))):
            yield json.loads(self._texts[id_])

    def indexed(self, kind: str, path: str) -> bool:
        """Tell whether objects of a kind can be looked up by a path."""
        return path in _INDEXED.get(kind, ())

    def serial(self, id_: str) -> int:
        """Give an object's place in the order of making; 0 for one that is not here."""
        return self._serials.get(id_, 0)

    def mark(self, id_: str) -> tuple[int, str | None]:
        """Tell when an object was created, and its status if it has one."""
        return self._marks[id_]

    def extra(self, id_: str) -> dict[str, Any]:
        """Give what we know of an object and do not show: a card's number, a page's state."""
        return dict(self._extras.get(id_, {}))

    def note(self, id_: str, **facts: Any) -> None:
        """Add to what we know of an object and do not show."""
        extra = self._extras.setdefault(id_, {})
        extra.update(facts)
        self._journal.put("extra", id_, 0, json.dumps(extra).encode())
