"""A product of four tiny programs, to try the runner on: it starts fast and fails when told to."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from config.local import demo, ports
from config.local.identity import Identity
from config.local.waiting import alive, until

START_SECONDS = 40
END_SECONDS = 20

#: Four programs that answer at once; web and worker have a child, as the real ones do.
PROCFILE = """
web: exec python -m small.web
worker: exec python -c 'import os, time; os.fork(); time.sleep(600)'
beat: exec sleep 600
sandbox: exec python -m tests.sandbox
"""

FILES = {
    "small/__init__.py": "",
    "small/web.py": """
import os

if os.environ.get("WEB_FAILS"):
    raise SystemExit("the newsroom is missing")
os.environ["SANDBOX_PORT"] = os.environ["WEB_PORT"]
if os.fork():
    import tests.sandbox.__main__
else:
    import time

    time.sleep(600)
""",
    "app/__init__.py": "",
    "app/migrations/env.py": "",
    "app/migrations/versions/one.py": 'revision = "one"\ndown_revision = None\n',
    "app/wsgi.py": """
import os
import psycopg
from flask import Flask
from flask.cli import AppGroup

app = Flask(__name__)
app.get("/readyz")(lambda: "ready")
MADE = "CREATE TABLE alembic_version (version_num text); CREATE TABLE account (name text);"
COMMANDS = {
    ("db", "upgrade"): MADE + "INSERT INTO alembic_version VALUES ('one')",
    ("payments", "setup"): "SELECT 1",
    ("demo", "fill"): "INSERT INTO account VALUES ('Oksana')",
}


def run(statement):
    with psycopg.connect(os.environ["DATABASE_URL"].replace("+psycopg", "")) as connection:
        connection.execute(statement)


for (group, name), statement in COMMANDS.items():
    commands = AppGroup(group)
    commands.command(name)(lambda statement=statement: run(statement))
    app.cli.add_command(commands)
""",
    "tasks/__init__.py": "",
    "tasks/worker.py": """
import os
from celery import Celery

celery_app = Celery("small", broker=os.environ["REDIS_URL"])
""",
    "tests/__init__.py": "",
    "tests/sandbox/__init__.py": "",
    "tests/sandbox/__main__.py": """
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Sandbox(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", int(os.environ["SANDBOX_PORT"])), Sandbox).serve_forever()
""",
}


class SmallProduct:
    """The runner of this project around programs of a few lines, in a directory of its own.

    With `addresses` it uses a database and a broker that are there, else it starts its own.
    Without a `procfile` it runs the project's own: Granian and Celery around small applications.
    """

    def __init__(
        self,
        root: Path,
        interpreter: Path,
        user: Identity,
        *,
        procfile: str | None = PROCFILE,
        addresses: Mapping[str, str] | None = None,
    ) -> None:
        self.root = root
        self.home = root / "var"
        self.user = user
        self.interpreter = interpreter
        self.addresses = addresses or {}
        self.ports = {
            name: str(ports.free()) for name in ("WEB_PORT", "SANDBOX_PORT", "SANDBOX_SMTP_PORT")
        }
        for name, text in FILES.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        shutil.copytree(
            demo.ROOT / "config", root / "config", ignore=shutil.ignore_patterns("__pycache__")
        )
        if procfile:
            (root / "config" / "Procfile").write_text(procfile)
        for path in (root, *root.rglob("*")):
            user.give(path, 0o755 if path.is_dir() else 0o644)

    @contextmanager
    def run(self, **settings: str) -> Iterator["RunningProduct"]:
        """Start the runner; whatever is left of it at the end is killed."""
        output = self.root / "output.txt"
        packages = Path(psycopg.__file__).parents[1]
        env: Mapping[str, str] = {
            "PATH": os.defpath,
            "PYTHONPATH": str(packages),
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.ports,
            **self.addresses,
            **settings,
        }
        with output.open("wb") as file:
            process = subprocess.Popen(
                [str(self.interpreter), "-m", "config.local.run"],
                cwd=self.root,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                user=self.user.uid,
                group=self.user.gid,
                extra_groups=[] if self.user.other else None,
                start_new_session=True,
            )
        running = RunningProduct(process, output)
        try:
            yield running
        finally:
            for pid in (*running.family(), process.pid):
                if alive(pid):
                    os.kill(pid, signal.SIGKILL)
            process.wait()


class RunningProduct:
    """One run: what it printed, whom it started, how it ended."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self.process = process
        self._output = output
        self._known: set[int] = set()

    @property
    def output(self) -> str:
        """Everything printed so far."""
        return self._output.read_text()

    def wait_for_panel(self) -> None:
        """Return when the panel was printed; a run that ends before fails."""
        until(
            lambda: "is up." in self.output or self.process.poll() is not None,
            f"the panel, after {self.output!r}",
            timeout=START_SECONDS,
        )
        assert self.process.poll() is None, self.output

    def family(self) -> set[int]:
        """Return the ids of all processes this run was ever seen to have."""
        if self.process.poll() is None:
            self._known |= descendants(self.process.pid)
        return self._known

    def programs(self) -> set[str]:
        """Return the names of the programs that run now."""
        return {(Path("/proc") / str(pid) / "comm").read_text().strip() for pid in self.family()}

    def wait_for_end(self) -> int:
        """Return the exit code."""
        return self.process.wait(END_SECONDS)


def descendants(pid: int) -> set[int]:
    """Return the ids of a process's children, their children and so on."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        # A process may end between being listed and being read.
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found, new = set[int](), {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new}
        found |= new
    return found


def reachable_interpreter(user: Identity) -> Path | None:
    """Return an interpreter of our version that `user` can run with our packages, if any."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (Path(sys.executable), Path("/usr/bin") / version):
        tried = user.run(
            str(candidate),
            "-c",
            f"import sys; sys.path[:0] = {sys.path!r}; import psycopg, flask, redis",
        )
        if tried.returncode == 0:
            return candidate
    return None
