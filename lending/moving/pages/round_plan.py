"""/moving/rounds/plan: what waits put on vans, shown before anything is stored, then opened."""

import hashlib
import uuid
from datetime import date

from flask import Blueprint, redirect, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.moving.pages.rounds import HERE, day_values
from lending.moving.pages.rounds_words import LEFT_OUT, WHY
from lending.moving.pages.tabs import moving_page
from lending.moving.rounds.lifecycle import load_round, open_rounds
from lending.moving.rounds.plans import RoundPlan, plan_rounds
from lending.moving.rounds.wishes import Wish
from lending.people.tables import Role
from lending.web.access import current_actor, staff
from lending.web.errors import explain
from lending.web.forms import read_form, tell
from lending.web.limits import limited
from lending.web.schemas import Text
from lending.web.services import now, reading, services, write

blueprint = Blueprint("round_plan", __name__)

CLOSED = (Code.CONFLICT, "depot")  # which both pages of rounds say in the same words


class PlanForm(Schema):
    """The plan that was shown: of a day and a depot, known again by its digest. `id`: made with the
    page, so that a second tap opens the same rounds."""

    id = fields.UUID(required=True)
    day = fields.Date(required=True)
    depot = Text(required=True, max_length=40)
    digest = Text(required=True, max_length=64)


@blueprint.get("/moving/rounds/plan")
@staff(Role.OFFICER)
@limited("round_plan", per_minute=12)
def show_plan() -> str | tuple[str, int]:
    """How what waits could be driven; nothing is stored yet."""
    return _plan_page()


@blueprint.post("/moving/rounds")
@staff(Role.OFFICER)
@limited("round_plan", per_minute=12)
def post_plan() -> Response | tuple[str, int] | str:
    """Opens the rounds as they were shown; when something has changed since, they are shown anew."""
    form, actor = read_form(PlanForm()), current_actor()
    if form.errors:
        raise LendingError(Code.INVALID, field=next(iter(form.errors)))
    values = form.values
    plan = _plan_as_it_is(values["day"], values["depot"])
    if plan is None or digest_of(plan) != values["digest"]:
        if not _is_open(values["id"]):
            return _plan_page(changed=True), 409
        return redirect(url_for("rounds.show_day", day=values["day"].isoformat()))
    try:
        opened = write(
            lambda s: open_rounds(s, plan, request_id=values["id"], actor=actor, now=now())
        )
    except LendingError as error:
        if error.field != "pickup":  # taken or called off since the plan was made
            raise
        return _plan_page(changed=True), 409
    tell(_("회차 %(count)s개를 열었어요. 기사님을 정해 주세요.", count=len(opened)))
    return redirect(url_for("rounds.show_day", day=values["day"].isoformat()))


def digest_of(plan: RoundPlan) -> str:
    """The same for plans that send the same vans to the same stops with the same loads."""
    told = [
        [one.van.name, [(_called(stop.wish), stop.leave, stop.take) for stop in one.stops]]
        for one in plan.rounds
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _called(wish: Wish) -> str:
    return str(wish.pickup.request.id) if wish.pickup else wish.site.code


def _plan_page(*, changed: bool = False) -> str:
    with reading() as session:
        values = day_values(session)
        plan, refusal = None, None
        try:
            plan = _make_plan(session, values["day"], values["depot_code"])
        except LendingError as error:
            refusal = None if (error.code, error.field) == CLOSED else _refused(error)
    return moving_page(
        "moving/round_plan.html", HERE, plan=plan, refusal=refusal, changed=changed, why=WHY,
        left_out=LEFT_OUT, digest=digest_of(plan) if plan else "", new_id=uuid.uuid4(), **values,
    )  # fmt: skip


def _plan_as_it_is(day: date, depot: str) -> RoundPlan | None:
    """The plan made anew; None where the depot has become closed that day."""
    try:
        with reading() as session:
            return _make_plan(session, day, depot)
    except LendingError as error:
        if (error.code, error.field) != CLOSED:
            raise
        return None


def _refused(error: LendingError) -> tuple[str, str]:
    if (error.code, error.field) == (Code.NOT_FOUND, "vans"):
        return _("등록된 차량이 없어요"), _("배송 설정에서 차량을 먼저 더해 주세요.")
    if (error.code, error.field) == (Code.INVALID, "day"):
        return _("지난 날은 계획할 수 없어요"), _("오늘이나 앞으로의 날을 골라 주세요.")
    if error.code is Code.TOO_LARGE:
        return _("한 번에 계획하기에는 들를 곳이 너무 많아요"), _("200곳까지 계획할 수 있어요.")
    message, next_step = explain(error.code)
    return str(message), str(next_step)


def _make_plan(session: Session, day: date, depot: str) -> RoundPlan:
    return plan_rounds(
        session, district_id=current_actor().district_id, depot=depot, day=day, now=now(),
        keys=services().keys,
    )  # fmt: skip


def _is_open(request_id: uuid.UUID) -> bool:
    """Whether this very request has opened its rounds already."""
    first = uuid.uuid5(request_id, "round 0")
    with reading() as session:
        try:
            load_round(session, round_id=first, district_id=current_actor().district_id)
        except LendingError:
            return False
    return True
