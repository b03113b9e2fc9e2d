"""The whole product as real processes on free ports, for journeys and for what goes wrong."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from honcho.environ import parse_procfile

from config.local import demo, ports
from config.local.broker import Broker
from config.local.postgres import Postgres
from config.local.run import PROCFILE, answers
from config.local.waiting import tail, until

TEMPLATE = "hromada_template"
START_SECONDS = 40.0
STOP_SECONDS = 15.0
#: What of the developer's own environment a process of the product may see.
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


class Newsroom:
    """The whole product, running: web, worker, beat and sandbox with a database of their own.

    Use as a context manager; inside it every process runs and the site is ready. `settings`
    override the demo's, name by name (`LEASE_SECONDS="2"`). `processes` says which ones start.
    """

    running: "list[Newsroom]" = []

    def __init__(
        self,
        postgres: Postgres,
        home: Path,
        *,
        processes: Sequence[str] = ("sandbox", "web", "worker", "files", "beat"),
        fill: bool = False,
        **settings: str,
    ) -> None:
        self.postgres = postgres
        self.home = home
        self.broker = Broker(home)
        self.database = f"newsroom_{os.getpid()}_{ports.free()}"
        self._wanted = processes
        self._fill = fill
        self._settings = settings
        self._commands = parse_procfile(PROCFILE.read_text()).processes
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        #: How long each log was when its process was last started.
        self._marks: dict[str, int] = {}

    def __enter__(self) -> Self:
        (self.home / "log").mkdir(parents=True, exist_ok=True)
        try:
            self._begin()
        except BaseException:
            print(self.logs(), file=sys.stderr)
            self._end()
            raise
        Newsroom.running.append(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        Newsroom.running.remove(self)
        self._end()

    def _begin(self) -> None:
        self.broker.start()
        url = self.postgres.create_database(self.database, template=TEMPLATE)
        numbers = {
            name: str(ports.free()) for name in ("WEB_PORT", "SANDBOX_PORT", "SANDBOX_SMTP_PORT")
        }
        self.env = surroundings(
            self.home, DATABASE_URL=url, REDIS_URL=self.broker.url(), **numbers, **self._settings
        )
        self.site_url = self.env["SITE_URL"]
        self.sandbox_url = f"http://{ports.LOOPBACK}:{numbers['SANDBOX_PORT']}"
        for name in self._wanted:
            self.start(name, wait=False)
        for name in self._wanted:
            self._await(name)
            if name == "sandbox":
                self.flask("payments", "setup")
        if self._fill:
            self.flask("demo", "fill")

    def _end(self) -> None:
        for name in list(self._processes):
            self.stop(name)
        self.broker.stop()
        self.postgres.drop_database(self.database)

    def start(self, name: str, *, wait: bool = True) -> None:
        """Start one process of the Procfile (again); returns when it is ready for work."""
        log = self._log(name)
        self._marks[name] = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._processes[name] = subprocess.Popen(
                ["/bin/sh", "-c", self._commands[name]],
                env=self.env,
                cwd=demo.ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        if wait:
            self._await(name)

    def stop(self, name: str) -> None:
        """End one process in good order, and wait; one that will not go is killed."""
        process = self._processes.get(name)
        if process is None:
            return
        self._signal(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        self.kill(name)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to one process and all its children, and wait until it has ended."""
        process = self._processes.pop(name)
        self._signal(process, number)
        process.wait(STOP_SECONDS)

    def pid(self, name: str) -> int:
        """Return the id of one process, which is also that of its process group."""
        return self._processes[name].pid

    def stop_redis(self) -> None:
        """Stop the broker; what was queued is lost, as when a machine fails."""
        self.broker.stop()

    def start_redis(self) -> None:
        """Start the broker at the address it had."""
        self.broker.start()

    def flask(self, *command: str) -> str:
        """Run one of the product's own commands; return what it printed."""
        return flask(self.env, *command)

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one SQL statement on the newsroom's database, commit, and return its rows."""
        address = self.env["DATABASE_URL"].replace("+psycopg", "", 1)
        with psycopg.connect(address) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def wait_until(
        self, condition: Callable[[], object], timeout: float = 30, what: str = "the condition"
    ) -> None:
        """Wait for something to become true. The failure names it and shows the logs' ends."""
        try:
            until(lambda: bool(condition()), what, timeout=timeout)
        except TimeoutError as late:
            raise AssertionError(f"{late}\n{self.logs()}") from None

    def logs(self, lines: int = 25) -> str:
        """Return the ends of all logs."""
        files = sorted((self.home / "log").glob("*.log"))
        return "\n".join(f"---- {file.name}\n{tail(file, lines)}" for file in files)

    def _await(self, name: str) -> None:
        process, mark = self._processes[name], self._marks[name]

        def ready() -> bool:
            if process.poll() is not None:
                raise AssertionError(f"{name} ended at its start:\n{tail(self._log(name))}")
            match name:
                case "web":
                    return answers(f"{self.site_url}/readyz")
                case "sandbox":
                    return answers(f"{self.sandbox_url}/healthz")
                case "worker" | "files":
                    return b" ready." in self._log(name).read_bytes()[mark:]
                case _:
                    return True

        self.wait_until(ready, START_SECONDS, f"{name} is ready")

    def _log(self, name: str) -> Path:
        return self.home / "log" / f"{name}.log"

    @staticmethod
    def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return


def surroundings(home: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a process of the product, free of the developer's own settings."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return demo.environment(home, {}, kept | settings)


def flask(env: dict[str, str], *command: str) -> str:
    """Run one of the product's own commands; return its output. A failure shows it."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app.wsgi", *command],
        env=env,
        cwd=demo.ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"flask {' '.join(command)}:\n{done.stdout}{done.stderr}"
    return done.stdout
