"""`make run`: the whole product on this machine, until Ctrl-C."""

import argparse
import fcntl
import os
import shlex
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config.local import demo, ports, state
from config.local.services import Services
from config.local.supervisor import Supervisor
from config.local.waiting import LocalFailure, tail, until

HOME = demo.ROOT / "var"
PROCFILE = demo.ROOT / "config" / "Procfile"
MIGRATIONS = demo.ROOT / "app" / "migrations"
READY_SECONDS = 90.0
#: What a shell needs for commands beside the running product: `set -a; . var/local.env`.
ENVIRONMENT_FILE = "local.env"
PANEL = """
  {name} is up.

    Site             {site}
    Staff sign-in    {site}/sign-in   as {staff}
    Second factor    make code        prints the six digits
    Letters          {sandbox}/mailbox
    Stripe sandbox   {sandbox}
    A card to try    4242 4242 4242 4242, any future date, any CVC

  Logs are in {logs}. Ctrl-C ends everything.
"""


class Run:
    """One run of the product: what it starts, in order, and what it says."""

    def __init__(self, home: Path, environ: Mapping[str, str]) -> None:
        self.home = home
        self.environ = environ
        self.failure = ""
        self._command: subprocess.Popen[bytes] | None = None

    def __call__(self) -> int:
        """Start all, wait for the end, stop all; return the exit code."""
        self.env = demo.environment(self.home, {}, self.environ)
        with sole_user(self.home):
            (self.home / "log").mkdir(exist_ok=True)
            self._check_ports()
            with Services(self.home, environ=self.environ) as services:
                self.env |= services.addresses
                try:
                    self._write_environment()
                    return self._run()
                finally:
                    self._end_command()
                    (self.home / ENVIRONMENT_FILE).unlink(missing_ok=True)

    def _check_ports(self) -> None:
        for name in ("WEB_PORT", "SANDBOX_PORT", "SANDBOX_SMTP_PORT"):
            port = self.env[name]
            if not port.isdigit() or not 0 < int(port) < 65536:
                raise LocalFailure(f"{name}={port} is not a port number.")
            if ports.taken(int(port)):
                raise LocalFailure(
                    f"Port {port} of {ports.LOOPBACK} is in use. "
                    f"Free it, or choose another: make run {name}={int(port) + 1}"
                )

    def _run(self) -> int:
        database = self.env["DATABASE_URL"]
        if not state.migrated(database, MIGRATIONS):
            say("Bringing the database up to date ...")
            self._flask("db", "upgrade")
        self._fill = state.empty(database)
        self._supervisor = Supervisor(PROCFILE, self.env, self.home / "log", demo.ROOT)
        self._supervisor.run(self._welcome)
        fallen = self._supervisor.fallen
        if fallen and not self.failure:
            log = self._supervisor.logs.path(fallen)
            self.failure = f"The process {fallen} ended early. Its log {log} ends:\n{tail(log)}"
        if self.failure:
            print(self.failure, file=sys.stderr)
            return 1
        say("Everything has stopped.")
        return 0

    def _welcome(self) -> None:
        """Fill an empty newsroom, wait until the site is ready, print the panel."""
        sandbox = f"http://{ports.LOOPBACK}:{self.env['SANDBOX_PORT']}"
        site = f"http://{ports.LOOPBACK}:{self.env['WEB_PORT']}"
        try:
            self._await(f"{sandbox}/healthz")
            if self._fill:
                say("Filling an empty newsroom ...")
                self._flask("payments", "setup")
                self._flask("demo", "fill")
            self._await(f"{site}/readyz")
        except (TimeoutError, LocalFailure) as error:
            if not self._supervisor.stopping:
                self.failure = str(error)
                os.kill(os.getpid(), signal.SIGTERM)
            return
        if not self._supervisor.stopping:
            logs = os.path.relpath(self.home / "log")
            print(
                PANEL.format(
                    name="Hromada", site=site, sandbox=sandbox, staff=demo.STAFF, logs=logs
                ),
                flush=True,
            )

    def _await(self, url: str) -> None:
        until(
            lambda: self._supervisor.stopping or answers(url),
            f"an answer of {url}",
            timeout=READY_SECONDS,
        )

    def _flask(self, *command: str) -> None:
        """Run one of the product's own commands. Raises `LocalFailure` with its last lines."""
        log = self.home / "log" / f"{'-'.join(command)}.log"
        with log.open("wb") as output:
            self._command = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "app.wsgi", *command],
                env=self.env,
                cwd=demo.ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        if self._command.wait() != 0:
            raise LocalFailure(f"`flask {' '.join(command)}` failed:\n{tail(log)}")

    def _end_command(self) -> None:
        if self._command and self._command.poll() is None:
            self._command.terminate()
            self._command.wait()

    def _write_environment(self) -> None:
        """Leave the settings in use to whoever wants a shell beside the running product."""
        file = self.home / ENVIRONMENT_FILE
        file.touch(mode=0o600)
        known = demo.environment(self.home, self.env, {})
        lines = (
            f"{name}={shlex.quote(self.env[name])}\n"
            for name in sorted(known)
            if name not in ("PATH", "PYTHONUNBUFFERED")
        )
        file.write_text("".join(lines))


@contextmanager
def sole_user(home: Path) -> Iterator[None]:
    """Hold `home` for this process alone. Raises `LocalFailure` when another one holds it."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "run.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LocalFailure(f"Another `make run` uses {home}. End it first.") from None
        yield


def answers(url: str) -> bool:
    """Say whether a GET of `url` is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def say(line: str) -> None:
    """Print one line of progress at once."""
    print(line, flush=True)


def interrupted(number: int, _frame: object) -> None:
    """End the start in good order; once all runs, the supervisor takes the signals."""
    raise SystemExit(128 + number)


def main() -> int:
    """Run until told to end. 0 when it was told to, 1 when something failed."""
    arguments = argparse.ArgumentParser(prog="python -m config.local.run", description=__doc__)
    arguments.add_argument("--home", type=Path, default=HOME, help="where data and logs are kept")
    home = arguments.parse_args().home.resolve()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    return Run(home, os.environ)()


if __name__ == "__main__":
    sys.exit(main())
