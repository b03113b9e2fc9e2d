"""Which browser the journeys get."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from config.local import browser

DEBIAN = "/usr/bin/chromium"
KEPT = Path("/cache/chromium-1/chrome-linux/chrome")

FOUND: list[tuple[dict[str, str], set[str], Path | None, str]] = [
    ({"CHROMIUM_PATH": "/opt/chrome"}, {"/opt/chrome", "chromium"}, None, "/opt/chrome"),
    ({}, {"chromium", "google-chrome"}, KEPT, "chromium"),
    ({}, {"google-chrome"}, KEPT, "google-chrome"),
    ({}, set(), KEPT, str(KEPT)),
    ({}, set(), None, ""),
]
INSTALLED: list[tuple[set[str], bool, set[str], list[str], bool]] = [
    # programs there, root, words of commands that fail, what is run, success
    ({"apt-get"}, True, set(), ["update", "install chromium"], True),
    ({"apt-get"}, True, {"chromium"}, ["update", "install chromium", "playwright"], True),
    ({"apt-get", "sudo"}, False, set(), ["sudo", "update", "install chromium"], True),
    ({"apt-get", "sudo"}, False, {"true"}, ["sudo", "playwright"], True),
    ({"apt-get"}, False, set(), ["playwright"], True),
    (set(), True, set(), ["playwright"], True),
    (set(), True, {"playwright"}, ["playwright"], False),
]


class Machine:
    """A machine with some programs, on which some commands fail."""

    def __init__(self, programs: set[str], failing: set[str]) -> None:
        self.programs = set(programs)
        self.failing = failing
        self.ran: list[str] = []

    def which(self, name: str) -> str | None:
        return name if name in self.programs else None

    def run(self, command: Sequence[str]) -> bool:
        words = set(command)
        if "install" in words and "apt-get" in words:
            self.ran.append("install chromium")
        else:
            self.ran += [w for w in ("sudo", "update", "playwright") if w in words][-1:]
        if words & self.failing and not ("chromium" in self.failing and "playwright" in words):
            return False
        if "install" in words:
            self.programs.add("chromium")
        return True


@pytest.mark.parametrize(("environ", "programs", "kept", "chosen"), FOUND)
def test_the_browser_that_is_there_is_taken(
    environ: dict[str, str], programs: set[str], kept: Path | None, chosen: str
) -> None:
    machine = Machine(programs, set())
    assert browser.find(environ, machine.which, lambda: kept) == chosen


def test_a_named_browser_that_is_not_there_is_an_error_and_not_replaced() -> None:
    machine = Machine({"chromium"}, set())
    with pytest.raises(browser.NoBrowser, match="/nowhere is not a program"):
        browser.find({"CHROMIUM_PATH": "/nowhere"}, machine.which, lambda: KEPT)


@pytest.mark.parametrize(("programs", "root", "failing", "ran", "success"), INSTALLED)
def test_a_browser_is_brought_by_apt_or_else_by_playwright(
    programs: set[str], root: bool, failing: set[str], ran: list[str], success: bool
) -> None:
    machine = Machine(programs, failing)
    assert browser.install(machine.which, machine.run, root=root) is success
    assert machine.ran == ran
