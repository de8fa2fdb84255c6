"""Who may act for an office: its own staff and devices, and officers for all of the district."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.people.actors import Actor
from lending.people.tables import Role
from lending.places.sites import SiteView, find_site, load_sites
from lending.places.tables import Site, SiteKind


def office_of(session: Session, *, actor: Actor, code: str | None = None) -> SiteView:
    """The office the actor acts for: its own, or for an officer the one of this code.

    INVALID (site) where an officer names none or one that is closed for good, NOT_FOUND (site),
    NOT_ALLOWED_HERE (site) for what is no office or another's.
    """
    if actor.site_id is not None:
        site = load_sites(session, site_ids=[actor.site_id])[actor.site_id]
    elif code is None:
        raise LendingError(Code.INVALID, field="site")
    else:
        site = find_site(session, code=code, district_id=actor.district_id)
    check_office(actor, site.id)
    if site.kind is not SiteKind.OFFICE:
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
    if not site.active:
        raise LendingError(Code.INVALID, field="site")
    return site


def check_office(actor: Actor, site_id: int) -> None:
    """NOT_ALLOWED_HERE (site) unless the actor acts for this site."""
    officer = actor.role is Role.OFFICER and actor.site_id in (None, site_id)
    if not (officer or (actor.role is Role.CAFE and actor.site_id == site_id)):
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")


def check_officer(actor: Actor) -> None:
    """NOT_ALLOWED unless the actor is an officer."""
    if actor.role is not Role.OFFICER:
        raise LendingError(Code.NOT_ALLOWED)


def offices_seen(actor: Actor) -> sa.Select[int]:
    """SQL: the ids of the offices whose bookings the actor may see."""
    query = sa.select(Site.id).where(
        Site.district_id == actor.district_id, Site.kind == SiteKind.OFFICE
    )
    if actor.role is Role.OFFICER and actor.site_id is None:
        return query
    if actor.role not in (Role.CAFE, Role.OFFICER):
        return query.where(sa.false())
    return query.where(Site.id == actor.site_id)
