"""Start the sandbox: `python -m tests.sandbox --port 8100 --smtp-port 8125 ...`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from tests.sandbox.server import Sandbox
from tests.sandbox.world import Options


def options(arguments: list[str], environment: dict[str, str]) -> Options:
    """Read the command line; what is not given there is looked for in SANDBOX_* variables."""

    def known(name: str, default: str) -> str:
        return environment.get(f"SANDBOX_{name}", default)

    parser = argparse.ArgumentParser(prog="python -m tests.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=known("PORT", "8100"))
    parser.add_argument("--smtp-port", type=int, default=known("SMTP_PORT", "8125"))
    parser.add_argument("--webhook-url", default=known("WEBHOOK_URL", ""))
    parser.add_argument("--webhook-secret", default=known("WEBHOOK_SECRET", "whsec_sandbox"))
    parser.add_argument("--state-dir", default=known("STATE_DIR", "var/sandbox"))
    parser.add_argument("--settle-delay", type=float, default=known("SETTLE_DELAY", "1.5"))
    parser.add_argument("--redirect-wait", type=float, default=known("REDIRECT_WAIT", "10"))
    parser.add_argument("--threads", type=int, default=known("THREADS", "8"))
    parser.add_argument("--seed", default=known("SEED", "sandbox"))
    parser.add_argument("--keep-letters", type=int, default=known("KEEP_LETTERS", "5000"))
    parser.add_argument(
        "--cancel-disputed", action="store_true", default=known("CANCEL_DISPUTED", "") == "1"
    )
    parser.add_argument("--retries", type=_days, default=known("RETRIES", "3,5,7"))
    given = parser.parse_args(arguments)
    return Options(
        port=given.port,
        smtp_port=given.smtp_port or None,
        webhook_url=given.webhook_url or None,
        webhook_secret=given.webhook_secret,
        state_dir=Path(given.state_dir) if given.state_dir else None,
        settle_delay=given.settle_delay,
        redirect_wait=given.redirect_wait,
        threads=given.threads,
        seed=given.seed,
        keep_letters=given.keep_letters,
        cancel_disputed=given.cancel_disputed,
        retries=given.retries,
    )


def _days(text: str) -> tuple[int, ...]:
    """Read `3,5,7`: rising days after the first failure."""
    days = tuple(int(day) for day in text.split(",") if day.strip())
    if list(days) != sorted(set(days)) or any(day < 1 for day in days):
        raise argparse.ArgumentTypeError("wants rising days, as 3,5,7")
    return days


def main() -> int:
    """Serve until interrupted or asked to end."""
    chosen = options(sys.argv[1:], dict(os.environ))
    try:
        sandbox = Sandbox(chosen)
    except OSError as failure:
        print(f"The sandbox cannot start: {failure.strerror}.", file=sys.stderr)
        return 1

    def end(signum: int, frame: object) -> None:
        # Closing waits for the server's loop, which this very thread runs.
        threading.Thread(target=sandbox.close, name="closing").start()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    print(f"Stripe sandbox at {sandbox.world.options.url}", flush=True)
    sandbox.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
