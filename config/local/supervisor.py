"""Running the Procfile's processes together: their logs, and the end of all when one ends."""

import os
import re
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from honcho.environ import parse_procfile
from honcho.manager import Manager

from config.local.waiting import PAUSE, alive

STARTED = re.compile(r"(?P<name>\S+) started \(pid=(?P<pid>\d+)\)")
STOPPED = re.compile(r"(?P<name>\S+) stopped \(rc=(?P<code>-?\d+)\)")


class Logs:
    """Honcho's printer: writes each process's lines to a file of its own, and tells of events."""

    #: Honcho sets the width of its column of names; files have no use for it.
    width = 0

    def __init__(self, directory: Path, tell: Callable[[str], None]) -> None:
        self.directory = directory
        self._tell = tell
        self._files: dict[str, IO[bytes]] = {}

    def write(self, message: Any) -> None:
        """Add one message to its process's log; one of honcho's own goes to `tell`."""
        data = message.data if isinstance(message.data, bytes) else message.data.encode()
        file = self._files.get(message.name)
        if file is None:
            file = self._files[message.name] = self.path(message.name).open("wb")
        file.write(data)
        file.flush()
        if message.name == "system":
            self._tell(data.decode().strip())

    def path(self, name: str) -> Path:
        """Return the log of one process."""
        return self.directory / f"{name}.log"


class Supervisor:
    """The processes of a Procfile, started together and ended together.

    `fallen` names the first process that ended although nobody asked, once `run` has returned.
    """

    def __init__(self, procfile: Path, environ: Mapping[str, str], logs: Path, root: Path) -> None:
        self.logs = Logs(logs, self._heard)
        self.fallen: str | None = None
        self.leaders: dict[str, int] = {}
        self._manager = Manager(printer=self.logs)
        self._stopping = False
        self._over = threading.Event()
        self._then: Callable[[], None] | None = None
        processes = parse_procfile(procfile.read_text()).processes
        self._expected = len(processes)
        for name, command in processes.items():
            self._manager.add_process(name, command, env=dict(environ), cwd=str(root))

    def run(self, then: Callable[[], None]) -> None:
        """Start all and block until all have ended: by SIGINT, SIGTERM, SIGHUP or one's end.

        `then` runs in a thread of its own once all were started. Must be called in the main thread.
        """
        self._then = then
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        self._manager.loop()
        self._over.set()

    @property
    def stopping(self) -> bool:
        """Whether the end has begun."""
        return self._stopping or self.fallen is not None

    def _heard(self, event: str) -> None:
        if started := STARTED.fullmatch(event):
            self.leaders[started["name"]] = int(started["pid"])
            # Threads begin only now: processes are forked by then, and a fork copies no thread.
            if len(self.leaders) == self._expected:
                threading.Thread(target=self._watch, daemon=True).start()
                if self._then:
                    threading.Thread(target=self._then, daemon=True).start()
        elif stopped := STOPPED.fullmatch(event):
            if not self.stopping:
                self.fallen = stopped["name"]
        elif event.endswith(" received"):
            self._stopping = True

    def _watch(self) -> None:
        """End the rest of a process group whose leader died.

        Honcho notices an end when the output closes, and children that outlive their leader (web
        and worker processes of one that was killed) would hold it open for ever.
        """
        watched = dict(self.leaders)
        while watched and not self._over.wait(PAUSE * 5):
            for name, pid in list(watched.items()):
                if alive(pid):
                    continue
                del watched[name]
                if not self.stopping:
                    self.fallen = name
                try:
                    os.killpg(pid, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    continue
