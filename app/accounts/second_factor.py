"""The second factor of staff: codes of an app (TOTP, RFC 6238) and recovery codes, each once."""

import hmac
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, select

from app.accounts.models import Account, RecoveryCode
from app.extensions import db
from app.sealing import keyed_hash, seal, unseal

#: Seconds one code of the app is shown, and how many steps a clock may be off.
STEP, WINDOW = 30, 1
RECOVERY_CODES = 10
#: Letters and digits that are not mistaken for one another when read from paper.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"

_PURPOSE = "second factor"


class WrongCode(ValueError):
    """The code is neither the app's of this moment nor an unused recovery code."""


class AlreadySetUp(ValueError):
    """The account has a second factor; another one may not take its place unasked."""


def new_secret() -> str:
    """Return a fresh secret for an app: 160 bits in base 32."""
    return pyotp.random_base32()


def address_for_app(secret: str, account: Account, newsroom: str) -> str:
    """Return the otpauth:// address that an app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name=newsroom)


def set_up(account_id: int, secret: str, code: str, *, now: datetime) -> list[str]:
    """Turn a second factor on once its app has shown a right code; commits.

    Returns the recovery codes, which exist in readable form nowhere else. Raises `WrongCode`,
    `AlreadySetUp`.
    """
    account = _locked(account_id)
    if account.totp_sealed is not None:
        db.session.rollback()
        raise AlreadySetUp
    step = _step_of(secret, code, now)
    if step is None:
        db.session.rollback()
        raise WrongCode
    preset(account, secret)
    account.totp_step = step
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    db.session.add_all(
        RecoveryCode(account_id=account_id, code_hash=_recovery_hash(account_id, code))
        for code in codes
    )
    db.session.commit()
    return codes


def preset(account: Account, secret: str) -> None:
    """Give an account a second factor that an app knows already. The caller commits."""
    account.totp_sealed = seal(secret.encode(), _PURPOSE)
    account.totp_step = None


def forget(account: Account) -> None:
    """Take an account's second factor away. The caller commits."""
    account.totp_sealed = None
    account.totp_step = None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))


def accept(account_id: int, code: str, *, now: datetime) -> int | None:
    """Accept the app's code or a recovery code, once, under the account's row lock; commits.

    Returns how many recovery codes are left when one was used, else none. Raises `WrongCode`, for
    a code that was accepted before as well.
    """
    account = _locked(account_id)
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    if plain.isdecimal() and len(plain) == 6:
        left, right = None, _accept_app(account, plain, now)
    else:
        left, right = _accept_recovery(account_id, plain, now)
    if not right:
        db.session.rollback()
        raise WrongCode
    db.session.commit()
    return left


def current_code(account: Account, *, now: datetime) -> str:
    """Return the code an app shows now. Only for the demo, whose visitor has no such app.

    Raises `WrongCode` when no second factor is set up.
    """
    if account.totp_sealed is None:
        raise WrongCode
    return str(pyotp.TOTP(_secret(account.totp_sealed)).at(now))


def _accept_app(account: Account, code: str, now: datetime) -> bool:
    if account.totp_sealed is None:
        return False
    step = _step_of(_secret(account.totp_sealed), code, now)
    if step is None or (account.totp_step is not None and step <= account.totp_step):
        return False
    account.totp_step = step
    return True


def _accept_recovery(account_id: int, code: str, now: datetime) -> tuple[int, bool]:
    found = db.session.scalar(
        select(RecoveryCode).where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == _recovery_hash(account_id, code),
            RecoveryCode.used_at.is_(None),
        )
    )
    if found is None:
        return 0, False
    found.used_at = now
    db.session.flush()
    left = db.session.scalar(
        select(func.count()).where(
            RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
        )
    )
    return left or 0, True


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step whose code this is, within the window, or none."""
    totp = pyotp.TOTP(secret, interval=STEP)
    typed = "".join(code.split()).encode()
    middle = int(now.timestamp()) // STEP
    matching = [
        step
        for step in range(middle - WINDOW, middle + WINDOW + 1)
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed)
    ]
    return matching[-1] if matching else None


def _locked(account_id: int) -> Account:
    return db.session.get_one(Account, account_id, with_for_update=True, populate_existing=True)


def _secret(sealed: bytes) -> str:
    return unseal(sealed, _PURPOSE).decode()


def _recovery_code() -> str:
    """Ten letters, about fifty bits, in two groups."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def _recovery_hash(account_id: int, code: str) -> bytes:
    return keyed_hash(f"{account_id}:{code.replace('-', '')}", "recovery code")
