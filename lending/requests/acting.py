"""Who did something and at which place: what every request and move is signed with."""

from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.read.sight import site_acted_at
from lending.people.actors import Actor
from lending.places.sites import SiteView, find_site

SYSTEM = "system:0"  # what the worker does by itself


def signature(actor: Actor) -> str:
    """Who acts, as it is stored: "staff:12", "device:3", "token:1" or "system:0"."""
    return f"{actor.kind}:{actor.id or 0}"


def place_of(session: Session, *, actor: Actor, code: str | None) -> SiteView:
    """The place an actor speaks for: its own by default, another of the district only by right.

    INVALID, NOT_FOUND or NOT_ALLOWED_HERE (field site); INVALID for a place that is closed for good.
    """
    site = find_site(
        session,
        code=site_acted_at(session, actor=actor, code=code),
        district_id=actor.district_id,
    )
    if not site.active:
        raise LendingError(Code.INVALID, field="site")
    return site


def check_count(value: int, field: str, *, least: int = 1, most: int = 20_000) -> int:
    """The same; INVALID (with the field) outside of least … most."""
    if not least <= value <= most:
        raise LendingError(Code.INVALID, field=field)
    return value
