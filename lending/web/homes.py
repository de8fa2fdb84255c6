"""Where each comes to after signing in: people to their place's page, a tablet to its counter."""

from sqlalchemy.orm import Session

from lending.people.actors import Actor, ActorKind
from lending.people.tables import Role
from lending.places.sites import load_sites
from lending.places.tables import SiteKind

HOMES = {
    Role.CAFE: "/scan", Role.WASH: "/wash", Role.COURIER: "/drive", Role.MACHINE: "/return",
    Role.OFFICER: "/office",
}  # fmt: skip
# A place that lends in another way than over a café's counter has pages of its own.
PLACES = {
    SiteKind.SHOP: "/delivery", SiteKind.HALL: "/events/rooms", SiteKind.OFFICE: "/offices",
}  # fmt: skip
COUNTERS = PLACES | {SiteKind.SHOP: "/delivery/pack", SiteKind.OFFICE: "/offices/desk"}


def home_of(session: Session, *, actor: Actor) -> str:
    """The address of the page where the actor's work begins; one statement at most."""
    kind = None
    if actor.site_id is not None:
        kind = load_sites(session, site_ids=[actor.site_id])[actor.site_id].kind
    return home_at(actor.role, kind, is_tablet=actor.kind is ActorKind.DEVICE)


def home_at(role: Role, kind: SiteKind | None, *, is_tablet: bool) -> str:
    """The same for a role at a place of this kind, None: the whole district."""
    home = HOMES.get(role, "/")
    if role is not Role.CAFE or kind is None:
        return home
    return (COUNTERS if is_tablet else PLACES).get(kind, home)
