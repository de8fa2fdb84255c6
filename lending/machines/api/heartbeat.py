"""POST /machines/heartbeat: how a machine is, answered by its settings when they changed."""

from flask import Response

from lending.loop.api.answers import answer_json, fails_with
from lending.machines.api.answers import blueprint, read_object
from lending.machines.beats import Beat
from lending.machines.heartbeat import take_heartbeat
from lending.machines.schemas import HeartbeatIn, HeartbeatOut
from lending.machines.settings import sealing_key
from lending.people.tables import Role
from lending.web.access import bearer, current_actor
from lending.web.services import now, services, write

SCHEMA = HeartbeatIn()


@blueprint.post("/heartbeat")
@blueprint.doc(
    requestBody={"required": True, "content": {"application/json": {"schema": HeartbeatIn}}},
)
@blueprint.response(200, HeartbeatOut)
@fails_with(401, 403, 422)
@bearer(Role.MACHINE)
def post_heartbeat() -> Response:
    """Tell how the machine is, once a minute.

    The answer carries the server's time and, where the machine works by an older version, the
    settings to work by from now on. A machine that says nothing for ten minutes is reported to its
    keeper, and so is one that is full.
    """
    values = SCHEMA.load(read_object())
    beat = Beat(**values | {"errors": tuple(values["errors"])})
    actor, moment = current_actor(), now()
    told = write(lambda session: take_heartbeat(session, beat, actor=actor, now=moment))
    settings = None
    if not told.known:
        more = {"timezone": told.timezone, "sealing_key": sealing_key(services().keys)}
        settings = told.settings.told() | more
    return answer_json({"now": now(), "version": told.settings.version, "settings": settings})
