"""Events under /api/v1/events; the contract of each endpoint stands above it."""

import uuid
from datetime import datetime
from typing import Any

from flask_smorest import Blueprint

from lending.events.counting.count import count_event
from lending.events.crates.bringing import bring_back
from lending.events.crates.handing import hand_out
from lending.events.reading import list_events
from lending.events.schemas import (
    CountBody,
    CrateBackBody,
    EventsQuery,
    HallEventPage,
    HandedCrateOut,
    HandOutBody,
    StatementOut,
)
from lending.events.statements.reading import load_statement
from lending.events.values import (
    BackIn,
    CountedLine,
    CountIn,
    EventCrateView,
    ForeignLine,
    HandOutIn,
    StatementView,
)
from lending.loop.api.answers import ERRORS
from lending.loop.clock import moment_told
from lending.loop.read.sight import site_asked
from lending.people.tables import Role
from lending.web.access import bearer, current_actor
from lending.web.openapi import ErrorOut
from lending.web.schemas import encode_cursor
from lending.web.services import now, reading, services, write
from lending.web.stations import read_body

blueprint = Blueprint("events_api", __name__, url_prefix="/api/v1/events")

HALL = (Role.OFFICER, Role.CAFE)
CENTRE = (Role.OFFICER, Role.WASH)
READERS = (Role.OFFICER, Role.CAFE, Role.WASH, Role.COURIER)


class _Told:
    """When something was told to have happened, by whose clock."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.at: datetime = values["at"]
        self.sent_at: datetime = values["sent_at"]
        self.clock_error: float | None = None
        self.clock_lost = False


def _fails(*statuses: int) -> Any:
    def mark(view: Any) -> Any:
        for status in statuses:
            view = blueprint.alt_response(status, schema=ErrorOut, description=ERRORS[status])(view)
        return view

    return mark


def _takes(schema: Any) -> Any:
    return blueprint.doc(
        requestBody={"required": True, "content": {"application/json": {"schema": schema}}}
    )


@blueprint.get("")
@blueprint.arguments(EventsQuery, location="query")
@blueprint.response(200, HallEventPage)
@_fails(401, 403, 404, 422)
@bearer(*READERS)
def get_events(wanted: dict[str, Any]) -> dict[str, Any]:
    """List the events that are not over, or those of a stage.

    A hall's token sees its own; the office's, the centre's and a courier's see all.
    """
    actor, site = current_actor(), wanted.get("site")
    with reading() as session:
        page = list_events(
            session, actor=actor, now=now(), stage=wanted.get("stage"),
            site_id=None if site is None else site_asked(session, actor=actor, code=site.upper()),
            after=wanted.get("cursor"), limit=wanted["limit"],
        )  # fmt: skip
    following = encode_cursor(page.next) if page.next is not None else None
    return {"items": page.items, "next": following}


@blueprint.post("/<uuid:event_id>/crates")
@_takes(HandOutBody)
@blueprint.response(200, HandedCrateOut)
@_fails(401, 403, 404, 409, 422)
@bearer(*HALL)
def post_crate(event_id: uuid.UUID) -> EventCrateView:
    """Hand a crate to an event at its hall; all that is in it goes out with it."""
    body, moment = read_body(HandOutBody()), now()
    hand = HandOutIn(
        body["id"], event_id, body["crate"], body["signed"], moment_told(_Told(body), now=moment),
        body["seal"], body["ask"],
    )  # fmt: skip
    actor, keys = current_actor(), services().keys
    return write(lambda s: hand_out(s, hand, actor=actor, keys=keys, now=moment))


@blueprint.post("/returns")
@_takes(CrateBackBody)
@blueprint.response(200, HandedCrateOut)
@_fails(401, 403, 404, 409, 422)
@bearer(*HALL)
def post_return() -> EventCrateView:
    """Tell that a crate came back from its event to the hall, unopened or used."""
    body, moment = read_body(CrateBackBody()), now()
    back = BackIn(
        body["id"], body["crate"], body["signed"], moment_told(_Told(body), now=moment),
        body["sealed"], body["seal"],
    )  # fmt: skip
    actor, keys = current_actor(), services().keys
    return write(lambda s: bring_back(s, back, actor=actor, keys=keys, now=moment))


@blueprint.post("/<uuid:event_id>/counts")
@_takes(CountBody)
@blueprint.response(200, StatementOut)
@_fails(401, 403, 404, 409, 413, 422)
@bearer(*CENTRE)
def post_count(event_id: uuid.UUID) -> StatementView:
    """Take the centre's count of what came back; it makes the next version of the statement."""
    body, moment = read_body(CountBody()), now()
    count = CountIn(
        body["id"], event_id,
        tuple(CountedLine(one["kind"], one["found"], one["broken"]) for one in body["lines"]),
        moment_told(_Told(body), now=moment),
        tuple(ForeignLine(one["what"], one["pieces"]) for one in body["foreign"]),
        tuple(body["received"]), tuple(body["broken"]), body["crate"], body["note"], body["site"],
        body["anyway"],
    )  # fmt: skip
    actor, keys = current_actor(), services().keys
    return write(lambda s: count_event(s, count, actor=actor, keys=keys, now=moment))


@blueprint.get("/<uuid:event_id>/statement")
@blueprint.response(200, StatementOut)
@_fails(401, 403, 404)
@bearer(*READERS)
def get_statement(event_id: uuid.UUID) -> StatementView:
    """Read the latest version of an event's statement.

    A hall's and a courier's token sees those that the centre has confirmed; 404 before.
    """
    with reading() as session:
        return load_statement(session, event_id=event_id, actor=current_actor(), now=now())
