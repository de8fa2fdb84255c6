"""Which kinds a stain alone does not retire: steel and plastic containers, as a programme has them."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.tables import ItemKind


def keep_stained(session: Session, *, district_id: int, kinds: Collection[str]) -> None:
    """From now on a stain alone retires pieces of every kind of the district but these (codes)."""
    session.execute(
        sa.update(ItemKind)
        .where(ItemKind.district_id == district_id)
        .values(stain_retires=ItemKind.code.not_in(kinds))
        .execution_options(synchronize_session=False)
    )


def kept_stained(session: Session, *, district_id: int) -> set[str]:
    """The codes of these kinds."""
    query = sa.select(ItemKind.code).where(
        ItemKind.district_id == district_id, ~ItemKind.stain_retires
    )
    return set(session.scalars(query))
