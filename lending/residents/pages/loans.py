"""What a resident does about a cup that is out, and the history of those that came back."""

import uuid

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.loop.read.loans import loans_of_resident
from lending.residents.cups import kept_days
from lending.residents.extend import extend_cup, is_granted
from lending.residents.pages.signed_in import resident_id_of, signed_in, with_notice
from lending.residents.schemas import PageQuery
from lending.web.context import district
from lending.web.forms import tell
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
