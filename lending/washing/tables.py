"""Tables of the washing centre: what it has set for itself, and those of the folders below."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.db import Base
from lending.loop.tables import small
from lending.washing.batches import tables as batches_tables  # noqa: F401 - the migrations find the tables by this file
from lending.washing.hygiene import tables as hygiene_tables  # noqa: F401
from lending.washing.table import tables as table_tables  # noqa: F401


class WashCentre(Base):
    """What a washing centre has set for itself; one that set nothing has no row."""

    __tablename__ = "wash_centre"
    __table_args__ = (sa.CheckConstraint("per_hour >= 0", name="per_hour"),)

    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    per_hour: Mapped[int] = small()  # the plan: pieces made ready in an hour, 0 for none
    changed_at: Mapped[datetime]
