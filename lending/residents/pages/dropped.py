"""Where a resident says “I dropped it”: on /my, at a place's own QR; and takes it back."""

import uuid
from datetime import datetime

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.loop.care.drops import Taken
from lending.requests.take_back import list_places
from lending.residents.own import find_own_loan
from lending.residents.pages.signed_in import signed_in, with_notice
from lending.residents.place_page import load_place_page
from lending.residents.returned import drop_cup, take_back_word
from lending.residents.schemas import DroppedForm
from lending.web.access import current_resident_or_none, public
from lending.web.answers import with_status
from lending.web.context import district, show_district
from lending.web.forms import Form, read_form, tell
from lending.web.limits import count_visit, limited
from lending.web.services import now, reading, write

blueprint = Blueprint("dropped", __name__)


@blueprint.get("/my/cups/<uuid:loan_id>/dropped")
@with_notice
def ask_dropped(loan_id: uuid.UUID) -> str:
    """Where and when a cup was brought back that still stands as out."""
    return _form_page(loan_id, None)


@blueprint.post("/my/cups/<uuid:loan_id>/dropped")
@with_notice
@limited("dropped", per_minute=30)
def post_dropped(loan_id: uuid.UUID) -> Response | tuple[str, int]:
    """Take the resident's word; what happens next is told on /my."""
    form = read_form(DroppedForm())
    if form.errors:
        return _form_page(loan_id, form), 422
    actor, moment, zone = signed_in(), now(), district().zone
    try:
        taken = write(
            lambda s: drop_cup(
                s, resident=actor, loan_id=loan_id, **form.values, zone=zone, now=moment
            )
        )
    except LendingError as error:
        if error.field not in {"site", "day"}:
            raise
        form.errors[error.field] = _("이 칸을 다시 확인해 주세요.")
        return _form_page(loan_id, form), 422
    _tell_taken(taken)
    return redirect(url_for("residents.my.show_my"))


@blueprint.post("/my/cups/<uuid:loan_id>/found")
@with_notice
@limited("dropped", per_minute=30)
def post_found(loan_id: uuid.UUID) -> Response:
    """“Found it, I have it”: the clock goes on as before."""
    actor, moment = signed_in(), now()
    try:
        write(lambda s: take_back_word(s, resident=actor, loan_id=loan_id, now=moment))
    except LendingError as error:
        if error.code is not Code.NOT_FOUND:
            raise
        tell(_("이미 반납된 컵이에요."), "info")
    else:
        tell(_("알려 주셔서 고마워요. 돌려줄 날은 처음 그대로예요."))
    return redirect(url_for("residents.my.show_my"))


@blueprint.get("/p/<site>")
@public
@limited("place_page", per_minute=120)
def show_place(site: str) -> str | Response:
    """What this place is, and one tap per cup for who has just put one in."""
    try:
        with reading() as session:
            page = load_place_page(
                session, code=site, resident=current_resident_or_none(), now=now()
            )
    except LendingError as error:
        count_visit("place_probe", per_minute=20)
        return with_status(make_response(render_template("residents/no_place.html")), error)
    show_district(page.site.district_id)
    return render_template("residents/place.html", page=page)


@blueprint.post("/p/<site>/dropped/<uuid:loan_id>")
@with_notice
@limited("dropped", per_minute=30)
def post_place(site: str, loan_id: uuid.UUID) -> Response:
    """This cup of the resident's lies here since just now."""
    actor, moment = signed_in(), now()
    taken = write(lambda s: drop_cup(s, resident=actor, loan_id=loan_id, site=site, now=moment))
    _tell_taken(taken)
    return redirect(url_for("residents.dropped.show_place", site=site))


def _tell_taken(taken: Taken) -> None:
    """In calm words what happens next."""
    if taken.stops_clock:
        tell(_("알려 주셔서 고마워요. 알림과 기한을 멈췄어요. 확인되면 내 컵에 보여 드릴게요."))
    else:
        tell(_("알려 주셔서 고마워요. 이번에는 담당자가 직접 살펴볼게요. 기한은 그대로예요."))


def _form_page(loan_id: uuid.UUID, form: Form | None) -> str:
    actor, moment = signed_in(), now()
    with reading() as session:
        loan = find_own_loan(session, resident=actor, loan_id=loan_id)
        places = list_places(session, district_id=actor.district_id)
    return render_template(
        "residents/dropped.html",
        loan=loan,
        places=places,
        form=form,
        today=_local_day(moment),
        lent_on=_local_day(loan.opened_at),
    )


def _local_day(moment: datetime) -> str:
    return moment.astimezone(district().zone).date().isoformat()
