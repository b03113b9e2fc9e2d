"""The letters that answer a request to reprint, in the language it was asked in."""

from app.accounts.models import Account
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.reprints import permissions, rules
from app.reprints.models import ReprintRequest


@letters.writes("reprint_granted")
def write_granted(letter: Letter) -> Draft | None:
    """Tell of a permission and its terms; not of one that was withdrawn meanwhile."""
    asked = db.session.get_one(ReprintRequest, int(letter.matter))
    permission = permissions.of(asked.id)
    if permission is None or permission.withdrawn_at is not None:
        return None
    return letters.draft(
        "reprint_granted",
        to=_address(letter),
        locale=asked.locale,
        name=asked.name,
        permission=permission,
        articles=rules.articles(permission.articles),
    )


@letters.writes("reprint_refused")
def write_refused(letter: Letter) -> Draft | None:
    """Tell of a refusal and its reason."""
    asked = db.session.get_one(ReprintRequest, int(letter.matter))
    return letters.draft(
        "reprint_refused",
        to=_address(letter),
        locale=asked.locale,
        name=asked.name,
        articles=rules.articles(asked.articles),
        reason=asked.refusal,
    )


@letters.writes("reprint_withdrawn")
def write_withdrawn(letter: Letter) -> Draft | None:
    """Tell that a permission no longer holds, and why."""
    asked = db.session.get_one(ReprintRequest, int(letter.matter))
    permission = permissions.of(asked.id)
    if permission is None:
        return None
    return letters.draft(
        "reprint_withdrawn",
        to=_address(letter),
        locale=asked.locale,
        name=asked.name,
        permission=permission,
        articles=rules.articles(permission.articles),
    )


def _address(letter: Letter) -> str:
    return db.session.get_one(Account, letter.account_id).email
