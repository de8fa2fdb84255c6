"""The public page of a cup: reading it changes nothing, and it is the same in and out."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.loop.codes import read_code
from lending.requests.ways_back import list_ways_back
from lending.residents.attach import attach_cup
from lending.residents.cup_page import load_cup_page, load_own_cup
from lending.residents.pages.signed_in import signed_in, with_notice
from lending.residents.schemas import CupForm
from lending.web.access import current_resident_or_none, public
from lending.web.answers import with_status
from lending.web.context import show_district
from lending.web.forms import Form, read_form, tell
from lending.web.limits import count_visit, limited
from lending.web.panels import ITEM, panels_of
from lending.web.services import now, reading, services, write

blueprint = Blueprint("cup", __name__)


@blueprint.get("/i/")
@public
@limited("item_page", per_minute=120)
def ask_cup() -> str | Response | tuple[str, int]:
    """A field for the number under the QR, for whom the camera does not help."""
    if "code" not in request.args:
        return render_template("residents/find_cup.html", form=None)
    form = read_form(CupForm(), source=request.args)
    if not form.errors:
        try:
            return redirect(url_for("residents.cup.show_cup", code=read_code(form.values["code"])))
        except LendingError as error:
            form.errors["code"] = _words_for(error.code)
    return render_template("residents/find_cup.html", form=form), 422


@blueprint.get("/i/<code>")
@public
@limited("item_page", per_minute=120)
def show_cup(code: str) -> str | Response:
    """What the cup is, how often used and washed, and where it goes back."""
    resident, moment = current_resident_or_none(), now()
    try:
        with reading() as session:
            page = load_cup_page(session, code=code)
            places = list_ways_back(
                session, district_id=page.item.district_id, kinds=[page.item.kind.code], now=moment
            )
            panels = panels_of(session, ITEM, page.item_id, now=moment)
            mine = load_own_cup(session, resident=resident, code=code) if resident else None
    except LendingError as error:
        return _no_cup(error)
    show_district(page.item.district_id)
    return render_template(
        "residents/cup.html",
        page=page,
        cup=page.item,
        places=places,
        mine=mine,
        panels=panels,
        resident=resident,
    )


@blueprint.post("/i/<code>/mine")
@with_notice
@limited("item_mine", per_minute=20)
def post_mine(code: str) -> Response:
    """“I have this cup”: the answer is the same, whatever became of it."""
    actor, keys, moment = signed_in(), services().keys, now()
    write(lambda session: attach_cup(session, resident=actor, code=code, keys=keys, now=moment))
    tell(_("알려 주셔서 고마워요. 주인이 비어 있던 컵이면 이제 내 컵에 보여요."))
    return redirect(url_for("residents.cup.show_cup", code=read_code(code)))


def _no_cup(error: LendingError) -> Response:
    """A friendly page with the field to type the number again; guessing is slowed."""
    count_visit("item_probe", per_minute=20)
    form = Form(errors={"code": _words_for(error.code)}, raw={"code": request.path[3:][:40]})
    page = make_response(render_template("residents/find_cup.html", form=form))
    known = {Code.BAD_CHECK_DIGIT, Code.NOT_FOUND}
    return with_status(page, error if error.code in known else LendingError(Code.NOT_FOUND))


def _words_for(code: Code) -> str:
    if code is Code.BAD_CHECK_DIGIT:
        return str(_("번호 한 자리가 틀렸어요. 컵에 적힌 12자리를 다시 확인해 주세요."))
    if code is Code.NOT_FOUND:
        return str(_("아직 등록되지 않은 컵이에요. 번호가 맞다면 가까운 카페에 맡겨 주세요."))
    return str(_("컵 번호는 12자리 숫자예요. 예: 4821-0937-5518"))
