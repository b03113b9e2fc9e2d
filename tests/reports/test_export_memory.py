"""A file of very many rows takes no more memory to make than one of a few."""

import subprocess
import sys
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from app.accounts.models import Account
from app.export import Format
from app.extensions import db
from app.giving.models import Donation
from app.reports.contents import Kind
from config.local.services import Services
from tests.giving.gifts import a_gift
from tests.processes import surroundings
from tests.reports.copies import copies

#: So many givers with a gift each; the first number is what files are measured against. Those that
#: take the longest are measured at the second.
FEW, MANY, VERY_MANY = 200, 50_000, 200_000
SLOW = ((Kind.SUPPORTERS, Format.CSV), (Kind.LIST, Format.XLSX))
QUICK = ((Kind.ENTRIES, Format.CSV), (Kind.LIST, Format.CSV))
#: Bytes that one process may have more than another for reasons of its own.
SLACK = 12 * 2**20


def taken(home: Path, addresses: dict[str, str], kind: Kind, of: Format) -> tuple[int, int]:
    """Take a file out in a process of its own; return its rows and the most memory in bytes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.reports.taking", kind, of, "2026-08"],
        env=surroundings(home, **addresses),
        capture_output=True,
        text=True,
        check=True,
    )
    rows, peak = done.stdout.split()[-2:]
    return int(rows), int(peak)


def test_very_many_rows_are_written_in_the_memory_of_a_few(
    app: Flask, services: Services, tmp_path: Path
) -> None:
    gift, _fact = a_gift()
    peaks: dict[tuple[Kind, Format], list[int]] = {}
    entered = 0
    for count, files in ((FEW, SLOW + QUICK), (MANY, SLOW), (VERY_MANY, QUICK)):
        copies(Account, gift.account_id, entered + 1, count)
        copies(Donation, gift.id, entered + 1, count)
        entered = count
        db.session.execute(text("ANALYZE"))
        db.session.commit()
        for file in files:
            rows, peak = taken(tmp_path, services.addresses, *file)
            assert rows == count + 1, file
            peaks.setdefault(file, []).append(peak)
    for file, (few, many) in peaks.items():
        assert many < few + SLACK, f"{file}: {few / 2**20:.0f} MiB, then {many / 2**20:.0f} MiB"
