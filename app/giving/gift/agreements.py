"""Letters that a giver asked for beside a gift: noted with it, agreed to once it is paid.

Until then anybody may have typed the address.
"""

from datetime import datetime

from app.accounts.models import Account
from app.giving.models import Checkout
from app.letters import consents, wordings
from app.letters.categories import Category
from app.letters.consents import Act, How, Said


def note(checkout: Checkout, asked: tuple[Category, ...], account: Account, by: int | None) -> None:
    """Note on a checkout which letters were asked for, beside which words. The caller commits.

    What somebody ended is not begun anew by who types their address: only by themselves, signed in
    as `by`.
    """
    if asked and by != account.id:
        held = consents.newest(account.id)
        asked = tuple(one for one in asked if one not in held or held[one].act != Act.WITHDRAWN)
    checkout.letters = " ".join(wordings.CURRENT[one] for one in asked)


def enter(checkout: Checkout, *, now: datetime) -> None:
    """Enter what was agreed to beside a gift that is paid now. The caller commits.

    What was ended meanwhile stays ended.
    """
    versions = checkout.letters.split()
    held = consents.newest(checkout.account_id) if versions else {}
    for category, version in ((wordings.of(each), each) for each in versions):
        ended = held.get(category)
        if ended and ended.act == Act.WITHDRAWN and ended.at >= checkout.created_at:
            continue
        said = Said(Act.GIVEN, How.FORM, checkout.created_at, checkout.locale, version)
        consents.enter(checkout.account_id, category, said, now=now)
