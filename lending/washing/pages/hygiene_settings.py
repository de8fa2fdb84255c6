"""/wash/hygiene/settings: the kinds of tests with their limits, and how the district samples."""

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.people.tables import Role
from lending.washing.hygiene.plan import (
    KindIn,
    KindView,
    PlanView,
    list_kinds,
    load_plan,
    set_kind,
    set_plan,
)
from lending.washing.pages.hygiene_desk import blueprint, write_measured
from lending.washing.pages.hygiene_forms import KindForm, NewKindForm, PlanForm
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.services import now, reading


@blueprint.get("/wash/hygiene/settings")
@staff(Role.OFFICER)
def show_settings() -> str:
    """The kinds of tests, and the plan."""
    return _settings_page()


@blueprint.post("/wash/hygiene/settings")
@staff(Role.OFFICER)
def post_plan() -> Response | tuple[str, int]:
    """Changes how the district samples."""
    form, actor = read_form(PlanForm()), current_actor()

    def work(session: Session) -> PlanView:
        return set_plan(session, PlanView(**form.values), actor=actor, now=now())

    if attempt(form, work) is None:
        return _settings_page(plan_form=form), 422
    tell(_("바꿨어요."))
    return redirect(url_for("hygiene.show_settings"))


@blueprint.post("/wash/hygiene/settings/kinds")
@staff(Role.OFFICER)
def post_kind() -> Response | tuple[str, int]:
    """Adds a kind of test."""
    form, actor = read_form(NewKindForm()), current_actor()

    def work(session: Session) -> KindView:
        known = list_kinds(session, district_id=actor.district_id)
        if form.values["code"] in {kind.code for kind in known}:
            raise LendingError(Code.INVALID, field="code", detail="in_use")
        return set_kind(session, KindIn(**form.values), actor=actor)

    if attempt(form, work) is None:
        return _settings_page(kind_form=form), 422
    tell(_("%(name)s을(를) 더했어요.", name=form.values["name"]))
    return redirect(url_for("hygiene.show_settings"))


@blueprint.get("/wash/hygiene/settings/kinds/<code>")
@staff(Role.OFFICER)
def show_kind(code: str) -> str:
    """One kind of test, to be changed."""
    return _kind_page(code, None)


@blueprint.post("/wash/hygiene/settings/kinds/<code>")
@staff(Role.OFFICER)
def post_change_kind(code: str) -> Response | tuple[str, int]:
    """Changes a kind; what was tested keeps the limit it was judged by."""
    form, actor = read_form(KindForm()), current_actor()
    _find(code)

    def work(session: Session) -> KindView:
        return set_kind(session, KindIn(code=code, **form.values), actor=actor)

    if attempt(form, work) is None:
        return _kind_page(code, form), 422
    tell(_("바꿨어요."))
    return redirect(url_for("hygiene.show_settings"))


def _settings_page(plan_form: Form | None = None, kind_form: Form | None = None) -> str:
    district_id = current_actor().district_id
    with reading() as session:
        plan = load_plan(session, district_id=district_id)
        kinds = list_kinds(session, district_id=district_id)
    return render_template(
        "washing/hygiene_settings.html",
        plan=plan,
        kinds=kinds,
        plan_form=plan_form,
        kind_form=kind_form,
        measured=write_measured,
        asked="",
        is_officer=True,
    )


def _kind_page(code: str, form: Form | None) -> str:
    return render_template("washing/hygiene_kind.html", kind=_find(code), form=form)


def _find(code: str) -> KindView:
    with reading() as session:
        known = list_kinds(session, district_id=current_actor().district_id)
    found = next((kind for kind in known if kind.code == code), None)
    if found is None:
        raise LendingError(Code.NOT_FOUND, field="kind")
    return found
