"""Setting aside: what a place is asked to put away, and its word that it has."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import one_of
from lending.errors import Code, LendingError
from lending.loop.codes import read_code
from lending.loop.steps import State
from lending.loop.tables import Item, ItemKind, Label
from lending.people.actors import Actor
from lending.people.rights import may_act_at
from lending.places.sites import SiteView
from lending.washing.batches.rights import signed
from lending.washing.hygiene.tables import Reach, Recall, RecallPiece

AWAY = (State.LENT, State.LOST, State.RETIRED, State.SHIPPED, State.COLLECTED)


@dataclass(frozen=True, slots=True)
class AsideLine:
    """A piece to be set aside at a place."""

    recall_id: uuid.UUID
    code: str
    kind: str
    state: State
    since: datetime  # when the recall opened


def list_to_set_aside(session: Session, *, site_id: int) -> list[AsideLine]:
    """The held pieces that stand at a place and nobody has ticked off, by kind and code."""
    query = (
        sa.select(RecallPiece.recall_id, Item.code, ItemKind.code, Item.state, Recall.opened_at)
        .join(Recall, Recall.id == RecallPiece.recall_id)
        .join(Item, Item.id == RecallPiece.item_id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(Item.site_id == site_id, Item.state.not_in(AWAY), Recall.closed_at.is_(None))
        .where(RecallPiece.reach == Reach.HELD, RecallPiece.ended_how.is_(None))
        .where(RecallPiece.set_aside_at.is_(None))
        .order_by(ItemKind.code, Item.code)
    )
    return [AsideLine(*row) for row in session.execute(query)]


def tick_set_aside(
    session: Session, *, site: SiteView, codes: Sequence[str], actor: Actor, now: datetime
) -> int:
    """Somebody at the place has put these pieces away; how many are new. The first word counts, and
    only for what is known to lie there: a piece found though it is lent is scanned first.

    NOT_ALLOWED_HERE (field site) for another's place.
    """
    if not may_act_at(actor.role, own_site_id=actor.site_id, site_id=site.id):
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
    labelled = (
        sa.select(Label.item_id)
        .join(Item, Item.id == Label.item_id)
        .where(one_of(Label.code, "codes"), Item.site_id == site.id, Item.state.not_in(AWAY))
    )
    still_open = sa.select(Recall.id).where(
        Recall.district_id == actor.district_id, Recall.closed_at.is_(None)
    )
    ticked = session.execute(
        sa.update(RecallPiece)
        .where(
            RecallPiece.item_id.in_(labelled),
            RecallPiece.recall_id.in_(still_open),
            RecallPiece.reach == Reach.HELD,
            RecallPiece.set_aside_at.is_(None),
        )
        .values(set_aside_at=now, set_aside_by=signed(actor))
        .returning(RecallPiece.item_id)
        .execution_options(synchronize_session=False),
        {"codes": [read_code(code) for code in codes]},
    )
    return len({row.item_id for row in ticked})
