"""`make reset`: an empty start, for data that nothing uses."""

import shutil
import sys
from pathlib import Path

from config.local.broker import Broker
from config.local.postgres import Postgres
from config.local.run import HOME, sole_user


def empty(home: Path) -> None:
    """Delete the demo's data under `home`. Raises `LocalFailure` while the product runs there."""
    with sole_user(home):
        postgres, broker = Postgres(home), Broker(home)
        # What a killed run left behind still writes: take it over and end it.
        for server in (postgres, broker):
            if server.take_over():
                server.stop()
        postgres.erase()
        for entry in home.iterdir():
            if entry.name == "run.lock":
                continue
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


if __name__ == "__main__":
    empty(HOME)
    print("The next `make run` starts with an empty newsroom.")
    sys.exit(0)
