"""The letters of an erasure: confirm it, it is coming, it is done; and to owners, it is stuck."""

import uuid

from flask_babel import force_locale

from app.accounts.models import Account, Role
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.privacy import erasure_links, erasure_lists, erasure_words, erasures
from app.privacy.erasure_links import Purpose
from app.privacy.erasure_models import Erasure, ErasureState


def _of(letter: Letter) -> tuple[Erasure | None, Account]:
    key = uuid.UUID(letter.matter.partition(":")[0])
    return db.session.get(Erasure, key), db.session.get_one(Account, letter.account_id)


@letters.writes(erasures.CONFIRM)
def write_confirm(letter: Letter) -> Draft | None:
    """Ask whether the person means it; not any more once it was confirmed or taken back."""
    erasure, account = _of(letter)
    if erasure is None or erasure.state != ErasureState.ASKED:
        return None
    return letters.draft(
        erasures.CONFIRM,
        to=account.email,
        locale=erasure.locale,
        name=account.name,
        days=erasures.cooling_off().days,
        until=erasure.asked_at + erasures.CONFIRMED_WITHIN,
        token=erasure_links.token(Purpose.CONFIRM, erasure.id),
    )


@letters.writes(erasures.COMING)
def write_coming(letter: Letter) -> Draft | None:
    """Tell the day and how to take it back; not any more once it was taken back or begun."""
    erasure, account = _of(letter)
    if erasure is None or erasure.state != ErasureState.COMING:
        return None
    return letters.draft(
        erasures.COMING,
        to=account.email,
        locale=erasure.locale,
        name=account.name,
        by_staff=erasure.asked_by_id is not None,
        comes_at=erasure.comes_at,
        token=erasure_links.token(Purpose.UNDO, erasure.id),
    )


@letters.writes(erasures.UNDONE)
def write_undone(letter: Letter) -> Draft | None:
    """Tell the person that staff took it back; not any more once it is asked for again."""
    erasure, account = _of(letter)
    if erasure is None or erasures.open_of(account.id) is not None:
        return None
    return letters.draft(
        erasures.UNDONE, to=account.email, locale=erasure.locale, name=account.name
    )


@letters.writes(erasures.DONE)
def write_done(letter: Letter) -> Draft | None:
    """Say goodbye: what was done and what is kept. It is the last letter to this address."""
    erasure, account = _of(letter)
    if erasure is None or erasure.state != ErasureState.RUNNING:
        return None
    with force_locale(erasure.locale):
        steps, stays = (
            erasure_words.steps(erasure_lists.steps_of(erasure.id)),
            erasure_words.stays(),
        )
    return letters.draft(
        erasures.DONE,
        to=account.email,
        locale=erasure.locale,
        name=account.name,
        steps=steps,
        stays=stays,
    )


@letters.writes(erasures.STUCK)
def write_stuck(letter: Letter) -> Draft | None:
    """Tell an owner that an erasure does not go on; not any more once it does."""
    erasure, account = _of(letter)
    if erasure is None or account.role != Role.OWNER or erasure.error is None:
        return None
    return letters.draft(
        erasures.STUCK,
        to=account.email,
        locale=account.locale,
        name=account.name,
        erasure=erasure,
    )
