"""Whether the models and the migrations describe the same tables, on a database of its own."""

import subprocess
import sys

from config.local import demo
from config.local.services import Services, scratch_home


def main() -> int:
    """Migrate an empty database and compare; the exit code is the comparison's."""
    with scratch_home() as home, Services(home, environ={}, durable=False) as services:
        env = demo.environment(home, services.addresses)
        env |= services.addresses
        for command in ("upgrade", "check"):
            done = subprocess.run(
                [sys.executable, "-m", "flask", "--app", "app.wsgi", "db", command],
                env=env,
                cwd=demo.ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            if done.returncode:
                print(done.stdout)
                return 1
    print("The models and the migrations agree.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
