"""Where the benchmarks run: the product's own processes on a database that keeps its promises."""

import os
import platform
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

import psycopg
from honcho.environ import parse_procfile

from config.local import demo, ports
from config.local.postgres import Postgres
from config.local.run import PROCFILE, answers
from config.local.services import scratch_home
from config.local.waiting import tail, until
from tests.processes import TEMPLATE, Newsroom, flask, surroundings

SECRET = demo.WEBHOOK_SECRET
START_SECONDS = 30.0
STOP_SECONDS = 60.0
#: Whose versions stand beside the figures.
PACKAGES = ("flask", "sqlalchemy", "psycopg", "granian", "celery", "stripe", "typst")


@contextmanager
def durable_postgres() -> Iterator[Postgres]:
    """Yield a PostgreSQL server that syncs every commit, with the migrated template database."""
    with scratch_home() as home:
        server = Postgres(home, durable=True)
        server.start()
        try:
            url = server.create_database(TEMPLATE)
            # Migrations need no broker; nothing listens at this address.
            nowhere = "redis://127.0.0.1:1/0"
            flask(surroundings(home, DATABASE_URL=url, REDIS_URL=nowhere), "db", "upgrade")
            yield server
        finally:
            server.stop()


@contextmanager
def product(
    postgres: Postgres, *processes: str, fill: bool = False, **settings: str
) -> Iterator[Newsroom]:
    """Yield the product running with the named processes and a database of its own."""
    with (
        scratch_home() as home,
        Newsroom(postgres, home, processes=processes, fill=fill, **settings) as room,
    ):
        yield room


@contextmanager
def probe(room: Newsroom, module: str) -> Iterator[int]:
    """Serve a probe's application as the product is served; yield its port."""
    command = parse_procfile(PROCFILE.read_text()).processes["web"]
    assert "app.wsgi:app" in command, "the Procfile serves the product"
    port, log = ports.free(), room.home / "log" / "probe.log"
    served = ["/bin/sh", "-c", command.replace("app.wsgi:app", module)]
    with process_of(served, room.env | {"WEB_PORT": str(port)}, log):
        ready = f"http://{ports.LOOPBACK}:{port}/readyz"
        with suppress(TimeoutError):
            until(lambda: answers(ready), "the probe", timeout=START_SECONDS)
        assert answers(ready), f"the probe did not start:\n{tail(log)}"
        yield port


@contextmanager
def process_of(
    command: Sequence[str],
    env: Mapping[str, str],
    log: Path,
) -> Iterator[int]:
    """Run a command, and its children, as long as the block lasts; yield its process id."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=env,
            cwd=demo.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(STOP_SECONDS)


def connection(room: Newsroom) -> psycopg.Connection:
    """Return a connection to the newsroom's database that commits each statement."""
    address = room.env["DATABASE_URL"].replace("+psycopg", "", 1)
    return psycopg.connect(address, autocommit=True)


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(found for child in children for found in family(int(child)))]


def hold_to_one_core(pid: int) -> None:
    """Hold a process, and what it starts from now on, to the last core; 0 is this process."""
    os.sched_setaffinity(pid, {max(os.sched_getaffinity(0))})


def cpu_seconds(pids: list[int]) -> float:
    """Return the processor time that living processes have used, in seconds."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid: int) -> float:
    """Return the memory that a process holds itself, in megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def facts(postgres: Postgres) -> list[str]:
    """Return what of the machine and the versions one must know to read the figures."""
    with psycopg.connect(postgres.url("postgres").replace("+psycopg", "", 1)) as link:
        rows = link.execute(
            "SELECT current_setting(name) FROM unnest(ARRAY['server_version', 'fsync',"
            " 'synchronous_commit', 'full_page_writes']) AS name"
        ).fetchall()
    server, *durable = (str(row[0]) for row in rows)
    settings = "on" if durable == ["on"] * 3 else "/".join(durable)
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return [
        f"{os.cpu_count()} cores, {_processor()}; Linux {platform.release().split('-')[0]}",
        f"Python {platform.python_version()}, {packages}",
        f"PostgreSQL {server} with fsync, synchronous_commit and full_page_writes {settings}",
    ]


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
