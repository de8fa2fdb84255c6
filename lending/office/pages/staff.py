"""/office/staff: accounts added by form or file, stopped, let in again, given a new password."""

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from marshmallow import Schema
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.office.pages import words
from lending.office.pages.desk import (
    Refused,
    WrongLines,
    blueprint,
    cursor,
    next_cursor,
    one_of,
    take_file,
)
from lending.people.passwords import make_password
from lending.people.rights import at_any_site
from lending.people.staff import (
    COLUMNS,
    LANGUAGES,
    STAFF_ROLES,
    NewStaff,
    StaffAdded,
    add_staff,
    add_staff_from_rows,
    list_staff,
    reset_password,
    set_active,
)
from lending.people.tables import Role
from lending.places.sites import find_site, list_sites
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import Text
from lending.web.services import now, reading, write

PAGE = 100
MOST_SITES = 500


class StaffForm(Schema):
    """A new account; the password is made up and shown once."""

    login = Text(required=True, max_length=60)
    role = one_of([role.value for role in STAFF_ROLES], required=True)
    site = Text(max_length=20, load_default="")
    language = one_of(LANGUAGES, load_default="ko")


@blueprint.get("/office/staff")
@staff(Role.OFFICER)
def staff_list() -> str:
    """The accounts by login."""
    return _staff_page(None)


@blueprint.post("/office/staff")
@staff(Role.OFFICER)
def post_staff() -> tuple[str, int] | str:
    """Adds one account and shows its password this once."""
    form, actor, password = read_form(StaffForm()), current_actor(), make_password()

    def work(session: Session) -> int:
        role, code = Role(form.values["role"]), form.values["site"]
        site_id = None
        if code and not at_any_site(role):
            site_id = find_site(session, code=code, district_id=actor.district_id).id
        new = NewStaff(form.values["login"], password, role, site_id, form.values["language"])
        return add_staff(session, district_id=actor.district_id, new=new, now=now())

    made = attempt(form, work)
    if made is None:
        return _staff_page(form), 422
    return _passwords_page([StaffAdded(made, form.values["login"].lower(), password)])


@blueprint.post("/office/staff/file")
@staff(Role.OFFICER)
def post_staff_file() -> tuple[str, int] | str:
    """Adds all accounts of a file, or shows every wrong line and adds none."""
    district_id = current_actor().district_id
    try:
        made = take_file(
            COLUMNS,
            lambda s, table: add_staff_from_rows(
                s, district_id=district_id, table=table, now=now()
            ),
        )
    except Refused as refused:
        return _staff_page(None, **refused.shown), 422
    return _passwords_page(made)


@blueprint.post("/office/staff/<int:staff_id>/password")
@staff(Role.OFFICER)
def post_new_password(staff_id: int) -> str:
    """A new password, shown this once; all sessions of the account end."""
    actor = current_actor()
    password = write(lambda s: reset_password(s, district_id=actor.district_id, staff_id=staff_id))
    return _passwords_page([StaffAdded(staff_id, _login_of(staff_id), password)])


@blueprint.post("/office/staff/<int:staff_id>/stop")
@staff(Role.OFFICER)
def post_stop(staff_id: int) -> Response | tuple[str, int]:
    """Deactivates an account at once; the last officer stays."""
    return _set_active(staff_id, active=False)


@blueprint.post("/office/staff/<int:staff_id>/start")
@staff(Role.OFFICER)
def post_start(staff_id: int) -> Response | tuple[str, int]:
    """Lets an account in again."""
    return _set_active(staff_id, active=True)


def _set_active(staff_id: int, *, active: bool) -> Response | tuple[str, int]:
    actor, form = current_actor(), Form()

    def work(session: Session) -> bool:
        set_active(session, district_id=actor.district_id, staff_id=staff_id, active=active)
        return True

    if not attempt(form, work):
        form.errors[""] = form.errors.pop("staff", "")
        return _staff_page(None, refused=form), 409
    tell(
        _("다시 쓸 수 있어요.") if active else _("이 계정을 멈췄어요. 모든 기기에서 로그아웃돼요.")
    )
    return redirect(url_for("office.staff_list"))


def _login_of(staff_id: int) -> str:
    with reading() as session:
        found = list_staff(session, district_id=current_actor().district_id, limit=10_000)
    return next(one.login for one in found if one.id == staff_id)


def _passwords_page(added: list[StaffAdded]) -> str:
    return render_template("office/passwords.html", added=added)


def _staff_page(
    form: Form | None,
    *,
    wrong: WrongLines | None = None,
    upload: Form | None = None,
    refused: Form | None = None,
) -> str:
    actor, after = current_actor(), cursor()
    with reading() as session:
        found = list_staff(
            session,
            district_id=actor.district_id,
            after=str(after[0]) if after else None,
            limit=PAGE + 1,
        )
        sites = list_sites(session, district_id=actor.district_id, limit=MOST_SITES)
    return render_template(
        "office/staff.html",
        people=found[:PAGE],
        next=next_cursor([found[PAGE - 1].login]) if len(found) > PAGE else None,
        sites=sites,
        roles=STAFF_ROLES,
        form=form,
        wrong=wrong,
        upload=upload,
        refused=refused,
        me=actor.id,
        words=words,
    )
