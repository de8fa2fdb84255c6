"""The washing table's requests as JSON: a beep, a tray, the board, alerts seen."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.notices.alerts import mark_seen
from lending.people.tables import Role
from lending.washing.schemas import (
    BeepBody,
    TrayBody,
    answer_out,
    board_out,
    misread_out,
    tray_out,
)
from lending.washing.table.beep import take_beep
from lending.washing.table.board import load_board
from lending.washing.table.desk import view_lane
from lending.washing.table.outcomes import Beep, Tray
from lending.washing.table.trays import take_tray
from lending.web.access import current_actor, station
from lending.web.schemas import SeenBody
from lending.web.services import now, reading, services, write
from lending.web.stations import acting_site, read_body

blueprint = Blueprint("washing_api", __name__)
MISREAD = (Code.INVALID, Code.BAD_CHECK_DIGIT)


@blueprint.post("/wash/beep")
@station(Role.WASH)
def post_beep() -> Response:
    """BeepBody → what it came to, in words, and where the operator stands; 200 for refusals too."""
    values = read_body(BeepBody())
    code, moment = values.pop("site"), now()
    beep = Beep(**values)

    def take(session: Session) -> dict[str, Any]:
        site = acting_site(session, code)
        try:
            answer = take_beep(
                session, beep, actor=current_actor(), site=site, keys=services().keys, now=moment
            )
        except LendingError as error:
            if error.code not in MISREAD or error.field != "code":
                raise
            lane = view_lane(session, site_id=site.id, lane_id=beep.lane, now=moment)
            return misread_out(beep, error.code, lane)
        session.flush()
        lane = view_lane(session, site_id=site.id, lane_id=beep.lane, now=moment)
        return answer_out(answer, lane)

    return jsonify(write(take) | {"now": moment})


@blueprint.post("/wash/tray")
@station(Role.WASH)
def post_tray() -> Response:
    """TrayBody → a line for each piece, and where the operator stands; 200 for refusals too."""
    values = read_body(TrayBody())
    code, codes, moment = values.pop("site"), values.pop("codes"), now()
    tray = Tray(Beep(**values), tuple(codes))

    def take(session: Session) -> dict[str, Any]:
        site = acting_site(session, code)
        answer = take_tray(
            session, tray, actor=current_actor(), site=site, keys=services().keys, now=moment
        )
        session.flush()
        lane = view_lane(session, site_id=site.id, lane_id=tray.beep.lane, now=moment)
        return tray_out(answer, lane)

    return jsonify(write(take) | {"now": moment})


@blueprint.post("/wash/seen")
@station(Role.WASH)
def post_seen() -> Response:
    """SeenBody → the alert goes no step further up."""
    alert_id = read_body(SeenBody())["alert"]
    write(lambda session: mark_seen(session, alert_id=alert_id, actor=current_actor(), now=now()))
    return jsonify(seen=alert_id)


@blueprint.get("/wash/table")
@station(Role.WASH)
def get_board() -> Response:
    """The sets, today's counts, what waits longest and alerts; `?lane=` whose set is in hand."""
    moment = now()
    with reading() as session:
        site = acting_site(session, request.args.get("site"))
        board = load_board(session, actor=current_actor(), site=site, lane_id=_lane(), now=moment)
    return jsonify(board_out(board, now=moment))


def _lane() -> UUID | None:
    try:
        return UUID(request.args["lane"])
    except (KeyError, ValueError):
        return None
