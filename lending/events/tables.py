"""Tables of events: rooms, events, crates handed out and back, counts, statements and disputes."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base
from lending.events.values import Answer, BackHow, DisputeDecision, EventKind, StatementWhy

_OUT = sa.text("back_at IS NULL")
_WHOLE = sa.text("broken_at IS NULL")


class Room(Base):
    """A room of a hall; it is put out of use, never deleted."""

    __tablename__ = "room"
    __table_args__ = (sa.UniqueConstraint("site_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class Event(Base):
    """A funeral or an event that borrows ware by the crate; its id is that of its occasion.

    Nothing of a family stands here. `contact_sealed`: whom to ask at the hall (a role, the hall's
    number); it goes when the event is settled or called off.
    """

    __tablename__ = "event"
    __table_args__ = (
        sa.CheckConstraint("until_at > from_at", name="until"),
        sa.CheckConstraint("guests > 0", name="guests"),
        sa.Index(None, "district_id", "from_at", "id"),
        sa.Index(None, "site_id", "until_at"),
        sa.Index(None, "room_id", "from_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))  # the hall that answers for it
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("room.id"))
    place: Mapped[str] = mapped_column(default="")  # where it is in no room
    kind: Mapped[EventKind] = mapped_column(by_value(EventKind))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    guests: Mapped[int] = mapped_column(sa.Integer)
    contact_sealed: Mapped[bytes | None]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    changed_at: Mapped[datetime | None]
    changed_by: Mapped[str | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None]
    settled_at: Mapped[datetime | None]  # hall and centre agree, or the hall let its time go by
    link_hash: Mapped[bytes | None] = mapped_column(unique=True)  # of the hall's link
    link_number: Mapped[int] = mapped_column(sa.Integer, default=0)  # which link is the valid one


class CrateSeal(Base):
    """The seal that is on a crate; a crate has one at a time, until it is broken."""

    __tablename__ = "crate_seal"
    __table_args__ = (
        sa.Index(
            "uq_crate_seal_whole",
            "crate_id",
            unique=True,
            postgresql_where=_WHOLE,
            sqlite_where=_WHOLE,
        ),
        sa.Index(None, "event_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # of the packing that put it on
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    crate_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"))
    event_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("event.id"))  # packed for it
    number: Mapped[str]
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    put_at: Mapped[datetime]
    put_by: Mapped[str]
    broken_at: Mapped[datetime | None]
    broken_by: Mapped[str | None]


class EventCrate(Base):
    """A crate handed to an event; its id is that of the scan that lent it.

    `seal`, `signed`: its number and who took the crate over, by role or initials. A crate is out at
    one event at a time. `in_at`: it came in at a washing centre after that. `counted_in`: the
    statement that counts what was in it.
    """

    __tablename__ = "event_crate"
    __table_args__ = (
        sa.CheckConstraint("(back_at IS NULL) = (back_how IS NULL)", name="back"),
        sa.Index(
            "uq_event_crate_out", "crate_id", unique=True, postgresql_where=_OUT, sqlite_where=_OUT
        ),
        sa.Index(None, "event_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    event_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("event.id"))
    crate_id: Mapped[int] = mapped_column(sa.ForeignKey("item.id"))
    seal: Mapped[str] = mapped_column(default="")  # empty: it had none
    top_up: Mapped[bool] = mapped_column(default=False)
    signed: Mapped[str]
    handed_at: Mapped[datetime]  # when it was so, by the corrected clock
    handed_by: Mapped[str]
    recorded_at: Mapped[datetime]
    back_id: Mapped[uuid.UUID | None]  # of the telling that brought it back
    back_how: Mapped[BackHow | None] = mapped_column(by_value(BackHow))
    back_at: Mapped[datetime | None]
    back_by: Mapped[str | None]
    back_signed: Mapped[str] = mapped_column(default="")
    in_at: Mapped[datetime | None]
    counted_in: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("event_statement.id"), index=True
    )


class EventLine(Base):
    """What was in a crate when it was handed out, by kind: pieces with a code, and counted ones."""

    __tablename__ = "event_line"
    __table_args__ = (sa.CheckConstraint("tracked >= 0 AND counted >= 0", name="pieces"),)

    event_crate_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("event_crate.id"), primary_key=True
    )
    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"), primary_key=True)
    tracked: Mapped[int] = mapped_column(sa.Integer)
    counted: Mapped[int] = mapped_column(sa.Integer)


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


class EventSetting(Base):
    """A district's times, where they are not ours: hours to count, days to answer a statement."""

    __tablename__ = "event_setting"
    __table_args__ = (sa.CheckConstraint("count_hours > 0 AND answer_days > 0", name="times"),)

    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), primary_key=True)
    count_hours: Mapped[int] = mapped_column(sa.Integer)
    answer_days: Mapped[int] = mapped_column(sa.Integer)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class EventKindSetting(Base):
    """How many pieces of a kind go out for 100 guests of a sort of event, and what one that does not
    come back costs (won; none: the district does not charge)."""

    __tablename__ = "event_kind_setting"
    __table_args__ = (
        sa.CheckConstraint("per_100 >= 0", name="per_100"),
        sa.CheckConstraint("price IS NULL OR price >= 0", name="price"),
    )

    kind_id: Mapped[int] = mapped_column(sa.ForeignKey("item_kind.id"), primary_key=True)
    event: Mapped[EventKind] = mapped_column(by_value(EventKind), primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"), index=True)
    per_100: Mapped[int] = mapped_column(sa.Integer)
    price: Mapped[int | None] = mapped_column(sa.Integer)
    crate_pieces: Mapped[int | None] = mapped_column(sa.Integer)  # none: 100 go into a crate
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
