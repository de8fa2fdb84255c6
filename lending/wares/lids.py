"""Containers that came without their lid, told by the code on the container."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lending.errors import Code, LendingError
from lending.loop.codes import read_code
from lending.loop.steps import Action
from lending.loop.tables import Item, ItemKind, Label, Scan
from lending.people.actors import Actor
from lending.wares.parts import part_missing
from lending.wares.values import MoveReceipt

MOST_CODES = 500
SEEN_WITHIN = timedelta(days=7)  # a lid is missed where the container has just come in
SEEN_BY = (Action.RETURN, Action.COLLECT, Action.RECEIVE, Action.WASH, Action.PASS, Action.REWASH)


def miss_lids(
    session: Session, *, codes: Sequence[str], site_id: int, actor: Actor, now: datetime
) -> list[MoveReceipt]:
    """One lid each goes missing, for containers that came in here within a week; told again for the
    same coming-in it changes nothing.

    `codes`: as readers send them. All or none: INVALID or BAD_CHECK_DIGIT, NOT_FOUND (field codes;
    `detail`: the code at fault) for a container that is unknown, has no lid or did not come here;
    TOO_LARGE.
    """
    if len(codes) > MOST_CODES:
        raise LendingError(Code.TOO_LARGE, field="codes")
    read = [_read(code) for code in codes]
    seen = _latest(session, set(read), site_id, actor, now - SEEN_WITHIN)
    for code in read:
        if code not in seen:
            raise LendingError(Code.NOT_FOUND, field="codes", detail=code)
    scans = {seen[code] for code in read}
    return part_missing(session, scan_ids=scans, actor=actor, now=now)


def _read(text: str) -> str:
    try:
        return read_code(text)
    except LendingError as error:
        raise LendingError(error.code, field="codes", detail=text[:40]) from error


def _latest(
    session: Session, codes: set[str], site_id: int, actor: Actor, since: datetime
) -> dict[str, Any]:
    """The last scan by which each container came here, by the label it was told by."""
    voiding = aliased(Scan)
    voided = sa.exists().where(voiding.of == Scan.id, voiding.action == Action.VOID)
    query = (
        sa.select(Label.code, Scan.id)
        .join(Item, Item.id == Label.item_id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .join(Scan, Scan.item_id == Item.id)
        .where(Label.code.in_(codes), Item.district_id == actor.district_id)
        .where(ItemKind.part_id.is_not(None), Scan.site_id == site_id, Scan.action.in_(SEEN_BY))
        .where(Scan.occurred_at >= since, ~voided)
        .order_by(Scan.occurred_at, Scan.id)
    )
    return {row[0]: row[1] for row in session.execute(query)}
