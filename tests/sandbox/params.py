"""Requests held to the SDK's own parameter types, closed: an unknown key is refused.

The types cannot be used as they are: they inherit the SDK's request options, leave
enums open, and pydantic wants its `extra="forbid"` on every nested type. They are
therefore rebuilt, once each.
"""

from __future__ import annotations

import types
import typing as t
from functools import cache
from urllib.parse import parse_qsl

import typing_extensions as te
from pydantic import BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from stripe._request_options import RequestOptions
from stripe._stripe_context import StripeContext
from stripe._stripe_object import UntypedStripeObject

from tests.sandbox.errors import Refusal, invalid

Params = dict[str, t.Any]

_OPTIONS = frozenset(RequestOptions.__annotations__)
_REMOVED = {"payment_method_types": "payment_method_types_no_longer_supported"}


def decode_form(body: str) -> Params:
    """Decode `a[b][0][c]=1&d[]=2` to `{"a": {"b": {"0": {"c": "1"}}}, "d": {"0": "2"}}`."""
    root: Params = {}
    for key, value in parse_qsl(body, keep_blank_values=True):
        head, _, rest = key.partition("[")
        path = [head, *(rest[:-1].split("][") if rest else [])]
        node = root
        for depth, part in enumerate(path):
            name = part or str(len(node))
            if depth == len(path) - 1:
                node[name] = value
            else:
                inner = node.setdefault(name, {})
                if not isinstance(inner, dict):
                    raise invalid("Invalid object", param=_bracketed(path[: depth + 1]))
                node = inner
    return root


def validate(shape: t.Any, sent: Params) -> Params:
    """Turn decoded form values into typed parameters; raise a 400 as Stripe words it."""
    try:
        return t.cast(Params, _validator(shape).validate_python(sent))
    except ValidationError as failure:
        raise _refusal(sent, failure) from None


@cache
def _validator(shape: t.Any) -> TypeAdapter[t.Any]:
    return TypeAdapter(_close(shape))


def _refusal(sent: Params, failure: ValidationError) -> Refusal:
    """Pick the deepest complaint: a union reports one for each of its members."""
    complaints = [(_path(sent, e["loc"]), str(e["type"]), e) for e in failure.errors()]
    complaints.sort(key=lambda c: (len(c[0]), c[1] in ("extra_forbidden", "missing")), reverse=True)
    path, kind, error = complaints[0]
    param = _bracketed(path)
    if kind == "extra_forbidden":
        code = _REMOVED.get(param, "parameter_unknown")
        return invalid(f"Received unknown parameter: {param}", param=param, code=code)
    if kind == "missing":
        return invalid(f"Missing required param: {param}.", param=param, code="parameter_missing")
    if kind.startswith("int_"):
        message = f"Invalid integer: {error['input']}"
        return invalid(message, param=param, code="parameter_invalid_integer")
    if kind.startswith("bool_"):
        return invalid(f"Invalid boolean: {error['input']}", param=param)
    if kind == "literal_error":
        allowed = error.get("ctx", {}).get("expected", "")
        return invalid(f"Invalid {param}: must be one of {allowed}", param=param)
    return invalid(f"Invalid value for {param}", param=param)


def _path(sent: Params, loc: tuple[int | str, ...]) -> list[str]:
    """Keep the parts of a pydantic location which are keys; the others name union members."""
    path: list[str] = []
    node: t.Any = sent
    for at, part in enumerate(loc):
        if isinstance(node, dict) and str(part) in node:
            path.append(str(part))
            node = node[str(part)]
        elif at == len(loc) - 1 and isinstance(node, dict) and str(part).isidentifier():
            path.append(str(part))
    return path


def _bracketed(path: t.Sequence[str]) -> str:
    return path[0] + "".join(f"[{part}]" for part in path[1:]) if path else ""


def _listed(value: t.Any) -> t.Any:
    """Turn the decoded form of an array, `{"0": a, "1": b}`, into a list."""
    if isinstance(value, dict) and value and all(str(key).isdigit() for key in value):
        return [value[key] for key in sorted(value, key=int)]
    return value


@cache
def _close(shape: t.Any) -> t.Any:
    """Copy a TypedDict so that nothing else is allowed here or anywhere below."""
    # The forward references of RequestOptions name what the params modules do not import.
    names = {"StripeContext": StripeContext, "Mapping": t.Mapping}
    hints = te.get_type_hints(shape, localns=names, include_extras=True)
    is_request = RequestOptions in te.get_original_bases(shape)
    fields: dict[str, t.Any] = {}
    for name, declared in hints.items():
        if is_request and name in _OPTIONS:
            continue
        rewritten = _rewrite(declared)
        optional = name not in shape.__required_keys__
        if optional and te.get_origin(rewritten) is not te.NotRequired:
            rewritten = te.NotRequired[rewritten]
        fields[name] = rewritten
    make: t.Any = te.TypedDict
    closed = make(shape.__name__, fields)
    closed.__pydantic_config__ = ConfigDict(extra="forbid", strict=False)
    return closed


def _rewrite(declared: t.Any) -> t.Any:
    origin, args = te.get_origin(declared), te.get_args(declared)
    if origin in (te.NotRequired, te.Required):
        return origin[_rewrite(args[0])]
    if te.is_typeddict(declared):
        return _close(declared)
    if origin in (t.Union, types.UnionType):
        return t.Union[tuple(_rewrite(member) for member in _wire_members(args))]  # noqa: UP007
    if origin is list:
        return te.Annotated[list[_rewrite(args[0])], BeforeValidator(_listed)]  # type: ignore[misc]
    if origin is dict:
        return dict[args[0], _rewrite(args[1])]  # type: ignore[misc, valid-type]
    return declared


def _wire_members(members: tuple[t.Any, ...]) -> list[t.Any]:
    """Drop what is no wire type, and the open end of an enum which has named values."""
    untyped: t.Any = UntypedStripeObject
    kept = [m for m in members if te.get_origin(m) is not untyped and m is not untyped]
    named = any(te.get_origin(m) is te.Literal and m != te.Literal[""] for m in kept)
    return [m for m in kept if not (named and m is str)]
