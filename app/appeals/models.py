"""Appeals as staff write them, and goals."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment
from app.money import Money


class Appeal(Base):
    """What is said under articles, to whom reads which, and from when until when."""

    __tablename__ = "appeal"
    __table_args__ = (
        CheckConstraint("from_at < until_at", name="begins_before_it_ends"),
        CheckConstraint("edition > 0", name="positive_edition"),
    )

    id: Mapped[Key]
    #: What staff call it.
    name: Mapped[str] = mapped_column(String(80))
    #: Its wordings: `{"a": {"en": {"headline": ..., "text": ..., "button": ...}}, "b": ...}`.
    texts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    #: Amounts in minor units where they are not the usual: `{"EUR": {"month": [500, 1000]}}`.
    amounts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    #: Articles it is for; one that ends in * is the beginning of several. Of neither articles nor
    #: sections: it is for all.
    articles: Mapped[list[str]] = mapped_column(ARRAY(String(500)), server_default="{}")
    sections: Mapped[list[str]] = mapped_column(ARRAY(String(100)), server_default="{}")
    #: Null for at once, and for until it is switched off.
    from_at: Mapped[Moment | None]
    until_at: Mapped[Moment | None]
    is_on: Mapped[bool] = mapped_column(default=False, server_default="false")
    #: Counts up whenever what readers see of it changes, so that only what is alike is compared.
    edition: Mapped[int] = mapped_column(default=1, server_default="1")
    edition_at: Mapped[Moment]
    created_at: Mapped[Moment]


class Goal(Base):
    """What the newsroom wants to reach; how far it is, is read from pledges and the ledger."""

    __tablename__ = "goal"
    __table_args__ = (
        CheckConstraint("kind IN ('patrons', 'monthly', 'raised')", name="known_kind"),
        CheckConstraint("target > 0", name="positive"),
        CheckConstraint("(currency IS NULL) = (kind = 'patrons')", name="money_has_a_currency"),
        CheckConstraint("(starts_on IS NOT NULL) = (kind = 'raised')", name="raised_since"),
        CheckConstraint("starts_on <= ends_on", name="begins_before_it_ends"),
    )

    id: Mapped[Key]
    #: By language.
    titles: Mapped[dict[str, str]] = mapped_column(JSONB)
    #: See `appeals.rules.GoalKind`.
    kind: Mapped[str] = mapped_column(String(10))
    #: Patrons, or minor units of its currency.
    target: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    #: Gifts count from this day on, in the newsroom's zone.
    starts_on: Mapped[date | None]
    #: Its last day; null for a goal without one.
    ends_on: Mapped[date | None]
    is_shown: Mapped[bool] = mapped_column(default=True, server_default="true")
    created_at: Mapped[Moment]

    @property
    def money(self) -> Money | None:
        """What is to be reached, where it is money."""
        return None if self.currency is None else Money(self.target, self.currency)
