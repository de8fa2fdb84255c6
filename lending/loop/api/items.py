"""Items: registered, found by code, listed, and the story of each."""

from dataclasses import asdict
from typing import Any

from flask import Response

from lending.loop.api.answers import answer_json, answer_page, blueprint, fails_with
from lending.loop.pieces.claims import register_items
from lending.loop.read.history import ScanView, item_scans
from lending.loop.read.inside import look_inside
from lending.loop.read.pieces import find_item, list_items
from lending.loop.read.sight import site_acted_at
from lending.loop.schemas.answered import CodesOut, ItemDetailOut, ItemPage, ScanPage
from lending.loop.schemas.sent import ItemsIn, ItemsQuery, PageQuery
from lending.people.tables import Role
from lending.web.access import bearer, current_actor
from lending.web.services import now, reading, write


@blueprint.post("/items")
@blueprint.arguments(ItemsIn)
@blueprint.response(200, CodesOut)
@fails_with(401, 403, 404, 409, 422)
@bearer(Role.OFFICER, Role.WASH)
def post_items(wanted: dict[str, Any]) -> Response:
    """Register 1 to 10,000 new pieces of one kind.

    They stand dirty at the site until washed and passed. The same `id` again returns the same
    codes; for another kind, count or site it is refused.
    """
    actor, moment = current_actor(), now()

    def register(session: Any) -> list[str]:
        return register_items(
            session,
            kind=wanted["kind"],
            count=wanted["count"],
            site=site_acted_at(session, actor=actor, code=wanted.get("site")),
            actor=actor,
            now=moment,
            request_id=wanted.get("id"),
        )

    return answer_json({"now": moment, "codes": write(register)})


@blueprint.get("/items")
@blueprint.arguments(ItemsQuery, location="query")
@blueprint.response(200, ItemPage)
@fails_with(401, 403, 404, 422)
@bearer()
def get_items(wanted: dict[str, Any]) -> Response:
    """List pieces in the order of their registration.

    A site's token sees those that stand there, were last scanned there or are on their way there.
    """
    with reading() as session:
        page = list_items(
            session,
            actor=current_actor(),
            site=wanted.get("site"),
            state=wanted.get("state"),
            kind=wanted.get("kind"),
            after=wanted.get("cursor"),
            limit=wanted["limit"],
        )
    return answer_page(page)


@blueprint.get("/items/<code>")
@blueprint.response(200, ItemDetailOut)
@fails_with(401, 403, 404, 422)
@bearer()
def get_item(code: str) -> Response:
    """Show one piece by its code, present or replaced, with or without hyphens; with its crate, or,
    of a crate, with what is in it."""
    with reading() as session:
        found = find_item(session, code=code, actor=current_actor())
        carrying = look_inside(session, item_id=found.id)
    return answer_json(asdict(found.view) | asdict(carrying))


@blueprint.get("/items/<code>/scans")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, ScanPage)
@fails_with(401, 403, 404, 422)
@bearer()
def get_scans_of_item(wanted: dict[str, Any], code: str) -> Response:
    """Tell the story of one piece, the newest scan first; it never holds a person."""
    actor = current_actor()
    with reading() as session:
        found = find_item(session, code=code, actor=actor)
        page = item_scans(
            session,
            item_id=found.id,
            actor=actor,
            after=wanted.get("cursor"),
            limit=wanted["limit"],
        )
    return answer_page(page, dump_scan)


def dump_scan(scan: ScanView) -> dict[str, Any]:
    """A scan as `ScanOut` publishes it."""
    return {
        "id": scan.id,
        "action": scan.action,
        "code": scan.code,
        "kind": scan.kind,
        "site": scan.site,
        "to": scan.to,
        "from": scan.from_,
        "at": scan.at,
        "occurred_at": scan.occurred_at,
        "recorded_at": scan.recorded_at,
        "intent": "ask" if scan.asked else "fact",
        "role": scan.role,
        "of": scan.of,
        "new_code": scan.new_code,
        "reason": scan.reason,
        "note": scan.note,
        "gaps": scan.gaps,
        "voided": scan.voided,
    }
