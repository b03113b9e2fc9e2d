"""Who may see which page."""

import pytest

from app.accounts.access import local_path


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
