"""Requests to sign in: a letter with a link and a code, each good once and for a short time."""

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.accounts import accounts
from app.accounts.models import Account, SignIn
from app.extensions import db
from app.jobs import Job, enqueue_after_commit
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.sealing import keyed_hash

#: How long a link and its code work.
LIFETIME = timedelta(minutes=15)
#: This many wrong codes end a request.
MOST_WRONG = 5
#: How long a request is kept after it was made, to explain a link that no longer works.
KEPT = timedelta(days=7)

#: What a request without a letter holds in place of a code's hash: no code has it.
_NO_CODE = bytes(32)


class Ended(LookupError):
    """The request was used, has expired, or had too many wrong codes; or there never was one."""


class WrongCode(ValueError):
    """The code is not that of the request, which may be tried again."""


@dataclass(frozen=True, slots=True)
class Proved:
    """Somebody who has proved an address, and the page that was asked for; empty when none was."""

    account: Account
    next_path: str


def ask(email: str, *, next_path: str, now: datetime) -> uuid.UUID:
    """Enter a request and owe its letter, and return the request's id; commits.

    An address nobody has gets a request too, which leads nowhere. It costs the same number of
    statements and the same nudge, so that neither answer nor time tells who has an account.
    """
    return _enter(accounts.addressed(email), next_path, now)


def ask_again(token: str, *, now: datetime) -> uuid.UUID | None:
    """Enter a new request like that of a link which no longer works; commits.

    Only the owner of the address has the link, so the letter goes there. Returns none when the link
    is not known (any more).
    """
    earlier = _by_token(token)
    if earlier is None or earlier.account_id is None:
        return None
    account = db.session.get_one(Account, earlier.account_id)
    return _enter(account, earlier.next_path, now)


def _enter(account: Account | None, next_path: str, now: datetime) -> uuid.UUID:
    request_id = _insert(account, next_path, now)
    if account is not None:
        letters.owe("sign_in", request_id, account.id, now=now, urgency=letters.AT_ONCE)
    else:
        # One more row stands for the letter's: the two cases write alike.
        _insert(None, next_path, now)
        enqueue_after_commit(Job.SEND_LETTERS)
    db.session.commit()
    return request_id


def _insert(account: Account | None, next_path: str, now: datetime) -> uuid.UUID:
    request_id = uuid.uuid4()
    db.session.execute(
        insert(SignIn).values(
            id=request_id,
            account_id=account.id if account else None,
            next_path=next_path,
            wrong_codes=0,
            created_at=now,
            expires_at=now + LIFETIME,
        )
    )
    return request_id


@letters.writes("sign_in")
def write(letter: Letter) -> Draft | None:
    """Write the letter of a request, with a link and a code made now; only hashes are kept.

    So no secret lies in a table or a queue. A letter that is sent once more carries a new link and
    a new code, and those of the earlier one stop working. None for a request that has ended.
    """
    request = db.session.scalar(
        select(SignIn)
        .where(
            SignIn.id == uuid.UUID(letter.matter),
            SignIn.used_at.is_(None),
            SignIn.expires_at > func.now(),
            SignIn.wrong_codes < MOST_WRONG,
        )
        .with_for_update()
    )
    if request is None or request.account_id is None:
        return None
    account = db.session.get_one(Account, request.account_id)
    token, code = secrets.token_urlsafe(32), f"{secrets.randbelow(10**6):06d}"
    request.token_hash = _token_hash(token)
    request.code_hash = _code_hash(request.id, code)
    return letters.draft(
        "sign_in",
        to=account.email,
        locale=account.locale,
        token=token,
        code=code,
        minutes=int(LIFETIME.total_seconds() // 60),
    )


def issue(
    request_id: uuid.UUID, account_id: int, *, next_path: str, expires_at: datetime, now: datetime
) -> str:
    """Enter a request whose link stands in another letter, and return the link's token.

    Only its hash is kept, it has no code, and it is good once, for `KEPT` at most. A letter that is
    written again under the same id carries a new link, and the earlier one stops working. The
    caller commits.
    """
    token = secrets.token_urlsafe(32)
    new = upsert(SignIn).values(
        id=request_id,
        account_id=account_id,
        next_path=next_path,
        token_hash=_token_hash(token),
        wrong_codes=0,
        created_at=now,
        expires_at=min(expires_at, now + KEPT),
    )
    db.session.execute(
        new.on_conflict_do_update(
            index_elements=["id"], set_={"token_hash": new.excluded.token_hash}
        )
    )
    return token


def leads(token: str, account_id: int) -> str:
    """Return where a link leads that was sent to this very account, used or not; else nothing."""
    request = _by_token(token)
    if request is None or request.account_id is None:
        return ""
    owner = accounts.kept(db.session.get_one(Account, request.account_id))
    return request.next_path if owner.id == account_id else ""


def works(token: str, *, now: datetime) -> bool:
    """Whether a link may still be used; looking does not use it."""
    request = _by_token(token)
    return request is not None and _open(request, now)


def use_link(token: str, *, now: datetime) -> Proved:
    """Use a link, once; commits. Raises `Ended`."""
    request = _by_token(token, lock=True)
    if request is None or not _open(request, now):
        db.session.rollback()
        raise Ended
    return _use(request, now)


def use_code(request_id: uuid.UUID, code: str, *, now: datetime) -> Proved:
    """Use the code of a request, once; commits. Blanks in the code do not matter.

    Raises `WrongCode`, and `Ended` when it may not be tried again. A request for an unknown address
    takes as long and counts wrong codes alike.
    """
    typed = _code_hash(request_id, "".join(code.split()))
    request = db.session.get(SignIn, request_id, with_for_update=True, populate_existing=True)
    if request is None or not _open(request, now):
        db.session.rollback()
        raise Ended
    if hmac.compare_digest(typed, request.code_hash or _NO_CODE):
        return _use(request, now)
    request.wrong_codes += 1
    ended = request.wrong_codes >= MOST_WRONG
    db.session.commit()
    raise Ended if ended else WrongCode


def forget(*, before: datetime) -> int:
    """Remove requests that were made before a moment and return how many; commits."""
    removed = db.session.scalars(
        delete(SignIn).where(SignIn.created_at < before).returning(SignIn.id)
    ).all()
    db.session.commit()
    return len(removed)


def _open(request: SignIn, now: datetime) -> bool:
    return request.used_at is None and request.expires_at > now and request.wrong_codes < MOST_WRONG


def _use(request: SignIn, now: datetime) -> Proved:
    """Use an open request, under its row lock.

    The address of an account that was merged into another leads to that other.
    """
    request.used_at = now
    account = db.session.get_one(Account, request.account_id)
    account.confirmed_at = account.confirmed_at or now
    owner = accounts.kept(account)
    db.session.commit()
    return Proved(owner, request.next_path)


def _by_token(token: str, *, lock: bool = False) -> SignIn | None:
    found = select(SignIn).where(SignIn.token_hash == _token_hash(token))
    return db.session.scalar(found.with_for_update() if lock else found)


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _code_hash(request_id: uuid.UUID, code: str) -> bytes:
    return keyed_hash(f"{request_id}:{code}", "sign-in code")
