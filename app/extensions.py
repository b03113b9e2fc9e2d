"""The libraries every room shares, made once here and bound to the application in the factory."""

from datetime import datetime
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
limiter = Limiter(key_func=get_remote_address)
