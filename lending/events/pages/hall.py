"""/events/s/<secret>: the hall sees its statement and answers it without an account."""

import uuid

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from lending.errors import Code, LendingError
from lending.events.pages import words
from lending.events.pages.answering import answer_form, read_disputes
from lending.events.pages.desk import blueprint
from lending.events.pages.papers import number_of, send_statement
from lending.events.pages.statement import MOST_DRAWN, send_photo
from lending.events.statements.answers import answer_by_link, dispute_by_link, find_by_link
from lending.events.statements.links import statement_photo
from lending.events.statements.waiting import Waiting, waiting_by_link
from lending.events.values import StatementView
from lending.web.access import public
from lending.web.answers import with_status
from lending.web.context import show_district
from lending.web.forms import Form, tell
from lending.web.limits import count_visit, limited
from lending.web.services import now, reading, services, write


@blueprint.get("/events/s/<secret>")
@public
@limited("event_statement", per_minute=60)
def show_hall(secret: str) -> str | Answer:
    """The latest statement that the centre confirmed; until then when it is due."""
    return _page(secret, None)


@blueprint.post("/events/s/<secret>")
@public
@limited("event_answer", per_minute=20)
def post_hall(secret: str) -> Answer:
    """The hall's word: right, or wrong in some lines, each with its reason and a photo."""
    form = answer_form()
    try:
        with reading() as session:
            statement = find_by_link(session, secret=secret, now=now())
        if not form.errors:
            _answer(secret, form, statement)
    except LendingError as error:
        if error.code not in (Code.INVALID, Code.CONFLICT, Code.ID_REUSED):
            return make_response(_page(secret, None, error))
        form.errors[""] = _("그 사이에 내용이 바뀌었어요. 아래를 다시 봐 주세요.")
    if form.errors:
        answer = make_response(_page(secret, form))
        answer.status_code = 422
        return answer
    tell(_("고마워요. 말씀해 주신 대로 적었어요."))
    return redirect(url_for("events.show_hall", secret=secret))


@blueprint.get("/events/s/<secret>/statement.pdf")
@public
@limited("event_paper", per_minute=20)
def get_hall_paper(secret: str) -> Response:
    """The same as a paper, in Korean or `?lang=en`."""
    moment = now()
    with reading() as session:
        statement = find_by_link(session, secret=secret, now=moment)
        photos = [
            statement_photo(session, photo_id=one, secret=secret, now=moment)
            for one in statement.photos[:MOST_DRAWN]
        ]
    lang = "en" if request.args.get("lang") == "en" else "ko"
    address = f"{services().config.public_url}{url_for('events.show_hall', secret=secret)}"
    return send_statement(statement, photos, address=address, lang=lang, now=moment, named=False)


@blueprint.get("/events/s/<secret>/photos/<uuid:photo_id>")
@public
@limited("event_photo", per_minute=120)
def show_hall_photo(secret: str, photo_id: uuid.UUID) -> Response:
    """A photo of this hall's statement."""
    with reading() as session:
        jpeg = statement_photo(session, photo_id=photo_id, secret=secret, now=now())
    return send_photo(jpeg)


def _answer(secret: str, form: Form, statement: StatementView) -> None:
    name, version = form.values["name"], form.values["version"]
    if form.values["word"] == "right":
        write(
            lambda s: answer_by_link(s, secret=secret, version=version, name=name, now=now())
        )  # fmt: skip
    elif told := read_disputes(form, statement):
        write(
            lambda s: dispute_by_link(
                s, secret=secret, version=version, disputes=told, name=name, now=now()
            )
        )


def _page(secret: str, form: Form | None, refused: LendingError | None = None) -> str | Answer:
    try:
        if refused is not None:
            raise refused
        one = _find(secret)
    except LendingError as error:
        if error.code is not Code.NOT_FOUND:
            raise
        count_visit("event_probe", per_minute=20)
        return with_status(make_response(render_template("events/no_statement.html")), error)
    show_district(one.district_id)
    if isinstance(one, Waiting):
        return render_template("events/hall_waiting.html", one=one, words=words)
    return render_template(
        "events/hall.html",
        one=one,
        form=form,
        secret=secret,
        words=words,
        number=number_of(one),
        new_id=uuid.uuid4,
    )


def _find(secret: str) -> StatementView | Waiting:
    with reading() as session:
        try:
            return find_by_link(session, secret=secret, now=now())
        except LendingError as error:
            if error.code is not Code.NOT_FOUND:
                raise
            return waiting_by_link(session, secret=secret, now=now())
