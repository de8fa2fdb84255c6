"""Tables of events: rooms, events, crates handed out and back, counts, statements and disputes."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base
from lending.events.statements.tables import Dispute, Statement, StatementLine, StatementPhoto
from lending.events.values import BackHow, EventKind

__all__ = [
    "CrateSeal", "Dispute", "Event", "EventCrate", "EventKindSetting", "EventLine", "EventSetting", "Room",
    "Statement", "StatementLine", "StatementPhoto",
]  # fmt: skip

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
