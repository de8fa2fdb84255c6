"""What the statements over machines share: the columns settings are made of, and the hours in force."""

from typing import Any

import sqlalchemy as sa

from lending.machines.settings import Settings, read_settings
from lending.machines.tables import Machine
from lending.places.tables import Opening, Site

Rows = sa.Select[*tuple[Any, ...]]
SETTING_COLUMNS: tuple[Any, ...] = (
    Machine.accepts, Machine.takes_bottles, Machine.full_at, Machine.hot_at,
    Opening.weekdays, Opening.opens, Opening.closes,
)  # fmt: skip


def join_settings(query: Rows, now: Any) -> Rows:
    """The query over Site with its Machine and the Opening in force at `now`, where there are any."""
    in_force = (
        sa.select(Opening.id)
        .where(Opening.site_id == Site.id, Opening.valid_from <= now)
        .order_by(Opening.valid_from.desc())
        .limit(1)
        .correlate(Site)
        .scalar_subquery()
    )
    return query.outerjoin(Machine, Machine.site_id == Site.id).outerjoin(
        Opening, Opening.id == in_force
    )


def settings_of(row: Any) -> Settings:
    """The settings in a row with SETTING_COLUMNS."""
    return read_settings(
        accepts=row.accepts, takes_bottles=row.takes_bottles, full_at=row.full_at,
        hot_at=row.hot_at, weekdays=row.weekdays, opens=row.opens, closes=row.closes,
    )  # fmt: skip
