"""What a resident does about a cup that is out, and the history of those that came back."""

import uuid
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.loop.loans import loans_of_resident
from lending.residents.cup_page import list_places
from lending.residents.cups import kept_days
from lending.residents.extend import extend_cup, is_granted
from lending.residents.own import find_own_loan
from lending.residents.pages.signed_in import resident_id_of, signed_in, with_notice
from lending.residents.returned import say_returned
from lending.residents.schemas import PageQuery, ReturnedForm
from lending.web.context import district
from lending.web.forms import Form, read_form, tell
from lending.web.i18n import write_day
from lending.web.schemas import encode_cursor
from lending.web.services import now, reading, services, write

blueprint = Blueprint("loans", __name__)

PAGE = 20


@blueprint.get("/my/history")
@with_notice
def show_history() -> str:
    """Cups that came back, the latest lend first, a page at a time."""
    query = PageQuery().load({k: v for k, v in request.args.items() if k == "after"})
    with reading() as session:
        loans = loans_of_resident(
            session,
            resident_id=resident_id_of(signed_in()),
            after=query.get("after"),
            limit=PAGE,
        )
        kept = kept_days(session, district_id=signed_in().district_id, now=now())
    following = loans.history.next
    return render_template(
        "residents/history.html",
        loans=loans.history.items,
        out=len(loans.open),
        next_cursor=encode_cursor(following) if following else None,
        kept_days=kept,
    )


@blueprint.post("/my/cups/<uuid:loan_id>/extend")
@with_notice
def post_extend(loan_id: uuid.UUID) -> Response:
    """Keep a cup longer; the answer is told on /my."""
    actor, keys, moment = signed_in(), services().keys, now()
    try:
        receipt = write(
            lambda s: extend_cup(s, resident=actor, loan_id=loan_id, keys=keys, now=moment)
        )
    except LendingError as error:
        if error.code is not Code.NOT_FOUND:
            raise
        tell(_("이미 반납된 컵이에요."), "info")
        return redirect("/my")
    if not is_granted(receipt):
        tell(_("더 연장할 수 없는 컵이에요. 기한 안에 가까운 곳에 돌려주세요."), "warning")
    elif receipt.loan is not None:
        day = write_day(receipt.loan.due_at, district().timezone)
        tell(_("연장했어요. %(day)s까지 돌려주세요.", day=day))
    return redirect("/my")


@blueprint.get("/my/cups/<uuid:loan_id>/returned")
@with_notice
def ask_returned(loan_id: uuid.UUID) -> str:
    """Where and when a cup was brought back that still stands as out."""
    return _returned_page(loan_id, None)


@blueprint.post("/my/cups/<uuid:loan_id>/returned")
@with_notice
def post_returned(loan_id: uuid.UUID) -> Response | tuple[str, int]:
    """Keep what the resident says for the place to check; reminders wait meanwhile."""
    form = read_form(ReturnedForm())
    if form.errors:
        return _returned_page(loan_id, form), 422
    actor, moment = signed_in(), now()
    try:
        write(
            lambda s: say_returned(
                s,
                resident=actor,
                loan_id=loan_id,
                site=form.values["site"],
                day=form.values["day"],
                now=moment,
            )
        )
    except LendingError as error:
        if error.field not in {"site", "day"}:
            raise
        form.errors[error.field] = _("이 칸을 다시 확인해 주세요.")
        return _returned_page(loan_id, form), 422
    tell(_("알려 주셔서 고마워요. 직원이 확인하는 동안 알림을 보내지 않아요."))
    return redirect(url_for("residents.my.show_my"))


def _returned_page(loan_id: uuid.UUID, form: Form | None) -> str:
    actor, moment = signed_in(), now()
    with reading() as session:
        loan = find_own_loan(session, resident=actor, loan_id=loan_id)
        places = list_places(session, district_id=actor.district_id)
    return render_template(
        "residents/returned.html",
        loan=loan,
        places=places,
        form=form,
        today=_local_day(moment),
        lent_on=_local_day(loan.opened_at),
    )


def _local_day(moment: datetime) -> str:
    return moment.astimezone(district().zone).date().isoformat()
