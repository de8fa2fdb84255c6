"""The table of photos; their bytes lie in the database, so that backups and every server have them."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.db import Base


class Photo(Base):
    """One photo, encoded anew without metadata; its random id is its only address."""

    __tablename__ = "photo"
    __table_args__ = (
        sa.UniqueConstraint("district_id", "about"),
        sa.Index(None, "expires_at"),
        {"info": {"rows_at_once": 20}},  # a backup holds that many at a time in memory
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    about: Mapped[uuid.UUID]  # the report or scan it was sent with: sent again, it is stored once
    taken_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    jpeg: Mapped[bytes]
