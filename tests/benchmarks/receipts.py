"""From a kept event to its receipt in a mail server's hands, and what that costs in memory.

The worker and the probe are each held to one processor core, the last; what serves both of them
(database, sandbox, mail server) may use every core. The worker has several processes on its core,
so that one works while another waits for Stripe or the mail server. The probe is one loop over one
connection; it is also run against two mail servers quicker than any a newsroom has, to show how
much of the figure is theirs.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config.local import demo, ports
from config.local.postgres import Postgres
from config.local.services import scratch_home
from config.local.waiting import until
from tests.benchmarks import renewals
from tests.benchmarks.figures import Figure
from tests.benchmarks.house import (
    connection,
    cpu_seconds,
    family,
    hold_to_one_core,
    process_of,
    product,
    resident_megabytes,
)
from tests.processes import Newsroom

FLOOR = 0.4
RENEWALS = 10_000
WARM_UP = 400
PROBE_LETTERS = 1500
PROBE_ROUNDS = 3
CONCURRENCY = 4
#: What a relay in the same data centre takes for a letter, besides keeping it.
RELAY_MILLISECONDS = 10.0
#: Megabytes by which all working processes together may grow over the second half of the drain.
FLAT = 8.0
SAMPLE_SECONDS = 1.0

#: The working processes' loads: what is due, and what could not be done.
QUERY = (
    "SELECT EXISTS (SELECT FROM inbox_event WHERE due_at IS NOT NULL)"
    " OR EXISTS (SELECT FROM letter WHERE due_at IS NOT NULL),"
    " EXISTS (SELECT FROM inbox_event WHERE error IS NOT NULL)"
    " OR EXISTS (SELECT FROM letter WHERE error IS NOT NULL)"
)


@dataclass(slots=True)
class Run:
    """What it took to hand letters over: seconds, and processor seconds of who did it."""

    letters: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    #: Megabytes the working processes held, sampled evenly.
    memory: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Letters handed over each second."""
        return self.letters / self.seconds

    @property
    def cost(self) -> float:
        """Processor milliseconds of each letter."""
        return 1000 * self.cpu / self.letters


def measure(postgres: Postgres, *, count: int = RENEWALS) -> list[Figure]:
    """Drain renewals with one core of workers; send as many letters with smtplib alone."""
    with (
        scratch_home() as home,
        _mail_server(home, RELAY_MILLISECONDS) as relay,
        _mail_server(home, 0) as disk,
        product(postgres, "sandbox", "web", SMTP_URL=f"smtp://{ports.LOOPBACK}:{relay}") as room,
    ):
        events = renewals.make(room, WARM_UP + count)
        renewals.keep(room, events[:WARM_UP])
        with _worker(room) as pids:
            _drain(room, pids, WARM_UP)
        probes = _probe(relay, home)
        renewals.keep(room, events[WARM_UP:])
        with _worker(room) as pids:
            drained = _drain(room, pids, count)
        probes += _probe(relay, home)
        quicker = {
            "keeps letters and is no network away": _probe(disk, home),
            "only remembers letters": _probe(int(room.env["SANDBOX_SMTP_PORT"]), home),
        }
        renewals.insist_on_every_receipt(room, WARM_UP + count)
    return _figures(drained, probes, quicker)


def _figures(
    drained: Run, probes: Sequence[Run], quicker: Mapping[str, Sequence[Run]]
) -> list[Figure]:
    def against(name: str, runs: Sequence[Run], bound: float | None = None) -> Figure:
        plain = statistics.median(run.rate for run in runs)
        return Figure(
            name,
            f"{drained.rate:,.0f} a second",
            f"smtplib alone: {plain:,.0f} a second",
            drained.rate / plain,
            bound,
        )

    cost = statistics.median(probe.cost for probe in probes)
    half = drained.memory[len(drained.memory) // 2 :]
    tenth = max(1, len(half) // 10)
    grown = statistics.mean(half[-tenth:]) - statistics.mean(half[:tenth])
    return [
        against(
            f"Event to receipt handed to SMTP, per worker core ({drained.letters:,} renewals)",
            probes,
            FLOOR,
        ),
        *(
            against(f"The same, the loop having a mail server that {what}", runs)
            for what, runs in quicker.items()
        ),
        Figure(
            "Processor time of a receipt and of a bare handing over",
            f"{drained.cost:.1f} ms",
            f"smtplib alone: {cost:.2f} ms",
            cost / drained.cost,
        ),
        Figure(
            f"MB that {CONCURRENCY} working processes gained over the second half",
            f"{half[0]:.0f} to {half[-1]:.0f} MB",
            "flat",
            grown,
            FLAT,
            at_most=True,
        ),
    ]


@contextmanager
def _mail_server(home: Path, milliseconds: float) -> Iterator[int]:
    port, log = ports.free(), home / f"mail-{milliseconds:g}.log"
    # Only the relay's letters are the product's; what a probe sends may be thrown away.
    spool = home if milliseconds else home / "spool"
    spool.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.benchmarks.mail_server", str(port), str(spool)]
    with process_of([*command, str(milliseconds)], os.environ, log):
        until(lambda: b"ready" in log.read_bytes(), "the mail server", timeout=10)
        yield port


@contextmanager
def _worker(room: Newsroom) -> Iterator[list[int]]:
    """Run one worker on one core; yield its working processes."""
    command = [
        *("celery", "--app", "tasks.worker:celery_app", "worker", "--loglevel", "INFO"),
        *("--concurrency", str(CONCURRENCY), "--without-gossip", "--without-mingle"),
    ]
    log = room.home / "log" / "worker.log"
    with process_of(command, room.env, log) as pid:
        # Before it has started any other, so that these inherit it.
        hold_to_one_core(pid)
        room.wait_until(lambda: b" ready." in log.read_bytes(), what="the worker is ready")
        yield family(pid)[1:]


def _drain(room: Newsroom, pids: list[int], count: int) -> Run:
    """Return when every receipt has been handed over; the queue's nudge is already there."""
    run, used = Run(count), cpu_seconds(pids)
    sampled = began = time.perf_counter()
    with connection(room) as link:

        def done() -> bool:
            nonlocal sampled
            if time.perf_counter() - sampled > SAMPLE_SECONDS:
                sampled = time.perf_counter()
                run.memory.append(sum(map(resident_megabytes, pids)))
            waiting, failed = link.execute(QUERY).fetchone() or (True, False)
            assert not failed, f"a row could not be handled:\n{room.logs()}"
            return not waiting

        until(done, "every receipt is handed over", timeout=renewals.LONGEST)
    run.seconds = time.perf_counter() - began
    run.cpu = cpu_seconds(pids) - used
    return run


def _probe(port: int, home: Path) -> list[Run]:
    """Send letters which the product wrote with smtplib alone, in a process on one core."""
    command = [
        *(sys.executable, "-m", "tests.benchmarks.plain_loop"),
        *(str(port), str(PROBE_LETTERS), str(home)),
    ]
    runs = []
    for _ in range(PROBE_ROUNDS):
        done = subprocess.run(command, cwd=demo.ROOT, capture_output=True, check=True)
        runs.append(Run(PROBE_LETTERS, **json.loads(done.stdout)))
    return runs
