"""What stands beside rounds: the monthly template, pictures of topics, corrections, extensions."""

from datetime import date, time

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment
from app.owed import NeverGivenUp
from app.voting.tally import Method, TieRule


class Planned:
    """The columns of a round that say what staff planned for it beside the vote itself."""

    #: The template that drafted it; null for one that staff drafted.
    template_id: Mapped[int | None] = mapped_column(ForeignKey("round_template.id"))
    #: The first day of the month it was drafted for; null where no template did.
    month: Mapped[date | None]
    #: When staff first changed what the template had drafted; null while it fills itself.
    edited_at: Mapped[Moment | None]
    #: When a typing error in it was corrected or its close put off, last; null for never.
    amended_at: Mapped[Moment | None]
    #: When staff were told that the draft is not ready; null while they were not.
    warned_at: Mapped[Moment | None]
    #: When who has not voted yet is reminded; null for never.
    remind_at: Mapped[Moment | None]
    #: When they were reminded.
    reminded_at: Mapped[Moment | None]
    #: So many hours after the count its result is published; null: when staff say so. A null that
    #: is set is written as one: it does not give way to the default.
    publish_after_hours: Mapped[int | None] = mapped_column(
        SmallInteger().evaluates_none(), default=0, server_default="0"
    )


class Offered:
    """The columns of a topic that say where it came from and how it is shown."""

    #: The patrons' proposal it goes back to; null for the newsroom's own.
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    #: The earlier round it did not win; null where it was not in one.
    carried_from: Mapped[int | None] = mapped_column(ForeignKey("voting_round.id"))
    #: Whose idea or picture it is, in the newsroom's words.
    credit: Mapped[str] = mapped_column(String(200), default="", server_default="")
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("topic_picture.id"))
    #: What the picture shows, for who does not see it.
    picture_alt: Mapped[str] = mapped_column(String(300), default="", server_default="")


class TopicPicture(Base):
    """A picture that staff uploaded for a topic, as it came."""

    __tablename__ = "topic_picture"

    id: Mapped[Key]
    #: image/png, image/jpeg or image/webp, as its first bytes say.
    content_type: Mapped[str] = mapped_column(String(20))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())


class RoundCorrection(Base):
    """A typing error corrected in an open round: both versions, added once."""

    __tablename__ = "round_correction"

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(ForeignKey("voting_round.id"), index=True)
    #: The topic's number; null for the question and the introduction.
    number: Mapped[int | None] = mapped_column(SmallInteger)
    #: "title", "intro" or "summary".
    field: Mapped[str] = mapped_column(String(20))
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    by_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    corrected_at: Mapped[Moment]


class RoundExtension(Base):
    """That a round's close was put off, and why, for everybody to read."""

    __tablename__ = "round_extension"
    __table_args__ = (CheckConstraint("before < after", name="only_later"),)

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(ForeignKey("voting_round.id"), index=True)
    before: Mapped[Moment]
    after: Mapped[Moment]
    note: Mapped[str] = mapped_column(Text)
    by_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    extended_at: Mapped[Moment]


class RoundTemplate(NeverGivenUp, Base):
    """How the newsroom's monthly round is drafted. What it owes is the next month's draft."""

    __tablename__ = "round_template"
    __table_args__ = (
        CheckConstraint("opens_day BETWEEN 1 AND 28", name="day_of_every_month"),
        CheckConstraint("days_open BETWEEN 1 AND 28", name="closes_before_the_next"),
        CheckConstraint("seats > 0 AND max_choices > 0 AND most_topics > seats", name="positive"),
        Index("ix_round_template_owed", "due_at", postgresql_where="due_at IS NOT NULL"),
    )

    id: Mapped[Key]
    is_on: Mapped[bool]
    #: Day and time of the opening, and so many days later the time of the close, in the
    #: newsroom's zone.
    opens_day: Mapped[int] = mapped_column(SmallInteger)
    opens_time: Mapped[time]
    days_open: Mapped[int] = mapped_column(SmallInteger)
    closes_time: Mapped[time]
    #: The question; "{month}" in it stands for the month's name.
    title: Mapped[str] = mapped_column(String(180))
    intro: Mapped[str] = mapped_column(Text, default="")
    method: Mapped[str] = mapped_column(String(20), default=Method.MOST_WANTED)
    tie_rule: Mapped[str] = mapped_column(String(20), default=TieRule.LOT)
    roll_rule: Mapped[str] = mapped_column(String(30))
    max_choices: Mapped[int] = mapped_column(SmallInteger)
    seats: Mapped[int] = mapped_column(SmallInteger)
    quorum: Mapped[int | None]
    #: How many topics a round offers at most, and how many of them the last round's runners-up.
    most_topics: Mapped[int] = mapped_column(SmallInteger)
    carried: Mapped[int] = mapped_column(SmallInteger)
    publish_after_hours: Mapped[int | None] = mapped_column(SmallInteger)
    #: Whether staff want its rounds to open with nobody looking at them first.
    opens_alone: Mapped[bool]
    #: Since when they do: from then on two members of staff have agreed, or there is only one.
    alone_since: Mapped[Moment | None]
    #: Openings before this moment are none of its business.
    since: Mapped[Moment]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
