"""The writer's reading statements, made once: building one anew costs as much as running it."""

import sqlalchemy as sa

from lending.bulk import one_of
from lending.db import table_of
from lending.loop.loans.stopped import clock_stops, stopping_words, warned_at
from lending.loop.tables import (
    CrateStay,
    Forgiveness,
    Item,
    ItemKind,
    Label,
    Loan,
    Occasion,
    Scan,
    ScanBorrower,
    ScanGap,
)
from lending.loop.write.rows import EVENT_COLUMNS, ITEM_COLUMNS
from lending.places.tables import District, Site


def of_any_district() -> sa.ColumnElement[bool]:
    """True of every item; so a search by site finds the index that begins with the district."""
    return Item.district_id.in_(sa.select(District.id))


SITES = sa.select(Site.id, Site.code, Site.district_id, Site.kind, Site.batch_required).where(
    one_of(Site.code, "codes") | one_of(Site.id, "ids")
)
"""(id, code, district id, kind, batch required) of `codes` and `ids`."""

LOCKED_ITEMS = (
    sa.select(*ITEM_COLUMNS, ItemKind.code, Label.code)
    .join(Label, Label.item_id == Item.id)
    .join(ItemKind, ItemKind.id == Item.kind_id)
    .where(one_of(Label.code, "codes"))
    .order_by(Item.carrier.desc(), Item.id)
    .with_for_update(of=table_of(Item))
)
"""ITEM_COLUMNS, kind and label of the items of `codes`, locked: crates first (what is in a crate is
locked under the crate's lock), then in the order of their ids.

Only what never changes is joined: PostgreSQL looks at a row again after waiting for its lock, at
the rows joined to it not.
"""

LOCKED_ITEMS_BY_ID = (
    sa.select(*ITEM_COLUMNS, ItemKind.code)
    .join(ItemKind, ItemKind.id == Item.kind_id)
    .where(one_of(Item.id, "items"))
    .order_by(Item.id)
    .with_for_update(of=table_of(Item))
)
"""The same without a label, of what is in the crates of a call."""

LABELS_SETTLED = (
    sa.select(Label.code, Label.item_id)
    .where(one_of(Label.code, "codes"))
    .order_by(Label.code)
    .with_for_update(read=True)
)
"""The labels of `codes`, once nobody else is putting them on a piece; nobody does until we end."""

KNOWN_SCANS = (
    sa.select(
        Scan.action, Scan.code, Scan.at, Scan.site_id, Scan.of, Scan.item_id, Scan.recorded_at,
        sa.or_(Scan.party.is_not(None), Scan.unresolved), ScanBorrower.digest, Scan.override,
        Scan.reason, Scan.id,
    )
    .outerjoin(ScanBorrower, ScanBorrower.scan_id == Scan.id)
    .where(one_of(Scan.id, "ids") | one_of(Scan.of, "ids"))
)  # fmt: skip
"""The scans of `ids`, and those that name one of them."""

OCCASIONS = (
    sa.select(Occasion.id, Occasion.district_id, Occasion.ends_on)
    .where(one_of(Occasion.id, "ids"))
    .order_by(Occasion.id)
    .with_for_update(read=True)
)
"""What lends of a call are for; locked against another end until the call is over."""

CARRIED_WITH = (
    sa.select(Scan.of, sa.func.count().label("count"))
    .where(one_of(Scan.of, "scans"), Scan.crate_id.is_not(None))
    .group_by(Scan.of)
)
"""How many derived scans each of these scans of a crate has, those taken back too."""

EVENTS_OF_ITEMS = sa.select(*EVENT_COLUMNS, Scan.item_id).where(one_of(Scan.item_id, "items"))

LOANS_OF_ITEMS = sa.select(
    Loan.id, Loan.site_id, Loan.opened_at, Loan.extensions, Loan.lost_at, Loan.resumed_at,
    Loan.occasion_id, Loan.closed_at, Loan.closed_by, Loan.outcome, Loan.item_id, Loan.due_at,
).where(one_of(Loan.item_id, "items"))  # fmt: skip

STAYS_OF_ITEMS = sa.select(
    CrateStay.id, CrateStay.crate_id, CrateStay.packed_at, CrateStay.left_at, CrateStay.left_by,
    CrateStay.item_id,
).where(one_of(CrateStay.item_id, "items"))  # fmt: skip

GAPS_OF_ITEMS = sa.select(ScanGap.item_id, ScanGap.scan_id, ScanGap.gap).where(
    one_of(ScanGap.item_id, "items")
)

# As a scalar with its limit, not as EXISTS: PostgreSQL may answer that by reading every word there is.
_CLOCK_STOPPED = sa.func.coalesce(
    stopping_words(Loan.id).limit(1).scalar_subquery(),
    clock_stops(Loan.id).limit(1).scalar_subquery(),
)
BORROWER_FILES = (
    sa.select(
        ScanBorrower.resident_id, Scan.item_id, Scan.party, Loan.id, Loan.due_at, Loan.lost_at,
        sa.case((Loan.id.is_not(None), warned_at())), Forgiveness.lend_id,
        sa.case((Loan.id.is_not(None), _CLOCK_STOPPED)),
    )
    .join(Scan, Scan.id == ScanBorrower.scan_id)
    .outerjoin(Loan, (Loan.id == ScanBorrower.scan_id) & Loan.closed_at.is_(None))
    .outerjoin(Forgiveness, Forgiveness.lend_id == Loan.id)
    .where(one_of(ScanBorrower.resident_id, "residents"))
    .where(Loan.id.is_not(None) | one_of(Scan.item_id, "items"))
)  # fmt: skip
"""What `residents` have out, and their earlier lends of `items`."""
