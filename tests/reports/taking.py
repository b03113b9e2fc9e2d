"""Take a file out in a process of its own and tell what memory that took.

`python -m tests.reports.taking KIND FORMAT MONTH` writes one file and prints how many rows it has
and the most memory in bytes that the process ever had.
"""

import sys
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile

from app import create_app
from app.clock import utcnow
from app.export import Format, write
from app.reports import contents
from app.reports.contents import Kind, Wanted

#: Every entry in euro, as the report on cash lists them.
CASH = "cash", "all:EUR:all:all:all:all"


def take(kind: Kind, of: Format, month: str) -> int:
    """Write a file of a month and return how many rows it has, its heading not counted."""
    name, key = CASH
    words = {"month": month, "from": month, "to": month, "of": key}
    found = contents.of(Wanted(kind, name, words), utcnow())
    counted = count()
    with TemporaryFile() as file:
        write(
            (row for row, _number in zip(found.rows(), counted, strict=False)),
            of,
            found.title,
            file,
        )
    return next(counted) - 1


def peak() -> int:
    """The most memory in bytes that this process has had, without what its parent had (proc(5))."""
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _colon, size = line.partition(":")
        if name == "VmHWM":
            return int(size.split()[0]) * 1024
    raise OSError("the system does not tell")


if __name__ == "__main__":
    kind, form, asked_month = sys.argv[1:]
    with create_app().test_request_context():
        print(take(Kind(kind), Format(form), asked_month), peak())
