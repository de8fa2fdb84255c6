"""/wash/machines: the centre's machines, programmes and plan, and which ware a stain does not retire."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.loop.pieces.stains import keep_stained, kept_stained
from lending.loop.read.pieces import list_kinds
from lending.people.tables import Role
from lending.places.sites import SiteView
from lending.washing.batches.machines import (
    ProgrammeIn,
    add_machine,
    add_programme,
    change_machine,
    list_machines,
    list_programmes,
    stop_programme,
)
from lending.washing.batches.tables import Stage
from lending.washing.centre import load_plan, set_plan
from lending.washing.pages.batch_words import STAGE_WORDS
from lending.washing.pages.places import centre_parts, choice_of
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import Text
from lending.web.services import now, reading
from lending.web.stations import choose_site, site_of_page

blueprint = Blueprint("washing_machines", __name__)
ADDRESS = "/wash/machines"


def _whole(most: int, **more: Any) -> fields.Integer:
    return fields.Integer(validate=validate.Range(0, most), **more)


class MachineForm(Schema):
    """A new machine."""

    name = Text(required=True, max_length=100)
    capacity = _whole(100_000, load_default=0)


class ChangeForm(Schema):
    """What may change of a machine."""

    capacity = _whole(100_000, load_default=0)
    active = Text(max_length=1)


class ProgrammeForm(Schema):
    """A new programme; numbers as typed."""

    name = Text(required=True, max_length=100)
    stages = fields.List(Text(max_length=20), load_default=list)
    min_temperature = Text(max_length=20, load_default=None)
    detergent = Text(max_length=20, load_default=None)


class PlanForm(Schema):
    """The plan of the centre."""

    per_hour = _whole(100_000, load_default=0)


class StainForm(Schema):
    """Kinds that a stain alone does not retire."""

    kept = fields.List(Text(max_length=40), load_default=list)


@blueprint.get(ADDRESS)
@staff(Role.WASH, Role.OFFICER)
def show_machines() -> str:
    """All settings of one centre; who acts for a district chooses one first (`?site=`)."""
    return _page({})


@blueprint.post(ADDRESS)
@staff(Role.WASH, Role.OFFICER)
def post_machine() -> Response | tuple[str, int]:
    """Adds a machine."""
    form, actor = read_form(MachineForm()), current_actor()
    made = attempt(
        form,
        lambda s: add_machine(s, site_id=_site(s).id, actor=actor, now=now(), **form.values),
    )
    return _done({"machine": form}, made, _("기계를 더했어요."))


@blueprint.post(f"{ADDRESS}/<int:machine_id>")
@staff(Role.WASH, Role.OFFICER)
def post_change(machine_id: int) -> Response | tuple[str, int]:
    """Changes how much a machine takes, and whether it is in use."""
    form, actor = read_form(ChangeForm()), current_actor()
    changed = attempt(
        form,
        lambda s: change_machine(
            s, machine_id=machine_id, capacity=form.values["capacity"],
            active=bool(form.values.get("active")), actor=actor,
        ),
    )  # fmt: skip
    return _done({f"machine-{machine_id}": form}, changed, _("바꿨어요."))


@blueprint.post(f"{ADDRESS}/programmes")
@staff(Role.WASH, Role.OFFICER)
def post_programme() -> Response | tuple[str, int]:
    """Adds a programme; its stages come in the order of the work, however they were ticked."""
    form, actor = read_form(ProgrammeForm()), current_actor()

    def add(session: Session) -> Any:
        values = form.values
        ticked = [stage.value for stage in Stage if stage.value in values["stages"]]
        heat, detergent = values["min_temperature"], values["detergent"]
        new = ProgrammeIn(values["name"], ticked, heat or None, detergent or None)
        return add_programme(session, new, actor=actor, now=now())

    return _done({"programme": form}, attempt(form, add), _("프로그램을 더했어요."))


@blueprint.post(f"{ADDRESS}/programmes/<int:programme_id>/stop")
@staff(Role.WASH, Role.OFFICER)
def post_stop(programme_id: int) -> Response | tuple[str, int]:
    """A programme is used no more; batches keep it."""
    form, actor = read_form(Schema()), current_actor()

    def stop(session: Session) -> bool:
        stop_programme(session, programme_id=programme_id, actor=actor)
        return True

    return _done({"stop": form}, attempt(form, stop), _("이제 쓰지 않아요."))


@blueprint.post(f"{ADDRESS}/plan")
@staff(Role.WASH, Role.OFFICER)
def post_plan() -> Response | tuple[str, int]:
    """Sets how many pieces an hour are planned."""
    form, actor = read_form(PlanForm()), current_actor()

    def plan(session: Session) -> bool:
        per_hour = form.values["per_hour"]
        set_plan(session, site=_site(session), per_hour=per_hour, actor=actor, now=now())
        return True

    return _done({"plan": form}, attempt(form, plan), _("계획을 바꿨어요."))


@blueprint.post(f"{ADDRESS}/stains")
@staff(Role.WASH, Role.OFFICER)
def post_stains() -> Response | tuple[str, int]:
    """Sets which kinds a stain alone does not retire."""
    form, actor = read_form(StainForm()), current_actor()

    def keep(session: Session) -> bool:
        keep_stained(session, district_id=actor.district_id, kinds=form.values["kept"])
        return True

    return _done({"stains": form}, attempt(form, keep), _("바꿨어요."))


def _site(session: Session) -> SiteView:
    site = site_of_page(session)
    if site is None:
        raise LendingError(Code.INVALID, field="site")
    return site


def _done(forms: dict[str, Form], made: object, words: str) -> Response | tuple[str, int]:
    if made is None:
        return _page(forms), 422
    tell(words)
    asked = request.args.get("site", "")[:40]
    return redirect(f"{ADDRESS}?site={asked}" if asked else ADDRESS)


def _page(forms: dict[str, Form]) -> str:
    with reading() as session:
        site = site_of_page(session)
        if site is None:
            return choose_site(session, choice_of(ADDRESS))
        kinds = list_kinds(session, district_id=site.district_id)
        return render_template(
            "washing/machines.html",
            forms=forms,
            machines=list_machines(session, site_id=site.id),
            programmes=list_programmes(session, district_id=site.district_id),
            per_hour=load_plan(session, site_id=site.id),
            stages=STAGE_WORDS,
            ware=[kind for kind in kinds if not kind.carrier],
            stained=kept_stained(session, district_id=site.district_id),
            **centre_parts(session, site),
        )
