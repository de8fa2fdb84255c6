"""Tables of the washing table: open sets, where each operator stands, what was done and its scans."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.columns import by_value
from lending.db import Base
from lending.loop.commands import Command
from lending.loop.steps import Action
from lending.loop.tables import small
from lending.washing.table.outcomes import Outcome


class WashSet(Base):
    """Pieces that go through the centre together; who scans the next piece of it takes it up."""

    __tablename__ = "wash_set"
    __table_args__ = (sa.Index(None, "site_id", "touched_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    opened_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class WashLane(Base):
    """Where one operator stands: the browser's own id at a site, its step and the set in hand."""

    __tablename__ = "wash_lane"

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    set_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("wash_set.id"))
    step: Mapped[Action] = mapped_column(by_value(Action))
    fault: Mapped[Command | None] = mapped_column(by_value(Command))
    fault_stays: Mapped[bool]  # scanned twice: for every piece until the next command
    crate: Mapped[str | None]  # received last: the pieces received next came out of it
    touched_at: Mapped[datetime]


class WashAct(Base):
    """One thing an operator did, so that it is done once and can be undone as a whole."""

    __tablename__ = "wash_act"
    __table_args__ = (sa.Index(None, "site_id", "lane_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    tray_id: Mapped[uuid.UUID | None] = mapped_column(index=True)  # one tray, an act for each set
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    lane_id: Mapped[uuid.UUID]
    set_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("wash_set.id"), index=True)
    outcome: Mapped[Outcome] = mapped_column(by_value(Outcome))
    action: Mapped[Action | None] = mapped_column(by_value(Action))
    reason: Mapped[str | None]
    count: Mapped[int] = small()
    refused: Mapped[int] = small()
    set_before: Mapped[uuid.UUID | None]
    step_before: Mapped[Action] = mapped_column(by_value(Action))
    made_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class WashPiece(Base):
    """A scan that an act made; `member`: it counts the piece into the act's set."""

    __tablename__ = "wash_piece"

    scan_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    act_id: Mapped[int] = mapped_column(sa.ForeignKey("wash_act.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item.id"), index=True)
    code: Mapped[str]
    member: Mapped[bool]
