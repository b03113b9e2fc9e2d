"""`make code`: the six digits of the demo's staff, whose phone nobody has."""

import subprocess
import sys

from config.local import demo


def main() -> int:
    """Print the current code by the product's own command; the exit code is that command's."""
    command = [sys.executable, "-m", "flask", "--app", "app.wsgi", "staff", "code", demo.STAFF]
    return subprocess.run(command, cwd=demo.ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
