"""The blueprint of machines' endpoints and what they share."""

from typing import Any

from flask import request
from flask_smorest import Blueprint
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop import scan_parts as parts
from lending.loop.api.scans import read_json
from lending.places.sites import SiteView, load_sites
from lending.web.access import current_actor

blueprint = Blueprint("machines_api", __name__, url_prefix="/api/v1/machines")


def read_object() -> dict[str, Any]:
    """The JSON object that was posted; INVALID for anything else."""
    found = read_json(request.get_data(cache=False))
    if type(found) is not dict:
        raise LendingError(Code.INVALID)
    return found


def read_list(call: dict[str, Any], name: str, *, most: int, also: str = "sent_at") -> list[Any]:
    """The list `name` of a call that holds nothing else but `also`; INVALID or TOO_LARGE."""
    found = call.get(name)
    if type(found) is not list or not found:
        raise LendingError(Code.INVALID, field=name)
    if len(found) > most:
        raise LendingError(Code.TOO_LARGE, field=name)
    if unknown := call.keys() - {name, also}:
        raise LendingError(Code.INVALID, field=parts.shown_name(min(unknown)))
    return found


def own_site(session: Session) -> SiteView:
    """The place of the machine that calls; NOT_ALLOWED_HERE for a token without one."""
    site_id = current_actor().site_id
    if site_id is None:
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
    return load_sites(session, site_ids=[site_id])[site_id]


def field_of(error: ValidationError) -> str | None:
    """The first input at fault."""
    names = error.messages if isinstance(error.messages, dict) else {}
    name = next(iter(names), None)
    return parts.shown_name(name) if isinstance(name, str) and name != "_schema" else None
