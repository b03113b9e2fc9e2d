"""The libraries every room shares, made once here and bound to the application in the factory."""

from datetime import datetime
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Annotated

from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import BigInteger, DateTime, Identity, MetaData
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry

#: A moment in time: aware, stored as `timestamptz`, UTC.
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
#: A primary key that the database counts.
Key = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of every model; a bare `datetime` column is a `timestamptz`."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: DateTime(timezone=True)},
    )


# An object stays readable after its commit: reading an attribute must not quietly open a
# transaction (and hold a connection) while a supplier answers.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()
babel = Babel()


def network_of_reader() -> str:
    """Return the key of a limit by where a request comes from.

    Whoever has an address of IPv6 has 2^64 of them: the whole network counts as one.
    """
    try:
        address = ip_address(get_remote_address())
    except ValueError:
        # A proxy may name who asks by something else; it is a key all the same.
        return get_remote_address()
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Network((address, 64), strict=False))


limiter = Limiter(key_func=network_of_reader)
