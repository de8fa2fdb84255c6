"""Codes for one sheet of labels to try out: of pieces that stand clean first."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.labels.sheets import PER_SHEET
from lending.loop.pieces.claims import print_labels
from lending.loop.steps import State
from lending.loop.tables import Item, ItemKind, Label


@dataclass(frozen=True, slots=True)
class Sample:
    """The codes of one sheet and the name of their kind."""

    codes: list[str]
    kind_name: str


def find_sample(session: Session, *, district_id: int) -> Sample | None:
    """Labels that stand in the district already, of the first kind that has any.

    Pieces first, those ready to be lent before all others; then labels printed ahead. None when
    there is no label at all.
    """
    kinds = sa.select(ItemKind.id, ItemKind.name).where(ItemKind.district_id == district_id)
    for kind in session.execute(kinds.order_by(ItemKind.code)):
        query = (
            sa.select(Label.code)
            .outerjoin(Item, Item.id == Label.item_id)
            .where(Label.kind_id == kind.id, sa.or_(Item.id.is_(None), Item.code == Label.code))
            .order_by(
                sa.case((Item.id.is_(None), 2), (Item.state == State.READY, 0), else_=1),
                Label.code,
            )
            .limit(PER_SHEET)
        )
        if codes := list(session.scalars(query)):
            return Sample(codes, kind.name)
    return None


def print_sample(session: Session, *, district_id: int, now: datetime) -> Sample:
    """One sheet of labels printed ahead, of the district's first kind; NOT_FOUND without kinds."""
    kind = session.execute(
        sa.select(ItemKind.id, ItemKind.name)
        .where(ItemKind.district_id == district_id)
        .order_by(ItemKind.code)
        .limit(1)
    ).one_or_none()
    if kind is None:
        raise LendingError(Code.NOT_FOUND, field="kind")
    codes = print_labels(
        session, kind_id=kind.id, count=PER_SHEET, district_id=district_id, now=now
    )
    return Sample(codes, kind.name)
