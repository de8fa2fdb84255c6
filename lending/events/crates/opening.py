"""A sealed crate is opened outside of an event: by the centre to pack it anew, or its seal is broken."""

from collections import Counter
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.events.crates.bringing import break_seals
from lending.events.crates.ledger import staff_of
from lending.events.crates.undoing import record_one
from lending.events.rights import acts_everywhere, check_centre, check_hall
from lending.events.tables import CrateSeal
from lending.events.values import OpenedIn
from lending.loop.scans import ScanIn
from lending.loop.steps import Action, State
from lending.loop.system import system_actor
from lending.loop.tables import Scan
from lending.loop.write.load import take_crate_turn
from lending.people.actors import Actor
from lending.people.keys import Keys
from lending.places.sites import SiteView, load_sites
from lending.places.tables import SiteKind
from lending.requests.acting import signature
from lending.requests.consignments import underway
from lending.wares.balances import crate_contents
from lending.wares.crates import CrateView, find_crate, soil_crates

_STORED = (State.READY, State.SHIPPED)  # so stands, or comes, a crate that nobody has used
_AT_CENTRE = (
    State.READY,
    State.DIRTY,
    State.WASHED,
)  # a crate is no ware: it may be packed unwashed


def break_seal(
    session: Session, opened: OpenedIn, *, actor: Actor, keys: Keys, now: datetime
) -> dict[str, int]:
    """The seal of a crate in a store, or on its way there, was found broken or was opened: what is
    in it, by kind code, counts as used. At a hall it waits to be collected, at the centre to be
    washed. The same again, or of one that was sealed anew since, changes nothing.

    NOT_FOUND or INVALID (crate), NOT_ALLOWED_HERE (site) where it stands elsewhere, CONFLICT (crate:
    `out`) for one that is at an event, ID_REUSED (id).
    """
    take_crate_turn(session, actor.district_id)
    crate = find_crate(session, code=opened.crate, actor=actor)
    known = session.get(Scan, opened.id)
    if known is not None and known.item_id != crate.id:
        raise LendingError(Code.ID_REUSED, field="id")
    place = _place(session, crate, actor)
    if crate.state is State.LENT:
        raise LendingError(Code.CONFLICT, field="crate", detail="out")
    stored = _AT_CENTRE if place.kind is SiteKind.WASH_CENTRE else _STORED
    if known is None and crate.state in stored and not _sealed_since(session, crate, opened.at):
        _soil(session, opened, crate, place, actor, keys, now)
        break_seals(session, crate.id, actor, now)
        _stop_sending(session, crate, actor, now)
    pieces: Counter[str] = Counter()
    for line in crate_contents(session, crate_ids=[crate.id]):
        pieces[line.kind] += line.quantity
    return +pieces


def reopen_crate(session: Session, *, crate: str, actor: Actor, now: datetime) -> None:
    """The centre takes the seal off a crate that stands there, to pack it anew: what is in it stays
    clean, and it goes nowhere until it is sealed again. Again: nothing changes.

    NOT_ALLOWED for all but the centre and the office; NOT_FOUND or INVALID (crate), CONFLICT (crate:
    `elsewhere`) for one that does not stand at a washing centre.
    """
    check_centre(actor)
    take_crate_turn(session, actor.district_id)
    found = find_crate(session, code=crate, actor=actor)
    place = load_sites(session, site_ids=[found.site_id])[found.site_id]
    if found.state not in _AT_CENTRE or place.kind is not SiteKind.WASH_CENTRE:
        raise LendingError(Code.CONFLICT, field="crate", detail="elsewhere")
    break_seals(session, found.id, actor, now)
    _stop_sending(session, found, actor, now)


def _place(session: Session, crate: CrateView, actor: Actor) -> SiteView:
    """Where the crate stands, or is to be taken in."""
    coming = crate.state is State.SHIPPED and crate.to_site_id is not None
    site_id = (crate.to_site_id if coming else None) or crate.site_id
    if not acts_everywhere(actor):
        check_hall(site_id, actor)
    return load_sites(session, site_ids=[site_id])[site_id]


def _sealed_since(session: Session, crate: CrateView, at: datetime) -> bool:
    """Whether the seal on the crate was put there after that: word of an earlier one comes late."""
    query = sa.select(CrateSeal.id).where(
        CrateSeal.crate_id == crate.id, CrateSeal.broken_at.is_(None), CrateSeal.put_at > at
    )
    return session.scalar(query) is not None


def _soil(
    session: Session,
    opened: OpenedIn,
    crate: CrateView,
    place: SiteView,
    actor: Actor,
    keys: Keys,
    now: datetime,
) -> None:
    """The crate and all that is in it, by code or by number, is to be washed again."""
    at_centre = place.kind is SiteKind.WASH_CENTRE
    action = Action.REWASH if at_centre else Action.RETURN
    scan = ScanIn(
        opened.id, action, crate.code, opened.at, site=place.code, staff_id=staff_of(actor)
    )
    record_one(session, scan, actor, keys, now)
    soil_crates(
        session, {crate.id: opened.id}, at=min(opened.at, now),
        actor=system_actor(actor.district_id), now=now,
    )  # fmt: skip


def _stop_sending(session: Session, crate: CrateView, actor: Actor, now: datetime) -> None:
    """It is not sent out any more, if it still was to be."""
    way = underway(session, crate_id=crate.id, lock=True)
    if way is not None and way.loaded_at is None:
        way.dissolved_at, way.dissolved_by = now, signature(actor)
    session.flush()
