"""The letters of the shield: to staff, when it goes up and when it is over."""

from app.accounts.models import Account
from app.current import settings
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.shield.models import ShieldLog
from app.shield.watch import TOLD


@letters.writes("shield_raised")
def write_shield_raised(letter: Letter) -> Draft | None:
    """Tell a member of staff that the shield went up; not any more when it is down again."""
    entry, account = _about(letter)
    if entry.lowered_at is not None or account.role not in TOLD:
        return None
    return letters.draft(
        "shield_raised",
        to=account.email,
        locale=account.locale,
        entry=entry,
        quiet_minutes=settings().shield_quiet_minutes,
    )


@letters.writes("shield_lowered")
def write_shield_lowered(letter: Letter) -> Draft | None:
    """Tell a member of staff that it is over, and what came of it."""
    entry, account = _about(letter)
    if account.role not in TOLD:
        return None
    return letters.draft("shield_lowered", to=account.email, locale=account.locale, entry=entry)


def _about(letter: Letter) -> tuple[ShieldLog, Account]:
    entry = db.session.get_one(ShieldLog, int(letter.matter.partition(":")[0]))
    return entry, db.session.get_one(Account, letter.account_id)
