"""/moving/rounds: the day's rounds planned, opened, given to drivers, followed and settled."""

import uuid
from datetime import date
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.moving.pages.names import load_names
from lending.moving.pages.rounds_words import OUTCOMES, WHY
from lending.moving.pages.tabs import moving_page
from lending.moving.rounds.drivers import assign_driver, list_couriers
from lending.moving.rounds.driving import move_stop
from lending.moving.rounds.hours import next_open_day
from lending.moving.rounds.lifecycle import (
    begin_round,
    end_round,
    list_rounds,
    load_result,
    load_round,
)
from lending.moving.rounds.vehicles import list_vehicles
from lending.moving.rounds.wishes import Wish, gather_wishes
from lending.moving.supply.orders import local_today
from lending.people.tables import Role
from lending.photos.keep import photos_about
from lending.places.sites import SiteView, list_sites
from lending.places.tables import SiteKind
from lending.requests.pickups.views import open_pickups
from lending.web.access import current_actor, staff
from lending.web.forms import read_form, tell
from lending.web.services import now, reading, write

blueprint = Blueprint("rounds", __name__)

HERE = "/moving/rounds"
MOST_POSITION = 500


class DriverForm(Schema):
    """Who drives; nobody when empty."""

    driver = fields.Integer(load_default=None, validate=validate.Range(1, 2**31 - 1))


class PositionForm(Schema):
    """Which stop it becomes, from 1."""

    position = fields.Integer(required=True, validate=validate.Range(1, MOST_POSITION))


@blueprint.get("/moving/rounds")
@staff(Role.OFFICER)
def show_day() -> str:
    """The rounds of a day and what still waits for one."""
    actor = current_actor()
    with reading() as session:
        values = day_values(session)
        depot, day = values["depot"], values["day"]
        rounds = list_rounds(session, district_id=actor.district_id, day=day)
        wishes = []
        if depot is not None:
            wishes = gather_wishes(
                session, district_id=actor.district_id, depot_id=depot.id, day=day,
                today=values["today"],
            )  # fmt: skip
        pickups = open_pickups(session, district_id=actor.district_id, today=values["today"])
        results = {
            one.id: load_result(session, round_id=one.id, district_id=actor.district_id)
            for one in rounds
            if one.begun_at is not None
        }
        couriers = list_couriers(session, district_id=actor.district_id)
    return moving_page(
        "moving/rounds.html", HERE, rounds=rounds, wishes=wishes, results=results,
        couriers=couriers, why=WHY, pickups=pickups, can_plan=can_plan(wishes, values), **values,
    )  # fmt: skip


def can_plan(wishes: list[Wish], values: dict[str, Any]) -> bool:
    """Whether anything waits for a day, an open depot and vans that it can be planned for."""
    is_possible = values["vans"] and values["depot"] and not values["is_closed"]
    return bool(wishes and is_possible) and values["day"] >= values["today"]


@blueprint.get("/moving/rounds/<uuid:round_id>")
@staff(Role.OFFICER)
def show_round(round_id: uuid.UUID) -> str:
    """One round: its stops, how they went, and what was sent and not received."""
    district_id, moment = current_actor().district_id, now()
    with reading() as session:
        found = load_round(session, round_id=round_id, district_id=district_id)
        result = load_result(session, round_id=round_id, district_id=district_id)
        told = [stop.told_id for stop in found.stops if stop.told_id is not None]
        photos = photos_about(session, district_id=district_id, about=told, now=moment)
        couriers = list_couriers(session, district_id=district_id)
        names = load_names(session, district_id=district_id)
    return moving_page(
        "moving/round.html", HERE, round=found, result=result, names=names, photos=photos, couriers=couriers,
        why=WHY, outcomes=OUTCOMES,
    )  # fmt: skip


@blueprint.post("/moving/rounds/<uuid:round_id>/driver")
@staff(Role.OFFICER)
def post_driver(round_id: uuid.UUID) -> Response:
    """Gives the round to a courier."""
    form, actor = read_form(DriverForm()), current_actor()
    if form.errors:
        raise LendingError(Code.INVALID, field="driver")
    write(
        lambda s: assign_driver(
            s, round_id=round_id, staff_id=form.values["driver"], actor=actor, now=now()
        )
    )
    tell(_("기사님을 정했어요."))
    return redirect(url_for("rounds.show_round", round_id=round_id))


@blueprint.post("/moving/rounds/<uuid:round_id>/stops/<uuid:stop_id>")
@staff(Role.OFFICER)
def post_position(round_id: uuid.UUID, stop_id: uuid.UUID) -> Response:
    """A stop is called at earlier or later."""
    form, actor = read_form(PositionForm()), current_actor()
    if form.errors:
        raise LendingError(Code.INVALID, field="position")
    to = form.values["position"]

    def move(session: Session) -> None:
        load_round(session, round_id=round_id, district_id=actor.district_id)
        move_stop(session, stop_id=stop_id, position=to, actor=actor)

    write(move)
    return redirect(url_for("rounds.show_round", round_id=round_id, _anchor=f"stop-{to}"))


@blueprint.post("/moving/rounds/<uuid:round_id>/begin")
@staff(Role.OFFICER)
def post_begin(round_id: uuid.UUID) -> Response:
    """The van has left, by the officer's word."""
    actor = current_actor()
    write(lambda s: begin_round(s, round_id=round_id, at=now(), actor=actor))
    return redirect(url_for("rounds.show_round", round_id=round_id))


@blueprint.post("/moving/rounds/<uuid:round_id>/end")
@staff(Role.OFFICER)
def post_end(round_id: uuid.UUID) -> Response:
    """The van is back, by the officer's word."""
    actor = current_actor()
    write(lambda s: end_round(s, round_id=round_id, at=now(), actor=actor))
    return redirect(url_for("rounds.show_round", round_id=round_id))


def day_values(session: Session) -> dict[str, Any]:
    """For the templates: the day and the centre that are looked at: `?day=`, `?depot=`, else today
    and the first; whether the centre is closed that day, and when it opens next."""
    district_id = current_actor().district_id
    today = local_today(session, district_id=district_id, now=now())
    depots = [
        site
        for site in list_sites(session, district_id=district_id, kinds=(SiteKind.WASH_CENTRE,))
        if site.active
    ]
    depot, day = _depot(depots), _day(today)
    opens = depot and next_open_day(session, site_id=depot.id, day=day, now=now())
    return {
        "today": today,
        "day": day,
        "is_closed": depot is not None and opens != day and day >= today,
        "next_open": opens,
        "depots": depots,
        "depot": depot,
        "depot_code": depot.code if depot else "",
        "vans": [one for one in list_vehicles(session, district_id=district_id) if one.active],
    }


def _depot(depots: list[SiteView]) -> SiteView | None:
    asked = request.values.get("depot", "")
    return next((one for one in depots if one.code == asked), depots[0] if depots else None)


def _day(today: date) -> date:
    try:
        day = date.fromisoformat(request.values.get("day", "")[:10])
    except ValueError:
        return today
    return day if 2000 <= day.year <= 2200 else today
