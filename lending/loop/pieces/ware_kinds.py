"""Table of the kinds of ware: cups, containers, their counted parts, crates and bags."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lending.db import Base


class ItemKind(Base):
    """A kind of ware, such as a cup of 355 mL."""

    __tablename__ = "item_kind"
    __table_args__ = (sa.UniqueConstraint("district_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(sa.ForeignKey("district.id"))
    code: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    design_uses: Mapped[int] = mapped_column(sa.Integer, default=200)
    break_even_uses: Mapped[int] = mapped_column(sa.Integer, default=6)
    # A crate or a bag: it has a code, carries ware and is none.
    carrier: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    # Without a code for each piece: known by quantities only (lending/wares).
    counted: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    # Whether a stain retires a piece of it: a cup's does, a delivery container's alone does not.
    stain_retires: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    # The counted part of a set whose other part carries the code: the lid of a container.
    part_id: Mapped[int | None] = mapped_column(sa.ForeignKey("item_kind.id"))
    created_at: Mapped[datetime]
