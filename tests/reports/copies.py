"""Very many accounts and gifts by one statement each, copied from a row that is there."""

from sqlalchemy import text

from app.accounts.models import Account
from app.extensions import Base, db
from app.giving.models import Donation

#: What tells copies of a row apart: columns as functions of their number.
OWN = {
    Account: {"id": "1000 + n", "email": "'giver' || n || '@example.org'"},
    Donation: {
        "id": "1000 + n",
        "account_id": "1000 + n",
        "pledge_id": "NULL",
        "received_at": "received_at - n * interval '1 millisecond'",
        "stripe_invoice_id": "'in_' || n",
        "stripe_payment_intent_id": "'pi_' || n",
        "stripe_charge_id": "'ch_' || n",
    },
}


def copies(model: type[Base], key: int, first: int, last: int) -> None:
    """Enter copies of a row."""
    columns = [column.name for column in model.__table__.columns]
    values = ", ".join(OWN[model].get(name, f'of."{name}"') for name in columns)
    db.session.execute(
        text(
            f"INSERT INTO {model.__tablename__} ({', '.join(columns)}) SELECT {values} "
            f"FROM {model.__tablename__} of, "
            "generate_series(CAST(:first AS int), CAST(:last AS int)) n WHERE of.id = :key"
        ),
        {"first": first, "last": last, "key": key},
    )
    db.session.commit()
