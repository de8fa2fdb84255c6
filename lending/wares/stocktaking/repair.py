"""The proposed repair of a stocktaking: what was there unexpectedly is recorded as seen there."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.errors import Code, LendingError
from lending.loop.care.decisions import STOCKTAKING, Decision
from lending.loop.care.repairs import mark
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action, State
from lending.loop.tables import Item, Review
from lending.people.actors import Actor, ActorKind
from lending.people.sealing import Keys
from lending.places.tables import Site, SiteKind
from lending.wares.stocktaking.notes import STANDING
from lending.wares.stocktaking.sessions import lock_session
from lending.wares.stocktaking.tables import StockPiece, StockSession, Verdict

MOST_SCANS = 10_000  # of one repair


@dataclass(frozen=True, slots=True)
class Repaired:
    """How many pieces were recorded as seen here, and how many as not found."""

    seen: int
    lost: int


def repair_stocktaking(
    session: Session,
    *,
    session_id: uuid.UUID,
    actor: Actor,
    keys: Keys,
    now: datetime,
    lose_missing: bool = False,
) -> Repaired:
    """Records the pieces that were there unexpectedly as seen there when they were noted, and
    settles the session's review entry; `reopen_review` takes all of it back.

    The step recorded is the one most likely missed (see `step_for`); retired pieces are left to a
    head. `lose_missing`: those still not seen since the session began are recorded as not found;
    nothing does that by itself. NOT_FOUND (field review) where no entry is open; TOO_LARGE beyond
    10,000 scans; what the writer refuses is raised and nothing changes.
    """
    row = lock_session(session, session_id, actor)
    open_entry = sa.select(Review).where(
        Review.scan_id == session_id, Review.subject == STOCKTAKING, Review.settled_at.is_(None)
    )
    entry = session.scalars(open_entry.with_for_update()).one_or_none()
    if entry is None:
        raise LendingError(Code.NOT_FOUND, field="review")
    site = session.get_one(Site, row.site_id)
    seen = _sightings(session, row, site, entry.id)
    lost = _losses(session, row, site, entry.id, now) if lose_missing else []
    if len(seen) + len(lost) > MOST_SCANS:
        raise LendingError(Code.TOO_LARGE, field="session")
    if seen or lost:
        receipts = record_scans(session, [*seen, *lost], actor=actor, keys=keys, now=now)
        for receipt in receipts:
            if receipt.result is Result.REFUSED:
                raise LendingError(receipt.error or Code.INVALID, field=receipt.field)
    entry.settled_at, entry.settled_how = now, Decision.REPAIR.value
    entry.settled_by = actor.id if actor.kind is ActorKind.STAFF else None
    session.flush()
    return Repaired(len(seen), len(lost))


def step_for(state: State, *, at_centre: bool, carrier: bool, holds_clean: bool) -> Action | None:
    """The step to record for a piece seen at a place where the log does not have it.

    Ready and shipped pieces are stocked (clean stays clean, the missed steps are counted); what
    was used is returned, or received at the washing centre; dirty and washed ones are only seen
    (an unpack changes no state). A crate brings what is in it: stocked if any of that is clean.
    """
    if state is State.RETIRED:
        return None
    back = Action.RECEIVE if at_centre else Action.RETURN
    if carrier:
        return Action.STOCK if holds_clean or state is State.SHIPPED else back
    if state in (State.READY, State.SHIPPED):
        return Action.STOCK
    return Action.UNPACK if state in (State.DIRTY, State.WASHED) else back


def _sightings(session: Session, row: StockSession, site: Site, entry_id: int) -> list[ScanIn]:
    """One for each piece but those noted with their crate: they come with it."""
    inside = aliased(Item)
    clean = sa.exists().where(inside.crate_id == Item.id, inside.clean)
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Item.code, Item.state, Item.carrier, clean, StockPiece.noted_at)
        .join(Item, Item.id == StockPiece.item_id)
        .where(
            StockPiece.session_id == row.id,
            StockPiece.verdict == Verdict.UNEXPECTED,
            StockPiece.crate_id.is_(None),
        )
        .order_by(Item.id)
        .limit(MOST_SCANS + 1)
    )
    scans = []
    for code, state, carrier, holds_clean, noted_at in session.execute(query):
        action = step_for(
            state, at_centre=site.kind is SiteKind.WASH_CENTRE, carrier=carrier,
            holds_clean=holds_clean,
        )  # fmt: skip
        if action is not None:
            scans.append(_scan(action, code, noted_at, site, entry_id, of=row.id))
    return scans


def _losses(
    session: Session, row: StockSession, site: Site, entry_id: int, now: datetime
) -> Sequence[ScanIn]:
    query = (
        sa.select(Item.code)
        .join(StockPiece, StockPiece.item_id == Item.id)
        .where(
            StockPiece.session_id == row.id,
            StockPiece.verdict == Verdict.MISSING,
            Item.state.in_(STANDING),
            Item.last_at < row.begun_at,
        )
        .order_by(Item.id)
        .limit(MOST_SCANS + 1)
    )
    # Without `of`: a loss that names something is the loss of that loan.
    return [_scan(Action.LOSE, code, now, site, entry_id) for code in session.scalars(query)]


def _scan(
    action: Action, code: str, at: datetime, site: Site, entry_id: int, of: uuid.UUID | None = None
) -> ScanIn:
    return ScanIn(
        uuid.uuid4(), action, code, at, site=site.code, of=of, clock_error=0.0, note=mark(entry_id)
    )
