"""A file of very many rows takes no more memory to make than one of a few."""

import subprocess
import sys
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from app.accounts.models import Account
from app.export import Format
from app.extensions import Base, db
from app.giving.models import Donation
from app.reports.contents import Kind
from config.local.services import Services
from tests.giving.gifts import a_gift
from tests.processes import surroundings

#: So many givers with a gift each; the first number is what files are measured against. Those that
#: take the longest are measured at the second.
FEW, MANY, VERY_MANY = 200, 50_000, 200_000
SLOW = ((Kind.SUPPORTERS, Format.CSV), (Kind.LIST, Format.XLSX))
QUICK = ((Kind.ENTRIES, Format.CSV), (Kind.LIST, Format.CSV))
#: Bytes that one process may have more than another for reasons of its own.
SLACK = 12 * 2**20
#: What tells copies of a row apart: columns as functions of their number.
OWN = {
    Account: {"id": "1000 + n", "email": "'giver' || n || '@example.org'"},
    Donation: {
        "id": "1000 + n",
        "account_id": "1000 + n",
        "pledge_id": "NULL",
        "received_at": "received_at - n * interval '1 millisecond'",
        "stripe_invoice_id": "'in_' || n",
        "stripe_payment_intent_id": "'pi_' || n",
        "stripe_charge_id": "'ch_' || n",
    },
}


def copies(model: type[Base], key: int, first: int, last: int) -> None:
    """Enter copies of a row."""
    columns = [column.name for column in model.__table__.columns]
    values = ", ".join(OWN[model].get(name, f'of."{name}"') for name in columns)
    db.session.execute(
        text(
            f"INSERT INTO {model.__tablename__} ({', '.join(columns)}) SELECT {values} "
            f"FROM {model.__tablename__} of, "
            "generate_series(CAST(:first AS int), CAST(:last AS int)) n WHERE of.id = :key"
        ),
        {"first": first, "last": last, "key": key},
    )
    db.session.commit()


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
