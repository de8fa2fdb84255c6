"""What the endpoints of the full-screen stations share: the body they read, the site they act at."""

from typing import Any

from flask import request
from marshmallow import Schema
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.places.sites import SiteView, find_site, load_sites
from lending.web.access import current_actor, current_staff_or_none


def read_body(schema: Schema) -> dict[str, Any]:
    """The JSON object that was posted, by `schema`; INVALID for anything else."""
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise LendingError(Code.INVALID)
    loaded: dict[str, Any] = schema.load(found)
    return loaded


def acting_site(session: Session, code: str | None) -> SiteView:
    """The place the actor acts at: its own, or the one an officer names."""
    actor = current_actor()
    if actor.site_id is not None:
        return load_sites(session, site_ids=[actor.site_id])[actor.site_id]
    if code is None:
        raise LendingError(Code.INVALID, field="site")
    return find_site(session, code=code, district_id=actor.district_id)


def signed_in_at(site: SiteView) -> int | None:
    """The id of the staff signed in at this browser, if they work at this place."""
    actor = current_staff_or_none()
    if actor is None or actor.district_id != site.district_id:
        return None
    return actor.id if actor.site_id in (None, site.id) else None
