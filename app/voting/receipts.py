"""A receipt on its way to the voter: shown once after the cast, and by letter for who asks."""

from datetime import datetime

from flask import Response, current_app, request
from sqlalchemy import select

from app.accounts.models import Account
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.voting import secrecy
from app.voting.casting import Cast
from app.voting.models import Ballot, Round

#: The letter; its matter is the round's id, the reader's, and a word drawn at the cast that says
#: nothing about the ballot.
LETTER = "ballot_receipt"


#: The cookie that carries a receipt from the cast to the page that shows it, below the round.
COOKIE = "receipt"
#: As long as a slow connection may take from one page to the next.
COOKIE_SECONDS = 600


def hand_over(response: Response, slug: str, accepted: Cast) -> None:
    """Give the browser the receipt of the ballot just accepted, for the page that shows it."""
    response.set_cookie(
        COOKIE,
        f"{accepted.receipt}.{accepted.secret}",
        max_age=COOKIE_SECONDS,
        path=_path(slug),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def handed_over(round_: Round, account_id: int) -> dict[str, str] | None:
    """Return the code and the secret that the browser brings, where they are this ballot's."""
    code, _, secret = request.cookies.get(COOKIE, "").partition(".")
    return {"code": code, "secret": secret} if code and code == _code(round_, account_id) else None


def take_back(response: Response, slug: str) -> None:
    """Let the browser forget the receipt: it is shown once."""
    response.delete_cookie(COOKIE, path=_path(slug))


def _path(slug: str) -> str:
    return f"/vote/{slug}"


def send(round_id: int, account_id: int, word: str, *, now: datetime) -> None:
    """Owe a voter the code of the ballot by letter, once for each cast; commits.

    No table is told the code: the letter finds the ballot by its key when it is written, and a
    letter's text is kept nowhere.
    """
    letters.owe(LETTER, f"{round_id}:{account_id}:{word}", account_id, now=now)
    db.session.commit()


@letters.writes(LETTER)
def write(letter: Letter) -> Draft | None:
    """Write the code of the latest ballot; not any more once its key is destroyed."""
    round_ = db.session.get_one(Round, int(letter.matter.partition(":")[0]))
    account = db.session.get_one(Account, letter.account_id)
    code = _code(round_, account.id)
    if not code:
        return None
    return letters.draft(
        LETTER,
        to=account.email,
        locale=account.locale,
        name=account.name,
        round=round_,
        code=code,
    )


def _code(round_: Round, account_id: int) -> str | None:
    """The code of an account's ballot; None where there is none to be found any more."""
    keys = secrecy.ballot_keys(round_)
    if keys is None:
        return None
    return db.session.scalar(
        select(Ballot.receipt).where(
            Ballot.round_id == round_.id, Ballot.ballot_key == keys.of(account_id)
        )
    )
