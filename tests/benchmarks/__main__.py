"""`python -m tests.benchmarks [NAME...]`: measure what is named, or all; print the table, judge it.

Ends with 1 when a bound does not hold. Runs some twenty minutes; the machine should rest meanwhile.
"""

import sys
import time

from tests.benchmarks import casting, counting, pages, receipts, reports, webhooks
from tests.benchmarks.figures import Figure, table
from tests.benchmarks.house import durable_postgres, facts

ALL = {
    "webhooks": webhooks.measure,
    "pages": pages.measure,
    "receipts": receipts.measure,
    "casting": casting.measure,
    "counting": counting.measure,
    "reports": reports.measure,
}


def main(wanted: list[str]) -> int:
    """Measure what is wanted, or all; return the process's exit code."""
    if unknown := set(wanted) - set(ALL):
        print(f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(ALL)}.")
        return 2
    figures: list[Figure] = []
    with durable_postgres() as postgres:
        print(*(f"- {fact}" for fact in facts(postgres)), sep="\n", flush=True)
        for name in wanted or ALL:
            began = time.monotonic()
            figures += ALL[name](postgres)
            print(f"- {name}: measured in {time.monotonic() - began:.0f} s", flush=True)
    print(f"\n{table(figures)}")
    failed = [figure.name for figure in figures if not figure.holds]
    for name in failed:
        print(f"FAILS: {name}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
