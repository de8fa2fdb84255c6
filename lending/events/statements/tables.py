"""Tables of what was found after an event: statements, their lines and photos, disputes."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base
from lending.events.values import Answer, DisputeDecision, StatementWhy


class Statement(Base):
    """What was sent, came back, broke and is missing after an event; a version, never changed.

    Only its answers are written later: the centre's word that it is right and the hall's.
    """

    __tablename__ = "event_statement"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "version"),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        sa.CheckConstraint("(sent_at IS NULL) = (answer_by IS NULL)", name="sent"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # of the count or decision that made it
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), index=True)
    event_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("event.id"))
    version: Mapped[int] = mapped_column(sa.Integer)  # from 1
    why: Mapped[StatementWhy] = mapped_column(by_value(StatementWhy))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))  # the centre that counted
    counted_at: Mapped[datetime]
    counted_by: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]  # the centre says it is right: the hall may answer
    sent_by: Mapped[str | None]
    answer_by: Mapped[datetime | None]  # until then
    answer: Mapped[Answer | None] = mapped_column(by_value(Answer))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]  # "staff:12", "link" or "system:0"
    answer_name: Mapped[str] = mapped_column(default="")  # a role or initials


class StatementLine(Base):
    """One line of a statement: a kind of ours, or ware that is not ours (`what`)."""

    __tablename__ = "event_statement_line"
    __table_args__ = (
        sa.CheckConstraint("(kind_id IS NULL) = (what <> '')", name="kind_or_what"),
        sa.CheckConstraint(
            "sent >= 0 AND returned >= 0 AND broken >= 0 AND missing >= 0 AND surplus >= 0"
            " AND foreign_pieces >= 0",
            name="pieces",
        ),
        sa.CheckConstraint(
            "kind_id IS NULL OR sent + surplus = returned + broken + missing", name="adds_up"
        ),
    )

    statement_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("event_statement.id"), primary_key=True
    )
    position: Mapped[int] = mapped_column(sa.Integer, primary_key=True)  # from 1
    kind_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item_kind.id"))
    what: Mapped[str] = mapped_column(default="")
    sent: Mapped[int] = mapped_column(sa.Integer, default=0)
    returned: Mapped[int] = mapped_column(sa.Integer, default=0)
    broken: Mapped[int] = mapped_column(sa.Integer, default=0)
    missing: Mapped[int] = mapped_column(sa.Integer, default=0)
    surplus: Mapped[int] = mapped_column(sa.Integer, default=0)  # more came back than was sent
    foreign_pieces: Mapped[int] = mapped_column(sa.Integer, default=0)  # found, but not sent here
    price: Mapped[int | None] = mapped_column(sa.Integer)  # won for each missing or broken piece


class StatementPhoto(Base):
    """A photo that belongs to a statement; it is kept about this id (lending/photos)."""

    __tablename__ = "event_statement_photo"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    statement_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("event_statement.id"), index=True)


class Dispute(Base):
    """The hall says a line of a statement is wrong: why, how many it says are missing; a photo may
    be kept about its id. A review entry of this id is open until it is decided."""

    __tablename__ = "event_dispute"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["statement_id", "position"],
            ["event_statement_line.statement_id", "event_statement_line.position"],
        ),
        sa.UniqueConstraint("statement_id", "position"),
        sa.CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), index=True)
    statement_id: Mapped[uuid.UUID]
    position: Mapped[int] = mapped_column(sa.Integer)
    missing_said: Mapped[int | None] = mapped_column(sa.Integer)
    reason: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]  # "staff:12" or "link"
    name: Mapped[str] = mapped_column(default="")  # a role or initials
    decision: Mapped[DisputeDecision | None] = mapped_column(by_value(DisputeDecision))
    broken: Mapped[int | None] = mapped_column(sa.Integer)  # what a corrected line says
    missing: Mapped[int | None] = mapped_column(sa.Integer)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decision_note: Mapped[str] = mapped_column(default="")
