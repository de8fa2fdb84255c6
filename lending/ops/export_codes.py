"""Writes the codes of a kind of ware into a CSV file, for engraving."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from lending.db import reading
from lending.errors import Code, LendingError
from lending.labels.engraving import write_codes_csv
from lending.loop.tables import Item, ItemKind, Label

AT_ONCE = 5000


def export_codes(engine: Engine, *, kind: str, out: Path, public_url: str) -> int:
    """Every label in use or not yet claimed, of this kind in any district; how many.

    NOT_FOUND (field kind), for counted ware too: it has no codes. A label that was replaced by
    another is left out.
    """
    with reading(engine) as session:
        coded = sa.select(ItemKind.id).where(ItemKind.code == kind, ~ItemKind.counted)
        kinds = session.scalars(coded).all()
        if not kinds:
            raise LendingError(Code.NOT_FOUND, field="kind", detail=kind)
        query = (
            sa.select(Label.code)
            .outerjoin(Item, Item.id == Label.item_id)
            .where(Label.kind_id.in_(kinds), Label.item_id.is_(None) | (Item.code == Label.code))
            .order_by(Label.created_at, Label.code)
            .execution_options(yield_per=AT_ONCE)
        )
        lines = -1  # the header is no code
        with out.open("w", encoding="utf-8", newline="") as file:
            for line in write_codes_csv(session.scalars(query), public_url=public_url):
                file.write(line)
                lines += 1
    return lines
