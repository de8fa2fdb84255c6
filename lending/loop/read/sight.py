"""Who sees which pieces: a place its own, officers and couriers the whole district."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.steps import State
from lending.loop.tables import Item
from lending.people.actors import Actor, ActorKind
from lending.people.rights import at_any_site
from lending.places.sites import find_site, load_sites


def sees_district(actor: Actor) -> bool:
    """Whether an actor sees every place of its district."""
    return actor.kind is ActorKind.SYSTEM or at_any_site(actor.role)


def seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    """The items an actor may read: those that stand at its site, were last scanned there or are
    on their way to it; an officer's and a courier's are all of the district."""
    district = Item.district_id == actor.district_id
    if sees_district(actor):
        return district
    on_the_way = sa.and_(Item.to_site_id == actor.site_id, Item.state == State.SHIPPED)
    here = sa.or_(Item.site_id == actor.site_id, Item.last_site_id == actor.site_id, on_the_way)
    return sa.and_(district, here)


def site_asked(session: Session, *, actor: Actor, code: str | None) -> int | None:
    """The id of the site a list is asked for; None for all an actor sees.

    A place asks for itself when it names none. NOT_FOUND (field site) for a code the district does
    not have, NOT_ALLOWED_HERE (field site) for another place than the actor's own.
    """
    if code is None:
        return None if sees_district(actor) else actor.site_id
    site = find_site(session, code=code, district_id=actor.district_id).id
    if site != actor.site_id and not sees_district(actor):
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
    return site


def site_acted_at(session: Session, *, actor: Actor, code: str | None) -> str:
    """The code of the site an actor acts at: its own by default, another only by right.

    INVALID (field site) when none is named and the actor has none; else errors as `site_asked`.
    """
    if code is None and actor.site_id is None:
        raise LendingError(Code.INVALID, field="site")
    site = site_asked(session, actor=actor, code=code)
    assert site is not None
    return load_sites(session, site_ids=[site])[site].code
