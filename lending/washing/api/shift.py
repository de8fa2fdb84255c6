"""The shift on the wall as JSON, asked for again and again by the screen itself."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from lending.people.tables import Role
from lending.washing.api.batch_shapes import batch_out
from lending.washing.pages.batch_words import write_age
from lending.washing.shift import PileLine, Shift, load_shift
from lending.web.access import station
from lending.web.context import district
from lending.web.i18n import write_clock, write_day
from lending.web.services import now, reading
from lending.web.stations import acting_site

blueprint = Blueprint("washing_shift_api", __name__)


@blueprint.get("/wash/board/now")
@station(Role.WASH)
def get_shift() -> Response:
    """The centre's shift at this moment; who acts for a district names the centre (`?site=`)."""
    moment = now()
    with reading() as session:
        site = acting_site(session, request.args.get("site"))
        shift = load_shift(session, site=site, now=moment)
    return jsonify(shift_out(shift, now=moment))


def shift_out(shift: Shift, *, now: datetime) -> dict[str, Any]:
    """The shift with its times in words."""
    zone = district().timezone
    most = max((line.done for line in shift.hours), default=0)
    top = max(most, shift.per_hour, 1)
    running = max((line.begins for line in shift.hours), default=now)  # the hour that still runs
    return {
        "waiting": _pile(shift.waiting, now),
        "to_inspect": _pile(shift.to_inspect, now),
        "ready": _pile(shift.ready, now),
        "machines": [batch_out(one, now=now) for one in shift.machines],
        "in_machines": sum(one.pieces + sum(one.counted.values()) for one in shift.machines),
        "hours": [
            {
                "hour": write_clock(line.begins, zone),
                "done": line.done,
                "height": round(100 * line.done / top),
                "short": line.begins != running and line.done < shift.per_hour,
            }
            for line in shift.hours
        ],
        "plan_height": round(100 * shift.per_hour / top) if shift.per_hour else None,
        "last_hour": shift.last_hour,
        "per_hour": shift.per_hour,
        "backlog": shift.backlog,
        "ends": _end(shift, now, zone),
        "by_plan": shift.ends_at is not None and shift.last_hour == 0,
        "first_pass": {
            "inspected": shift.first_pass.inspected,
            "passed": shift.first_pass.passed,
        },
        "clock": write_clock(now, zone),
        "now": now,
    }


def _pile(lines: list[PileLine], now: datetime) -> dict[str, Any]:
    return {
        "count": sum(line.count for line in lines),
        "late": any(line.is_late for line in lines),
        "lines": [
            {
                "kind": line.kind,
                "count": line.count,
                "age": write_age(line.since, now) if line.since else None,
                "late": line.is_late,
            }
            for line in lines
        ],
    }


def _end(shift: Shift, now: datetime, zone: str) -> str | None:
    """When the backlog ends: the time of day, with the day where it is another."""
    if shift.ends_at is None or shift.backlog == 0:
        return None
    clock = write_clock(shift.ends_at, zone)
    is_today = write_day(shift.ends_at, zone) == write_day(now, zone)
    return clock if is_today else f"{write_day(shift.ends_at, zone)} {clock}"
