"""/office/residents: one person found by the full contact, every look asked for and logged.

Whom an officer looks at stands in the officer's signed cookie, with the reason given and for half
an hour: no address and no list ever holds a resident's id.
"""

import uuid
from datetime import timedelta

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from marshmallow import Schema
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.loop.erase import erase_person
from lending.office.pages import words
from lending.office.pages.desk import blueprint, cursor, next_cursor
from lending.office.people import Look, check_card_of, look_up_resident, view_resident
from lending.people.access_log import Access, record_access
from lending.people.cards import replace_card
from lending.people.tables import Role
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.limits import client_address, limited
from lending.web.schemas import Text
from lending.web.services import now, services, write

LOOKING = "looking_at"
LOOK_LASTS = timedelta(minutes=30)
ERASE = ("지우기", "erase")


class FindForm(Schema):
    """Whom to find and why."""

    contact = Text(required=True, max_length=254)
    reason = Text(required=True, max_length=500)


class EraseForm(Schema):
    """The word typed to confirm."""

    confirm = Text(required=True, max_length=20)


class CardForm(Schema):
    """The lost card and the blank one that takes over."""

    old = Text(required=True, max_length=200)
    new = Text(required=True, max_length=200)


@blueprint.get("/office/residents")
@staff(Role.OFFICER)
def find() -> str:
    """The form that asks for the full contact and the reason."""
    return render_template("office/residents.html", form=None)


@blueprint.post("/office/residents")
@staff(Role.OFFICER)
@limited("find_resident", per_minute=20)
def post_find() -> Response | tuple[str, int]:
    """Logs the search and leads to the resident, if there is one."""
    form, actor, keys = read_form(FindForm()), current_actor(), services().keys
    found: list[uuid.UUID | None] = []
    if not form.errors:
        look = Look(client_address(), form.values["reason"])
        text = form.values["contact"]
        attempt(
            form,
            lambda s: found.append(
                look_up_resident(s, keys=keys, text=text, look=look, actor=actor, now=now())
            ),
        )
        if found and found[-1] is not None:
            until = int((now() + LOOK_LASTS).timestamp())
            session[LOOKING] = [str(found[-1]), look.reason, until]
            return redirect(url_for("office.show_resident"))
        if not form.errors:
            form.errors["contact"] = _("이 연락처로 빌린 분이 없어요.")
    return render_template("office/residents.html", form=form), 422


@blueprint.get("/office/residents/open")
@staff(Role.OFFICER)
def show_resident() -> str | Response:
    """The resident looked for last; this look is logged too."""
    return _resident_page(None, None) or redirect(url_for("office.find"))


@blueprint.post("/office/residents/close")
@staff(Role.OFFICER)
def post_close() -> Response:
    """Done with this person."""
    session.pop(LOOKING, None)
    return redirect(url_for("office.find"))


@blueprint.post("/office/residents/erase")
@staff(Role.OFFICER)
def post_erase() -> Response | tuple[str, int]:
    """Erases the person on request, after the word was typed."""
    resident_id, look = _looking()
    form, actor = read_form(EraseForm()), current_actor()
    if not form.errors and form.values["confirm"].lower() not in ERASE:
        form.errors["confirm"] = _("'지우기'라고 써 주세요.")
    if form.errors:
        return _resident_page(form, None) or "", 422
    access = Access(look.address, "erase", resident_id, look.reason)

    def erase(work: Session) -> bool:
        record_access(work, actor=actor, access=access, now=now())
        return erase_person(work, resident_id=resident_id, now=now())

    write(erase)
    session.pop(LOOKING, None)
    tell(_("이 분의 개인정보를 지웠어요. 컵 기록은 누구 것인지 모르게 남아요."))
    return redirect(url_for("office.find"))


@blueprint.post("/office/residents/card")
@staff(Role.OFFICER)
def post_replace_card() -> Response | tuple[str, int]:
    """A blank card takes over whose card was lost, and the lost one is revoked."""
    resident_id, _look = _looking()
    form, actor = read_form(CardForm()), current_actor()
    old, new = form.values.get("old", ""), form.values.get("new", "")

    def replace(work: Session) -> bool:
        check_card_of(work, resident_id=resident_id, district_id=actor.district_id, card=old)
        replace_card(work, district_id=actor.district_id, old=old, new=new, now=now())
        return True

    if not attempt(form, replace):
        if "card" in form.errors:
            form.errors["new"] = form.errors.pop("card")
        return _resident_page(None, form) or "", 422
    tell(_("카드를 바꿨어요. 앞의 카드는 이제 쓸 수 없어요."))
    return redirect(url_for("office.show_resident"))


def _looking() -> tuple[uuid.UUID, Look]:
    """Whom this officer looks at and why; NOT_FOUND when it is over."""
    known = session.get(LOOKING)
    if not known or known[2] < now().timestamp():
        raise LendingError(Code.NOT_FOUND, field="resident")
    return uuid.UUID(known[0]), Look(client_address(), known[1])


def _resident_page(erase_form: Form | None, card_form: Form | None) -> str | None:
    """The page, its look logged; None when nobody is looked at."""
    try:
        resident_id, look = _looking()
    except LendingError:
        return None
    actor, keys, after = current_actor(), services().keys, cursor()
    view = write(
        lambda s: view_resident(
            s, keys=keys, resident_id=resident_id, look=look, actor=actor, now=now(), after=after
        )
    )
    return render_template(
        "office/resident.html",
        view=view,
        next=next_cursor(view.loans.history.next),
        reason=look.reason,
        erase_form=erase_form,
        card_form=card_form,
        moment=now(),
        words=words,
        here=request.path if request.method == "GET" else url_for("office.show_resident"),
    )
