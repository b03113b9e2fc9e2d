"""Who may see which page."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, IntegerConverter, Rule, UUIDConverter

from app.accounts.access import local_path, staff_only
from app.accounts.models import Role
from tests.builders import a_patron, a_reader, a_staff_member, signed_in
from tests.pages import form_of


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("/vote", "/vote"),
        ("/staff/reports?month=2026-08", "/staff/reports?month=2026-08"),
        ("/проєкт", "/проєкт"),
        (None, ""),
        ("", ""),
        ("vote", ""),
        ("//evil.example", ""),
        ("///evil.example", ""),
        ("/\\evil.example", ""),
        ("/\t/evil.example", ""),
        ("https://evil.example/", ""),
        ("javascript:alert(1)", ""),
        ("/" + "x" * 300, ""),
    ],
)
def test_only_a_path_on_this_site_is_remembered(asked: str | None, kept: str) -> None:
    assert local_path(asked) == kept


#: The script of a charting library, which anybody may read; it shows nothing of ours.
OPEN_TO_ALL = {"reports.tooltips"}


@dataclass(frozen=True)
class Door:
    """One way into a staff page: a method, an address, and the roles that may enter."""

    method: str
    path: str
    roles: frozenset[Role]


def doors(app: Flask) -> list[Door]:
    """Every method and address below /staff, with something in place of its variables."""
    found = []
    for rule in app.url_map.iter_rules():
        if f"{rule.rule}/".startswith("/staff/") and rule.endpoint not in OPEN_TO_ALL:
            view = app.view_functions[rule.endpoint]
            roles = getattr(view, "staff_roles", None)
            assert roles, f"{rule.endpoint} is not guarded by staff_only"
            values = {name: _something(rule, name) for name in rule.arguments}
            path = app.url_map.bind("").build(rule.endpoint, values)
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            found += [Door(method, path, roles) for method in sorted(methods)]
    return found


def _something(rule: Rule, name: str) -> object:
    """A value no row has, in the shape the address wants."""
    match rule._converters[name]:
        case IntegerConverter():
            return 2_000_000
        case UUIDConverter():
            return uuid.UUID(int=0)
        case AnyConverter() as choice:
            return min(choice.items)
        case _:
            return "2026-08"


def knock(client: FlaskClient, door: Door) -> int:
    """Send a request with a good token, and return the status it gets."""
    token = form_of(client.get("/account" if _is_signed_in(client) else "/sign-in"))["csrf_token"]
    answer = client.open(door.path, method=door.method, data={"csrf_token": token}, buffered=True)
    return answer.status_code


def _is_signed_in(client: FlaskClient) -> bool:
    with client.session_transaction() as session:
        return "_user_id" in session


def test_every_staff_page_sends_the_signed_out_to_the_sign_in_page(
    app: Flask, client: FlaskClient
) -> None:
    token = form_of(client.get("/sign-in"))["csrf_token"]
    for door in doors(app):
        answer = client.open(door.path, method=door.method, data={"csrf_token": token})
        assert answer.status_code == 303, door
        assert answer.location.partition("?")[0] == "/sign-in", door


def test_no_staff_page_opens_for_a_reader_or_a_patron(app: Flask) -> None:
    for account in (a_reader(), a_patron()):
        browser = signed_in(app.test_client(), account)
        for door in doors(app):
            assert knock(browser, door) == 403, door


@pytest.mark.parametrize("role", list(Role))
def test_a_staff_page_opens_for_its_roles_and_the_owner_only(app: Flask, role: Role) -> None:
    browser = signed_in(app.test_client(), a_staff_member(role))
    for door in doors(app):
        status = knock(browser, door)
        assert (status == 403) is (role not in door.roles), (door, status)
        assert status < 500, (door, status)


def test_a_guard_without_roles_lets_all_staff_in() -> None:
    assert _guarded(staff_only()) == frozenset(Role)
    assert _guarded(staff_only(Role.FINANCE)) == {Role.FINANCE, Role.OWNER}


def _guarded(guard: Callable[[Callable[[], str]], Callable[[], object]]) -> frozenset[Role]:
    roles: frozenset[Role] = vars(guard(lambda: "seen"))["staff_roles"]
    return roles
