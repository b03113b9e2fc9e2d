"""Everything that is known about a person in one file: asked for, made by a job, kept for days."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from tempfile import SpooledTemporaryFile
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

import structlog
from flask_babel import force_locale
from sqlalchemy import delete, insert, select

from app.accounts import accounts
from app.accounts.models import Account
from app.current import newsroom, settings
from app.extensions import db
from app.giving.books import receipts
from app.giving.models import Donation, Receipt
from app.jobs import Job, enqueue_after_commit
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.privacy import takeout_shape
from app.privacy.takeout_models import Takeout, TakeoutPart
from app.privacy.takeout_sections import LEFT_OUT, SECTIONS
from app.sealing import seal, unseal

log = structlog.get_logger()

#: The kind of the letter; its matter is the file's id.
READY = "data_ready"
SEALED = "takeout"
#: So many files a person may ask for within a day.
MOST_A_DAY = 3
#: So often a file is begun before it is given up.
MOST_ATTEMPTS = 3
#: A part is no longer than so many bytes, before it is sealed.
PART = 256 * 1024
#: Up to so many bytes a file is put together in memory.
IN_MEMORY = 4 * 1024 * 1024


class TooMany(ValueError):
    """Enough files were asked for within a day."""


class UnknownTakeout(LookupError):
    """There is no such file of this person, or not any more."""


def ask(account_id: int, *, locale: str, now: datetime) -> Takeout:
    """Ask for the file; commits. One that is being made is the one that is asked for.

    Raises `TooMany`.
    """
    account = accounts.locked(account_id)
    found = of(account.id)
    if found and found[0].due_at is not None:
        db.session.commit()
        return found[0]
    if sum(one.asked_at > now - timedelta(days=1) for one in found) >= MOST_A_DAY:
        db.session.rollback()
        raise TooMany(str(account_id))
    takeout = Takeout(
        id=uuid.uuid4(),
        account_id=account.id,
        locale=locale,
        asked_at=now,
        due_at=now,
        attempts=0,
        size=0,
        parts=0,
    )
    db.session.add(takeout)
    enqueue_after_commit(Job.TAKE_OUT)
    db.session.commit()
    return takeout


def of(account_id: int) -> list[Takeout]:
    """List the files that a person asked for and that are still there, the newest first."""
    return list(
        db.session.scalars(
            select(Takeout)
            .where(Takeout.account_id == account_id)
            .order_by(Takeout.asked_at.desc(), Takeout.id)
        )
    )


def make(takeout_id: uuid.UUID, *, now: datetime) -> None:
    """Gather, write and keep a file, and owe the letter; commits. Safe to run twice."""
    row = db.session.get(Takeout, takeout_id, populate_existing=True)
    if row is None or row.due_at is None:
        db.session.rollback()
        return
    if row.attempts > MOST_ATTEMPTS:
        # No worker lived to say what went wrong.
        _failed(takeout_id, row.error or "no worker came to its end", now)
        return
    account_id, locale, asked_at = row.account_id, row.locale, row.asked_at
    try:
        with SpooledTemporaryFile(max_size=IN_MEMORY) as kept:
            with force_locale(locale):
                write(kept, account_id, made_at=asked_at, locale=locale)
            db.session.rollback()
            _keep(takeout_id, kept, now)
    except Exception as error:
        db.session.rollback()
        _failed(takeout_id, f"{type(error).__name__}: {error}", now)
        raise


def write(to: IO[bytes], account_id: int, *, made_at: datetime, locale: str) -> None:
    """Write the zip of one person, in the language that is set. Reads, and changes nothing."""
    # All of it as it stood at one moment.
    db.session.rollback()
    db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    merged = select(Account.id).where(Account.merged_into_id == account_id).order_by(Account.id)
    ids = [account_id, *db.session.scalars(merged)]
    filled = takeout_shape.fill(SECTIONS, ids)
    name = newsroom().name.within(locale)
    with ZipFile(to, "w", ZIP_DEFLATED) as packed:
        page = takeout_shape.as_page(filled, LEFT_OUT, made_at=made_at, locale=locale)
        packed.writestr("index.html", page)
        text = takeout_shape.as_json(filled, LEFT_OUT, made_at=made_at, newsroom=name)
        packed.writestr("data.json", text)
        for filename, paper in _papers(ids):
            packed.writestr(f"receipts/{filename}", paper)


def _papers(ids: list[int]) -> Iterator[tuple[str, bytes]]:
    found = db.session.execute(
        select(Receipt, Donation)
        .join(Donation, Donation.id == Receipt.donation_id)
        .where(Donation.account_id.in_(ids))
        .order_by(Receipt.year, Receipt.number)
    ).all()
    for receipt, donation in found:
        yield f"receipt-{receipt.reference}.pdf", receipts.pdf(receipt, donation)


def _keep(takeout_id: uuid.UUID, kept: IO[bytes], now: datetime) -> None:
    row = db.session.get(Takeout, takeout_id, with_for_update=True, populate_existing=True)
    if row is None or row.due_at is None:
        # Somebody else has made it meanwhile, or the person was erased.
        db.session.rollback()
        return
    kept.seek(0)
    size = parts = 0
    while body := kept.read(PART):
        db.session.execute(
            insert(TakeoutPart).values(
                takeout_id=takeout_id, place=parts, sealed=seal(body, SEALED)
            )
        )
        parts, size = parts + 1, size + len(body)
    row.parts, row.size = parts, size
    row.ready_at, row.expires_at = now, now + lasts()
    row.done()
    letters.owe(READY, takeout_id, row.account_id, now=now, urgency=letters.AT_ONCE)
    db.session.commit()


def lasts() -> timedelta:
    """For how long a file can be fetched."""
    return timedelta(hours=settings().takeout_hours)


def _failed(takeout_id: uuid.UUID, why: str, now: datetime) -> None:
    row = db.session.get(Takeout, takeout_id, with_for_update=True, populate_existing=True)
    if row is None or row.due_at is None:
        db.session.rollback()
        return
    row.failed(why)
    if row.attempts >= MOST_ATTEMPTS:
        row.due_at, row.failed_at, row.expires_at = None, now, now + lasts()
        letters.owe(READY, takeout_id, row.account_id, now=now, urgency=letters.AT_ONCE)
    db.session.commit()


def fetch(takeout_id: uuid.UUID, account_id: int, *, now: datetime) -> Iterator[bytes]:
    """Note that a person fetches the own file, commit, and give its parts one by one.

    Raises `UnknownTakeout` for the file of anybody else, and once its time is over.
    """
    row = db.session.get(Takeout, takeout_id, populate_existing=True)
    if row is None or row.account_id != account_id or row.ready_at is None:
        raise UnknownTakeout(str(takeout_id))
    if row.expires_at is None or row.expires_at <= now:
        raise UnknownTakeout(str(takeout_id))
    row.fetched_at, parts = now, row.parts
    db.session.commit()
    return _parts(takeout_id, parts)


def _parts(takeout_id: uuid.UUID, parts: int) -> Iterator[bytes]:
    for place in range(parts):
        with db.engine.connect() as connection:
            sealed = connection.execute(
                select(TakeoutPart.sealed).where(
                    TakeoutPart.takeout_id == takeout_id, TakeoutPart.place == place
                )
            ).scalar_one()
        yield unseal(sealed, SEALED)


def remove_old(*, now: datetime) -> int:
    """Remove the files whose time is over, with their parts; commits. Return how many."""
    removed = db.session.execute(
        delete(Takeout).where(Takeout.expires_at <= now).returning(Takeout.id)
    ).all()
    db.session.commit()
    return len(removed)


@letters.writes(READY)
def letter(owed: Letter) -> Draft | None:
    """Write that the file is ready, or could not be made; none once it is gone."""
    row = db.session.get(Takeout, uuid.UUID(owed.matter))
    account = db.session.get_one(Account, owed.account_id)
    if row is None or (row.ready_at is None and row.failed_at is None):
        return None
    return letters.draft(READY, to=account.email, locale=row.locale, name=account.name, takeout=row)
