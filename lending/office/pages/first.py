"""/first/<secret>: the one-time page where the first officer names the district and signs in."""

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from marshmallow import Schema
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import LendingError
from lending.loop.policy.defaults import write_default_terms
from lending.office.pages.desk import blueprint
from lending.people.actors import Actor, ActorKind
from lending.people.first_officer import (
    Founded,
    Founding,
    check_first_officer_link,
    use_first_officer_link,
)
from lending.people.tables import Role
from lending.web.access import public
from lending.web.forms import read_form, tell
from lending.web.identity import sign_in_staff
from lending.web.limits import limited
from lending.web.schemas import Text
from lending.web.services import now, reading, write


class FirstOfficerForm(Schema):
    """What the first officer states; the service says what a name and a password must be."""

    district_name = Text(required=True, max_length=100)
    login = Text(required=True, max_length=100)
    password = Text(required=True, max_length=500, strip=False)


@blueprint.get("/first/<secret>")
@public
@limited("first_officer", per_minute=20)
def first_officer(secret: str) -> str:
    """Changes nothing; 404 once the link was used."""
    with reading() as session:
        check_first_officer_link(session, secret=secret, now=now())
    return render_template("office/first.html", form=None)


@blueprint.post("/first/<secret>")
@public
@limited("first_officer", per_minute=20)
def post_first_officer(secret: str) -> Response | tuple[str, int]:
    """Makes the district with the usual terms and its first officer, and signs them in."""
    form = read_form(FirstOfficerForm())
    founded: Founded | None = None
    if not form.errors:
        founding = Founding(**form.values)

        def work(session: Session) -> Founded:
            made = use_first_officer_link(session, secret=secret, founding=founding, now=now())
            write_default_terms(session, district_id=made.district_id, now=now())
            return made

        try:
            founded = write(work)
        except LendingError as error:
            if error.field == "link":
                raise
            form.refuse(error, field_name={"name": "district_name"}.get(error.field or ""))
    if founded is None:
        return render_template("office/first.html", form=form), 422
    actor = Actor(ActorKind.STAFF, Role.OFFICER, founded.district_id, id=founded.staff_id)
    sign_in_staff(actor, epoch=0)
    tell(_("구를 만들었어요. 아래 순서대로 하면 첫 컵을 빌려줄 수 있어요."))
    return redirect(url_for("office.start"))
