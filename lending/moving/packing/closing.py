"""A packing list is closed, and opened again as long as none of its crates is loaded: one table."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.moving.packing.crates import CLOCKS
from lending.moving.packing.lists import PackingView, load_packing_list
from lending.moving.packing.pieces import check_place
from lending.moving.tables import PackingList
from lending.people.actors import Actor
from lending.requests.acting import signature
from lending.requests.round_tables import Consignment


class ListState(StrEnum):
    """How far a packing list is."""

    OPEN = "open"
    CLOSED = "closed"  # all that is going to be packed is packed
    LEFT = "left"  # and the first of its crates is loaded: what lacks is for another list


class ListAct(StrEnum):
    """What a packer does with a list as a whole."""

    CLOSE = "close"
    REOPEN = "reopen"


# Whether a list is closed after an act; what stands nowhere is refused. Again, it changes nothing.
CLOSED_AFTER = {
    (ListState.OPEN, ListAct.CLOSE): True,
    (ListState.CLOSED, ListAct.CLOSE): True,
    (ListState.LEFT, ListAct.CLOSE): True,
    (ListState.OPEN, ListAct.REOPEN): False,
    (ListState.CLOSED, ListAct.REOPEN): False,
}


def state_of(*, is_closed: bool, is_loaded: bool) -> ListState:
    """`is_loaded`: any of its crates is."""
    if not is_closed:
        return ListState.OPEN
    return ListState.LEFT if is_loaded else ListState.CLOSED


def may(act: ListAct, state: ListState) -> bool:
    """Whether the act is possible and changes anything."""
    return CLOSED_AFTER.get((state, act)) not in (None, state is not ListState.OPEN)


def act_on_list(
    session: Session, act: ListAct, *, list_id: uuid.UUID, actor: Actor, at: datetime
) -> PackingView:
    """Closes a list, complete or not, or opens it again; whoever may act for its packing place may.
    Its crates stay as they are, sealed ones sealed and on their round. Word of a reopening from
    before the list was closed (it was sent again) changes nothing.

    NOT_FOUND (list), NOT_ALLOWED_HERE (site), CONFLICT (loaded) once a crate of it is loaded.
    """
    row = session.get(PackingList, list_id, with_for_update=True, populate_existing=True)
    if row is None or row.district_id != actor.district_id:
        raise LendingError(Code.NOT_FOUND, field="list")
    check_place(session, row.from_site_id, actor)
    if not (act is ListAct.REOPEN and row.closed_at and at + CLOCKS < row.closed_at):
        state = state_of(
            is_closed=row.closed_at is not None, is_loaded=_is_loaded(session, list_id)
        )
        if (closes := CLOSED_AFTER.get((state, act))) is None:
            raise LendingError(Code.CONFLICT, field="loaded")
        if closes and row.closed_at is None:
            row.closed_at, row.closed_by = at, signature(actor)
        elif not closes:
            row.closed_at = row.closed_by = None
        session.flush()
    return load_packing_list(session, list_id=list_id, district_id=actor.district_id)


def _is_loaded(session: Session, list_id: uuid.UUID) -> bool:
    query = sa.select(Consignment.id).where(
        Consignment.packing_id == list_id,
        Consignment.loaded_at.is_not(None),
        Consignment.dissolved_at.is_(None),
    )
    return session.scalar(query.limit(1)) is not None
