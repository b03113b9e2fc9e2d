"""Files with too many rows to wait for: asked for, made by a job, kept for a day, then removed.

They are kept in the database, in parts, so that whichever process is asked can hand them out.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import IO

import structlog
from flask_babel import force_locale
from sqlalchemy import ColumnElement, delete, insert, select, update

from app import jobs
from app.accounts import audit
from app.accounts.models import Account
from app.current import settings
from app.export import Cell, Format, remove_left, write
from app.extensions import db
from app.jobs import Job
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.reports import contents
from app.reports.contents import Kind, Wanted
from app.reports.models import ExportFile, ExportPart
from app.reports.rollups import following

log = structlog.get_logger()

KIND = "export_file"
#: A worker is told to end after so many seconds at a file, and killed after as many more.
MOST_SECONDS, GRACE_SECONDS = 3000, 300
#: Rows between two notes of how far it is; in between the lease must not run out.
STEP = 2000
#: So long a worker is believed to be at work since it last said so.
LEASE = timedelta(minutes=5)
#: So often a file is begun again before it is given up.
MOST_ATTEMPTS = 3
#: A part is no longer than so many bytes.
PART = 256 * 1024
#: By what a worker knows a file as its own: the attempt, and how often it was begun anew.
Turn = tuple[int, int]
#: The words kept with a file that no worker lived to end.
UNENDED = "no worker came to its end"


class UnknownExport(LookupError):
    """There is no such file, or it has been removed."""


class TakenAway(Exception):
    """Another worker has taken the file over, it was removed, or it is to be begun anew."""


def ask(wanted: Wanted, of: Format, *, by: int, locale: str, now: datetime) -> uuid.UUID:
    """Ask for a file; commits. Return its id. Raises `KeyError` for what there is not.

    Who asks again for one that is still to be made gets that one, and is not entered twice.
    """
    found = contents.of(wanted, now)
    if (made := _still_made(wanted, of, by, locale)) is not None:
        db.session.commit()
        return made
    row = ExportFile(
        id=uuid.uuid4(),
        kind=wanted.kind.value,
        name=wanted.name,
        words=dict(wanted.words),
        format=of.value,
        title=found.title[:300],
        stem=found.stem[:120],
        locale=locale,
        by_account_id=by,
        asked_at=now,
        due_at=now,
    )
    db.session.add(row)
    enter("export_asked", wanted, of, by=by, now=now)
    jobs.enqueue_after_commit(Job.EXPORT)
    db.session.commit()
    return row.id


def _still_made(wanted: Wanted, of: Format, by: int, locale: str) -> uuid.UUID | None:
    """Find the same file that somebody asked for and that is not ready; one ask at a time."""
    db.session.execute(select(Account.id).where(Account.id == by).with_for_update(key_share=True))
    return db.session.scalars(
        select(ExportFile.id).where(
            ExportFile.by_account_id == by,
            ExportFile.due_at.is_not(None),
            ExportFile.kind == wanted.kind.value,
            ExportFile.name == wanted.name,
            ExportFile.words == dict(wanted.words),
            ExportFile.format == of.value,
            ExportFile.locale == locale,
        )
    ).first()


def enter(
    act: str, wanted: Wanted, of: Format, *, rows: int | None = None, by: int, now: datetime
) -> None:
    """Enter in the audit log who asks for what or takes it out. The caller commits."""
    told_by_act = act in contents.TAKEN.values()
    audit.note(
        by,
        act,
        "export",
        wanted.kind.value,
        now=now,
        report_name=wanted.name or (None if told_by_act else wanted.kind.value),
        format=of.value,
        rows=rows,
    )


def find(export_id: uuid.UUID, now: datetime) -> ExportFile:
    """Return a file that is made or ready. Raises `UnknownExport`, also once it has expired."""
    row = db.session.get(ExportFile, export_id, populate_existing=True)
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        raise UnknownExport(export_id)
    return row


def asked_by(account_id: int, now: datetime) -> list[ExportFile]:
    """List the files that a member of staff has asked for and that are still there."""
    found = (
        select(ExportFile)
        .where(ExportFile.by_account_id == account_id)
        .where(ExportFile.expires_at.is_(None) | (ExportFile.expires_at > now))
        .order_by(ExportFile.asked_at.desc(), ExportFile.id)
    )
    return list(db.session.scalars(found))


def wanted_by(row: ExportFile) -> Wanted:
    """Return what a file is of."""
    return Wanted(Kind(row.kind), row.name, {key: str(word) for key, word in row.words.items()})


def make(export_id: uuid.UUID, *, clock: Callable[[], datetime]) -> None:
    """Write a file that was claimed; commits as it goes on. Safe to run again.

    What is read goes to a temporary file of the worker's and then into the database at once. One
    that fails stays owed and is given up after a few attempts; who asked gets a letter either way.
    """
    row = db.session.get(ExportFile, export_id, populate_existing=True)
    if row is None or row.due_at is None:
        db.session.rollback()
        return
    turn = row.attempts, row.anew
    if row.attempts > MOST_ATTEMPTS:
        _failed(row, row.error or UNENDED, clock())
        return
    wanted, of, locale, asked_at = wanted_by(row), Format(row.format), row.locale, row.asked_at
    db.session.commit()
    try:
        with TemporaryFile() as kept:
            with force_locale(locale):
                _say(export_id, turn, clock())
                following.begin_reading()
                found = contents.of(wanted, asked_at)
                rows_all = found.count()
                _say(export_id, turn, clock(), rows_all=rows_all, rows_done=0)
                counted = _counted(found.rows(), export_id, turn, clock)
                write(contents.with_a_word(counted), of, found.title, kept)
            # What was read was read in one transaction, which is over.
            db.session.rollback()
            _keep(export_id, turn, kept, clock())
    except TakenAway:
        db.session.rollback()
    except Exception as error:
        db.session.rollback()
        row = _held(export_id, turn)
        if row is None:
            # Another worker makes it by now, and what went wrong here is nothing to it.
            db.session.rollback()
            log.warning("export_overtaken", export=str(export_id), error=type(error).__name__)
            return
        _failed(row, f"{type(error).__name__}: {error}", clock())
        raise


def _counted(
    rows: Iterable[list[Cell]], export_id: uuid.UUID, turn: Turn, clock: Callable[[], datetime]
) -> Iterator[list[Cell]]:
    """Yield rows, the first of which is the heading, and note how many there were, in the end all.

    Somebody may have come since they were counted.
    """
    done = 0
    for done, row in enumerate(rows):
        yield row
        if done and done % STEP == 0:
            _say(export_id, turn, clock(), rows_done=done)
    _say(export_id, turn, clock(), rows_done=done, rows_all=done)


def _say(export_id: uuid.UUID, turn: Turn, now: datetime, **values: int) -> None:
    """Note how far it is and that it is worked at, in a transaction of its own, at once.

    The session's transaction is reading rows all the while. Raises `TakenAway`.
    """
    with db.engine.begin() as connection:
        told = connection.execute(
            update(ExportFile)
            .where(*_mine(export_id, turn))
            .values(due_at=now + LEASE, **values)
            .returning(ExportFile.id)
        ).all()
    if not told:
        raise TakenAway


def _mine(export_id: uuid.UUID, turn: Turn) -> tuple[ColumnElement[bool], ...]:
    return (
        ExportFile.id == export_id,
        (ExportFile.attempts == turn[0]) & (ExportFile.anew == turn[1]),
        ExportFile.due_at.is_not(None),
    )


def _held(export_id: uuid.UUID, turn: Turn) -> ExportFile | None:
    """Lock a file that is still this worker's to make; none where it is not."""
    return db.session.scalars(
        select(ExportFile)
        .where(*_mine(export_id, turn))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _keep(export_id: uuid.UUID, turn: Turn, kept: IO[bytes], now: datetime) -> None:
    """Put a file that was written into the database and say that it is ready; commits."""
    row = _held(export_id, turn)
    if row is None:
        raise TakenAway
    kept.seek(0)
    size = parts = 0
    while body := kept.read(PART):
        db.session.execute(insert(ExportPart).values(export_id=export_id, place=parts, body=body))
        parts, size = parts + 1, size + len(body)
    row.parts, row.size = parts, size
    row.ready_at, row.expires_at = now, now + lasts()
    row.done()
    letters.owe(KIND, export_id, row.by_account_id, now=now, urgency=letters.AT_ONCE)
    db.session.commit()


def lasts() -> timedelta:
    """For how long a file can be fetched."""
    return timedelta(hours=settings().export_hours)


def _failed(row: ExportFile, why: str, now: datetime) -> None:
    row.failed(why)
    if row.attempts >= MOST_ATTEMPTS:
        row.due_at, row.failed_at, row.expires_at = None, now, now + lasts()
        letters.owe(KIND, row.id, row.by_account_id, now=now, urgency=letters.AT_ONCE)
    db.session.commit()


def body(export_id: uuid.UUID, parts: int) -> Iterator[bytes]:
    """Yield a file's parts one by one, holding no transaction while the reader takes each."""
    for place in range(parts):
        with db.engine.connect() as connection:
            found = connection.execute(
                select(ExportPart.body).where(
                    ExportPart.export_id == export_id, ExportPart.place == place
                )
            ).scalar_one()
        yield found


def remove_old(*, now: datetime) -> int:
    """Remove the files whose time is over, with their parts; return how many; commits.

    What workers that were killed left on this machine's disk goes too.
    """
    remove_left(now - timedelta(seconds=MOST_SECONDS + 2 * GRACE_SECONDS))
    removed = db.session.execute(
        delete(ExportFile).where(ExportFile.expires_at <= now).returning(ExportFile.id)
    ).all()
    db.session.commit()
    return len(removed)


@letters.writes(KIND)
def letter(owed: Letter) -> Draft | None:
    """Write that a file is ready, or could not be made; none once it is gone or not theirs."""
    row = db.session.get(ExportFile, uuid.UUID(owed.matter))
    account = db.session.get_one(Account, owed.account_id)
    if row is None or not account.is_staff or (row.ready_at is None and row.failed_at is None):
        return None
    return letters.draft(
        KIND, to=account.email, locale=account.locale, name=account.name, export=row
    )
