"""A crate or bag at the washing table: what is in it takes the step with it, what comes out of it."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from lending.loop.steps import Action
from lending.loop.tables import Item, Scan
from lending.wares.balances import balances
from lending.wares.crates import soil_crates
from lending.washing.table.desk import Desk, PieceRow
from lending.washing.table.outcomes import Load


def unload(
    desk: Desk, crates: Mapping[uuid.UUID, int], action: Action
) -> dict[uuid.UUID, tuple[list[PieceRow], Load]]:
    """What these crates, scanned just now, took along: by the crate's scan, the rows of the pieces
    and the counts. Counted ware in a crate that came back is dirty from now on.

    `crates`: the crate's item by its scan. Called after the scans were recorded: who changes both
    scans and counted ware records the scans first.
    """
    if not crates:
        return {}
    derived = (
        sa.select(Scan.of, Scan.id, Item.id, Item.code, Scan.occurred_at)
        .join(Item, Item.id == Scan.item_id)
        .where(Scan.of.in_(list(crates)), Scan.action == action)
        .order_by(Item.id)
    )
    pieces: dict[uuid.UUID, list[PieceRow]] = defaultdict(list)
    for crate, scan, item, code, _ in desk.session.execute(derived):
        pieces[crate or scan].append((scan, item, code, True))
    if action is Action.RECEIVE:
        happened = sa.select(sa.func.max(Scan.occurred_at, type_=Scan.occurred_at.type))
        at = desk.session.scalars(happened.where(Scan.id.in_(list(crates)))).one()
        scans = {item: scan for scan, item in crates.items()}
        soil_crates(desk.session, scans, at=at, actor=desk.actor, now=desk.now)
    loose: dict[int, int] = defaultdict(int)
    for held in balances(
        desk.session, district_id=desk.site.district_id, crate_ids=list(crates.values())
    ):
        if held.account.crate_id is not None:
            loose[held.account.crate_id] += max(0, held.quantity)
    return {
        scan: (pieces[scan], Load(len(pieces[scan]), loose[item])) for scan, item in crates.items()
    }


def take_in_hand(desk: Desk, codes: Sequence[str], action: Action) -> None:
    """After a crate was received the pieces scanned next came out of it; of several nobody knows
    which, and any other step ends it."""
    if action is not Action.RECEIVE:
        desk.lane.crate = None
    elif codes:
        desk.lane.crate = codes[0] if len(codes) == 1 else None
