"""Where each crate is and since when; crates are moved by scan for people without a round."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from lending.moving.packing.whereabouts import (
    MOST_SHOWN,
    Stage,
    Whereabouts,
    count_stages,
    list_whereabouts,
)
from lending.moving.pages.crate_words import MOVES, STAGES, moves_of
from lending.moving.pages.names import load_names
from lending.moving.pages.tabs import moving_page
from lending.people.tables import Role
from lending.places.sites import list_sites, load_sites
from lending.places.tables import SiteKind
from lending.requests.pickups.views import bags_taken
from lending.web.access import current_actor, station
from lending.web.schemas import decode_cursor, encode_cursor
from lending.web.services import now, reading

blueprint = Blueprint("moving_crates", __name__)


@blueprint.get("/moving/crates")
@station(Role.WASH, Role.COURIER)
def show_crates() -> str:
    """Crates on their way, or those of `?stage=`; `?part=1`: only the list."""
    actor = current_actor()
    with reading() as session:
        values = _load(session)
        if request.args.get("part"):
            return render_template("moving/crates_part.html", **values)
        centre = _centre(session)
    moves = [(move, *MOVES[move]) for move in moves_of(actor.role)]
    return moving_page(
        "moving/crates.html", "/moving/crates", **values, moves=moves, centre=centre,
        anywhere=actor.site_id is None,
    )  # fmt: skip


def _load(session: Session) -> dict[str, Any]:
    district_id, moment = current_actor().district_id, now()
    stage = next((one for one in Stage if one == request.args.get("stage")), None)
    rows = list_whereabouts(
        session, district_id=district_id, now=moment, stage=stage, after=_after()
    )  # fmt: skip
    return {
        "rows": rows,
        "by_piece": bags_taken(session, codes=[row.code for row in rows if not row.lies]),
        "stage": stage,
        "stages": STAGES,
        "counts": count_stages(session, district_id=district_id, now=moment),
        "names": load_names(session, district_id=district_id),
        "next_cursor": _cursor(rows),
        "moment": moment,
    }


def _centre(session: Session) -> str:
    """The code of the place that is acted for at first: the own one, or the first centre."""
    actor = current_actor()
    if actor.site_id is not None:
        return load_sites(session, site_ids=[actor.site_id])[actor.site_id].code
    centres = list_sites(
        session, district_id=actor.district_id, kinds=[SiteKind.WASH_CENTRE], limit=1
    )
    return centres[0].code if centres else ""


def _cursor(rows: list[Whereabouts]) -> str | None:
    if len(rows) < MOST_SHOWN:
        return None
    return encode_cursor([rows[-1].since, rows[-1].id])


def _after() -> tuple[datetime, int] | None:
    """`?after=` as (since, id); nothing where it is none of ours."""
    try:
        match decode_cursor(request.args.get("after", "")):
            case [str(since), int(id)]:
                moment = datetime.fromisoformat(since)
                return (moment.astimezone(UTC), id) if moment.tzinfo else None
    except (ValueError, OverflowError):  # OverflowError: a moment at either end of the calendar
        pass
    return None
