"""People and things that tests begin with; each builder commits what it makes."""

import itertools
import uuid
from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient

from app.accounts.models import Account, Role
from app.clock import utcnow
from app.extensions import db
from app.giving.models import Checkout, Pledge, Touch
from app.letters import consents, wordings
from app.letters.categories import CONSENTED, Category
from app.letters.consents import Act, How, Said

AUGUST = datetime(2026, 8, 3, 9, 30, tzinfo=UTC)

_counter = itertools.count(1)


def a_reader(
    email: str | None = None,
    *,
    name: str = "Olena Marchenko",
    locale: str = "en",
    listed: bool = False,
    role: Role | None = None,
    confirmed_at: datetime | None = AUGUST,
) -> Account:
    """An account that has proved its address and gives nothing yet."""
    account = Account(
        email=email or f"reader{next(_counter)}@example.org",
        name=name,
        locale=locale,
        listed=listed,
        role=role,
        confirmed_at=confirmed_at,
    )
    db.session.add(account)
    db.session.commit()
    return account


def a_pledge(
    account: Account,
    *,
    amount_minor: int = 500,
    currency: str = "EUR",
    interval: str = "month",
    status: str = "active",
    started_at: datetime | None = AUGUST,
    paid_until: datetime | None = None,
    article: str | None = None,
    key: uuid.UUID | None = None,
) -> Pledge:
    """A pledge; in standing unless told otherwise, paid up for a month beyond today."""
    key = key or uuid.uuid4()
    pledge = Pledge(
        id=key,
        account_id=account.id,
        status=status,
        interval=interval,
        amount_minor=amount_minor,
        currency=currency,
        article=article,
        stripe_customer_id=f"cus_{account.id}",
        stripe_subscription_id=f"sub_{key.hex[:8]}",
        created_at=started_at or AUGUST,
        started_at=started_at,
        paid_until=paid_until or utcnow() + timedelta(days=30),
    )
    db.session.add(pledge)
    db.session.commit()
    return pledge


def a_patron(
    email: str | None = None,
    *,
    name: str = "Taras Koval",
    locale: str = "en",
    listed: bool = False,
    amount_minor: int = 500,
    currency: str = "EUR",
    interval: str = "month",
    started_at: datetime = AUGUST,
    article: str | None = None,
    wants_letters: bool = True,
) -> Account:
    """An account with a pledge in standing, which agreed to letters about votes and topics."""
    account = a_reader(email, name=name, locale=locale, listed=listed)
    if wants_letters:
        agrees(account)
    a_pledge(
        account,
        amount_minor=amount_minor,
        currency=currency,
        interval=interval,
        started_at=started_at,
        article=article,
    )
    return account


def agrees(account: Account, *categories: Category, how: How = How.FORM) -> Account:
    """The same person, who has agreed to letters of some categories; to all where none is named."""
    for category in categories or CONSENTED:
        _says(account, category, Act.GIVEN, wordings.CURRENT[category], how)
    return account


def ends(account: Account, *categories: Category, how: How = How.PAGE) -> Account:
    """The same person, who wants no letters of some categories; of none where none is named."""
    for category in categories or CONSENTED:
        _says(account, category, Act.WITHDRAWN, "", how)
    return account


def _says(account: Account, category: Category, act: Act, wording: str, how: How) -> None:
    said = Said(act, how, utcnow(), account.locale, wording)
    consents.enter(account.id, category, said, now=utcnow())
    db.session.commit()


def a_touch(pledge: Pledge, **told: str) -> Touch:
    """The last touch of a pledge, with the checkout that began it."""
    checkout = Checkout(
        account_id=pledge.account_id,
        pledge_id=pledge.id,
        interval=pledge.interval,
        amount_minor=pledge.amount_minor,
        currency=pledge.currency,
        locale="en",
    )
    db.session.add(checkout)
    db.session.flush()
    touch = Touch(
        checkout_id=checkout.id, turn="last", pledge_id=pledge.id, on=AUGUST.date(), **told
    )
    db.session.add(touch)
    db.session.commit()
    return touch


def a_staff_member(
    role: Role | str = Role.OWNER, email: str | None = None, *, name: str = "Iryna Bondar"
) -> Account:
    """A member of staff; no second factor is set up yet, `signed_in` needs none."""
    return a_reader(email, name=name, role=Role(role))


def signed_in(
    client: FlaskClient, account: Account, *, since: datetime | None = None
) -> FlaskClient:
    """Sign a browser in by the session that a real sign-in leaves; returns the same browser."""
    with client.session_transaction() as session:
        session.clear()
        session.permanent = True
        session["_user_id"] = account.get_id()
        session["_fresh"] = True
        session["since"] = int((since or utcnow()).timestamp())
        session["second_factor"] = account.is_staff
    return client
