"""Where a sign-in leads, and whom a guard lets in; `tests.test_staff_matrix` walks the pages."""

from collections.abc import Callable

import pytest

from app.accounts.access import local_path, staff_only
from app.accounts.models import Role


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


def test_a_guard_without_roles_lets_all_staff_in() -> None:
    assert _guarded(staff_only()) == frozenset(Role)
    assert _guarded(staff_only(Role.FINANCE)) == {Role.FINANCE, Role.OWNER}


def _guarded(guard: Callable[[Callable[[], str]], Callable[[], object]]) -> frozenset[Role]:
    roles: frozenset[Role] = vars(guard(lambda: "seen"))["staff_roles"]
    return roles
