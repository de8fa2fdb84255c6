"""/events/<id>/statement: a version of the shortfall statement, confirmed, sent, answered, printed."""

import uuid
from datetime import datetime

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from lending.errors import Code, LendingError
from lending.events.pages.answering import answer_form, read_disputes
from lending.events.pages.desk import blueprint, event_page
from lending.events.pages.papers import number_of, send_statement
from lending.events.statements.answers import answer_statement, dispute_statement
from lending.events.statements.links import statement_photo
from lending.events.statements.reading import (
    confirm_statement,
    hall_link,
    list_versions,
    load_statement,
    renew_link,
)
from lending.events.statements.waiting import load_waiting
from lending.events.values import StatementView
from lending.people.tables import Role
from lending.web.access import current_actor, station
from lending.web.forms import Form, tell
from lending.web.services import now, reading, services, write

MOST_DRAWN = 3  # photos on the paper


@blueprint.get("/events/<uuid:event_id>/statement")
@station(Role.CAFE, Role.WASH)
def show_statement(event_id: uuid.UUID) -> str:
    """The latest version, or `?version=`; that it is to come, until there is one to be seen."""
    try:
        return _page(event_id, None)
    except LendingError as error:
        if error.field != "statement" or "version" in request.args:
            raise
    with reading() as session:
        one = load_waiting(session, event_id=event_id, actor=current_actor(), now=now())
    address = _address(event_id) if _sees_drafts() else ""
    return event_page("events/waiting.html", "/events", one=one, address=address)


@blueprint.post("/events/<uuid:event_id>/statement/confirm")
@station(Role.WASH)
def post_confirmed(event_id: uuid.UUID) -> Answer:
    """The centre says that it is right; from now on the hall has its days."""
    statement = _load(event_id)
    actor = current_actor()
    write(lambda s: confirm_statement(s, statement_id=statement.id, actor=actor, now=now()))
    tell(_("확인했어요. 아래 주소를 장례식장에 보내 주세요. 계정 없이 볼 수 있어요."))
    return redirect(url_for("events.show_statement", event_id=event_id))


@blueprint.post("/events/<uuid:event_id>/statement/link")
@station(Role.WASH)
def post_new_link(event_id: uuid.UUID) -> Answer:
    """Another address for the hall; the one before leads nowhere any more."""
    actor, keys = current_actor(), services().keys
    write(lambda s: renew_link(s, event_id=event_id, actor=actor, keys=keys))
    tell(_("새 주소를 만들었어요. 앞의 주소는 이제 열리지 않아요."))
    return redirect(url_for("events.show_statement", event_id=event_id))


@blueprint.post("/events/<uuid:event_id>/statement/answer")
@station(Role.CAFE, Role.WASH)
def post_answer(event_id: uuid.UUID) -> str | tuple[str, int] | Answer:
    """The hall's word, by its staff: right, or wrong in some lines."""
    statement, form = _load(event_id), answer_form()
    actor = current_actor()
    try:
        if not form.errors and form.values["word"] == "right":
            name = form.values["name"]
            write(
                lambda s: answer_statement(
                    s, statement_id=statement.id, actor=actor, name=name, now=now()
                )
            )
        elif not form.errors and (told := read_disputes(form, statement)):
            name = form.values["name"]
            write(
                lambda s: dispute_statement(
                    s, statement_id=statement.id, disputes=told, actor=actor, name=name, now=now()
                )
            )
    except LendingError as error:
        if error.code not in (Code.INVALID, Code.CONFLICT):
            raise
        form.refuse(error, field_name="")
    if form.errors:
        return _page(event_id, form), 422
    tell(_("고마워요. 말씀해 주신 대로 적었어요."))
    return redirect(url_for("events.show_statement", event_id=event_id))


@blueprint.get("/events/<uuid:event_id>/statement.pdf")
@station(Role.CAFE, Role.WASH)
def get_statement(event_id: uuid.UUID) -> Response:
    """The paper of a version (`?version=`), in Korean or `?lang=en`."""
    statement, actor, moment = _load(event_id), current_actor(), now()
    with reading() as session:
        photos = [
            statement_photo(session, photo_id=one, actor=actor, now=moment)
            for one in statement.photos[:MOST_DRAWN]
        ]
    lang = "en" if request.args.get("lang") == "en" else "ko"
    address = _address(event_id) if statement.sent_at and _has_link(statement, moment) else ""
    return send_statement(statement, photos, address=address, lang=lang, now=moment)


@blueprint.get("/events/photos/<uuid:photo_id>")
@station(Role.CAFE, Role.WASH)
def show_photo(photo_id: uuid.UUID) -> Response:
    """A photo of a statement."""
    actor = current_actor()
    with reading() as session:
        jpeg = statement_photo(session, photo_id=photo_id, actor=actor, now=now())
    return send_photo(jpeg)


def send_photo(jpeg: bytes) -> Response:
    """A JPEG that no cache keeps and that runs nothing."""
    answer = Response(jpeg, mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _load(event_id: uuid.UUID) -> StatementView:
    asked = request.args.get("version", "")
    version = int(asked) if asked.isdecimal() and len(asked) < 6 else None
    with reading() as session:
        return load_statement(
            session, event_id=event_id, actor=current_actor(), now=now(), version=version
        )


def _sees_drafts() -> bool:
    return current_actor().role in (Role.WASH, Role.OFFICER)


def _has_link(statement: StatementView, moment: datetime) -> bool:
    """Whether the hall may look at it by its link."""
    ends = statement.link_until
    return statement.latest and (ends is None or ends > moment)


def _address(event_id: uuid.UUID) -> str:
    """Where the hall answers without an account."""
    actor, keys = current_actor(), services().keys
    secret = write(lambda s: hall_link(s, event_id=event_id, actor=actor, keys=keys))
    return f"{services().config.public_url}{url_for('events.show_hall', secret=secret)}"


def _page(event_id: uuid.UUID, form: Form | None) -> str:
    statement, actor = _load(event_id), current_actor()
    with reading() as session:
        versions = list_versions(session, event_id=event_id, actor=actor)
    works = _sees_drafts()
    return event_page(
        "events/statement.html", "/events", one=statement, versions=versions, form=form,
        works=works, decides=actor.role is Role.OFFICER, number=number_of(statement),
        address=_address(event_id) if works and _has_link(statement, now()) else "",
        new_id=uuid.uuid4,
    )  # fmt: skip
