"""/offices/departments: an officer's list of departments, their names and their staff cards."""

from functools import partial

from flask import redirect, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.offices.cards import end_card, give_card, list_staff_cards
from lending.offices.departments import (
    add_department,
    change_department,
    list_departments,
    load_department,
)
from lending.offices.pages.frame import blueprint, choice_at, office_of_page, office_page
from lending.offices.rights import office_of
from lending.people.actors import Actor
from lending.people.members import grouped_card
from lending.people.tables import Role
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import Text
from lending.web.services import now, reading
from lending.web.stations import choose_site

Page = str | tuple[str, int] | Response


class DepartmentForm(Schema):
    """A department's names."""

    name = Text(required=True, max_length=60)
    name_en = Text(max_length=60, load_default="")
    active = fields.Boolean(load_default=False)


class StaffCardForm(Schema):
    """A printed card, as read or typed."""

    card = Text(required=True, max_length=300)


@blueprint.get("/offices/departments")
@staff(Role.OFFICER)
def show_departments() -> str:
    """All departments of an office, closed ones too."""
    return _list_page(None)


@blueprint.post("/offices/departments")
@staff(Role.OFFICER)
def post_department() -> Page:
    """A new one."""
    form, actor = read_form(DepartmentForm()), current_actor()

    def work(session: Session) -> int:
        site = office_of_page(session)
        return add_department(
            session, site=site.code if site else "", name=form.values["name"],
            name_en=form.values["name_en"], actor=actor, now=now(),
        ).id  # fmt: skip

    made = attempt(form, work)
    if made is None:
        return _list_page(form), 422
    tell(_("부서를 더했어요. 직원카드가 있으면 아래에서 찍어 주세요."))
    return redirect(url_for("offices.show_department", department_id=made))


@blueprint.get("/offices/departments/<int:department_id>")
@staff(Role.OFFICER)
def show_department(department_id: int) -> str:
    """One department: its names and its cards."""
    return _page(department_id, None)


@blueprint.post("/offices/departments/<int:department_id>")
@staff(Role.OFFICER)
def post_change_department(department_id: int) -> Page:
    """Other names, or closed."""
    form, actor = read_form(DepartmentForm()), current_actor()
    done = attempt(
        form,
        lambda s: change_department(s, department_id=department_id, actor=actor, **form.values),
    )
    if done is None:
        return _page(department_id, form), 422
    tell(_("부서를 고쳤어요."))
    return redirect(url_for("offices.show_department", department_id=department_id))


@blueprint.post("/offices/departments/<int:department_id>/cards")
@staff(Role.OFFICER)
def post_card(department_id: int) -> Page:
    """A printed card borrows for this department from now on."""
    form, actor = read_form(StaffCardForm()), current_actor()
    done = attempt(
        form,
        lambda s: give_card(
            s, department_id=department_id, card=form.values["card"], actor=actor, now=now()
        ),
    )
    if done is None:
        if "card" in form.errors and form.values:
            form.errors["card"] = _(
                "쓸 수 있는 카드가 아니거나 다른 부서의 카드예요. 설정의 카드에서 먼저 인쇄해 주세요."
            )
        return _page(department_id, form), 422
    tell(_("이 카드로 부서 이름으로 빌릴 수 있어요."))
    return redirect(url_for("offices.show_department", department_id=department_id))


@blueprint.post("/offices/departments/<int:department_id>/cards/end")
@staff(Role.OFFICER)
def post_end_card(department_id: int) -> Page:
    """The card borrows for it no more."""
    form, actor = read_form(StaffCardForm()), current_actor()
    attempt(form, partial(_end, form, actor))
    if form.errors:
        tell(_("그런 카드가 없어요."), "warning")
    else:
        tell(_("이제 이 카드로는 부서 이름으로 빌릴 수 없어요."))
    return redirect(url_for("offices.show_department", department_id=department_id))


def _end(form: Form, actor: Actor, session: Session) -> bool:
    end_card(session, code=form.values["card"], actor=actor, now=now())
    return True


def _list_page(form: Form | None) -> str:
    with reading() as session:
        site = office_of_page(session)
        if site is None:
            return choose_site(session, choice_at("/offices/departments"))
        departments = list_departments(
            session, actor=current_actor(), site_id=site.id, closed=True
        )  # fmt: skip
    return office_page(
        "offices/departments.html", "/offices/departments", site, departments=departments,
        form=form,
    )  # fmt: skip


def _page(department_id: int, form: Form | None) -> str:
    actor = current_actor()
    with reading() as session:
        department = load_department(session, department_id=department_id, actor=actor)
        site = office_of(session, actor=actor, code=department.site)
        cards = list_staff_cards(session, department_id=department_id, actor=actor)
    return office_page(
        "offices/department.html", "/offices/departments", site, department=department,
        cards=cards, form=form, grouped_card=grouped_card,
    )  # fmt: skip
