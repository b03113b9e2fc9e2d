"""A browser for the journeys: the one that is there, or one brought for them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APT = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "--yes")
NONE = (
    "No browser was found and none could be installed. Install Chromium (Debian: apt install "
    "chromium), or name one: CHROMIUM_PATH=/path/to/chrome make test"
)

#: How a command is run: its words in, whether it succeeded out.
Runner = Callable[[Sequence[str]], bool]
#: Where a program of this name is, or None.
Finder = Callable[[str], str | None]


class NoBrowser(SystemExit):
    """There is no browser and none could be brought."""


def find(environ: Mapping[str, str], which: Finder, bundled: Callable[[], Path | None]) -> str:
    """Return the path of a browser that is already here, or an empty text.

    One named by CHROMIUM_PATH goes first; if that is not there, `NoBrowser` says so rather than
    testing another one in silence.
    """
    named = environ.get("CHROMIUM_PATH")
    if named:
        if which(named) is None:
            raise NoBrowser(f"CHROMIUM_PATH={named} is not a program.")
        return named
    for name in NAMES:
        if path := which(name):
            return path
    kept = bundled()
    return str(kept) if kept else ""


def install(which: Finder, run: Runner, *, root: bool) -> bool:
    """Install a browser: Debian's through apt where that can be done unasked, else Playwright's."""
    sudo = () if root else ("sudo", "--non-interactive")
    if which("apt-get") and (root or (which("sudo") and run([*sudo, "true"]))):
        run([*sudo, *APT, "update"])
        if run([*sudo, *APT, "install", "--no-install-recommends", "chromium"]) and which(NAMES[0]):
            return True
    return run([sys.executable, "-m", "playwright", "install", "chromium"])


def ensure(environ: Mapping[str, str] = os.environ) -> str:
    """Return the path of a browser, bringing one where there is none. Raises `NoBrowser`."""
    path = find(environ, shutil.which, playwrights)
    if path:
        return path
    print("Bringing a browser for the journeys ...", flush=True)
    if install(shutil.which, _runs, root=os.geteuid() == 0):
        path = find(environ, shutil.which, playwrights)
    if path:
        return path
    raise NoBrowser(NONE)


def playwrights() -> Path | None:
    """Return the browser Playwright keeps for itself, where it was downloaded."""
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    found = sorted(cache.glob("chromium-*/chrome-linux*/chrome"))
    return found[-1] if found else None


def _runs(command: Sequence[str]) -> bool:
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0


if __name__ == "__main__":
    ensure()
