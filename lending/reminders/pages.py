"""The pages behind the links of a message: "already brought back?" and "not you?"; worker's health."""

import uuid
from datetime import datetime

from flask import Blueprint, redirect, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import Schema, fields
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import LendingError
from lending.loop.write.reviews import Saying
from lending.notices.beats import worker_silent
from lending.reminders.answer import answer_message, show_asked
from lending.requests.take_back import list_places
from lending.web.access import public
from lending.web.forms import Form, read_form, tell
from lending.web.health import health_checks
from lending.web.limits import limited
from lending.web.schemas import Text
from lending.web.services import now, reading, services, write

blueprint = Blueprint("reminders", __name__)

WRONG = {
    "cup": lazy_gettext("해당하는 컵을 골라 주세요."),
    "site": lazy_gettext("이 칸을 다시 확인해 주세요."),
}


class AnswerForm(Schema):
    """The cups a person speaks of, and where they were left."""

    cup = fields.List(fields.UUID())
    site = Text(max_length=40, load_default="")


@blueprint.get("/n/<token>")
@public
@limited("notice_link", per_minute=60)
def already_returned(token: str) -> str:
    """The cups the message asked about, and the button "already brought back"."""
    return _page(token, Saying.RETURNED)


@blueprint.post("/n/<token>")
@public
@limited("notice_link", per_minute=60)
def post_already_returned(token: str) -> Response | tuple[str, int]:
    """Take the person's word: no more reminders until somebody has looked."""
    return _answer(token, Saying.RETURNED)


@blueprint.get("/n/<token>/not-me")
@public
@limited("notice_link", per_minute=60)
def not_me(token: str) -> str:
    """The same cups, and the button "that was not me"."""
    return _page(token, Saying.NOT_ME)


@blueprint.post("/n/<token>/not-me")
@public
@limited("notice_link", per_minute=60)
def post_not_me(token: str) -> Response | tuple[str, int]:
    """Take the person's word: no more messages about these cups until somebody has looked."""
    return _answer(token, Saying.NOT_ME)


def check_worker(session: Session, moment: datetime) -> str | None:
    """A sentence for staff when no worker did its rounds for 15 minutes; a server cannot blame one
    for the time before it started itself."""
    if worker_silent(session, now=moment, since=services().started):
        return str(_("알림을 보내는 작업이 15분 넘게 멈춰 있어요. 서버 담당자에게 알려 주세요."))
    return None


health_checks.append(check_worker)


def _page(token: str, saying: Saying, form: Form | None = None) -> str:
    with reading() as session:
        asked = show_asked(session, keys=services().keys, token=token, now=now())
        places = list_places(session, district_id=asked.district_id)
    return render_template(
        "reminders/answer.html",
        asked=asked,
        places=places,
        saying=saying.value,
        token=token,
        form=form,
    )


def _answer(token: str, saying: Saying) -> Response | tuple[str, int]:
    form = read_form(AnswerForm())
    named: list[uuid.UUID] = form.values.get("cup", [])
    site = form.values.get("site") or None
    try:
        quiet = write(
            lambda session: answer_message(
                session, keys=services().keys, token=token, saying=saying, lend_ids=named,
                now=now(), site=site,
            )
        )  # fmt: skip
    except LendingError as error:
        if error.field not in WRONG:
            raise
        form.errors[error.field if error.field == "site" else ""] = str(WRONG[error.field])
        return _page(token, saying, form), 422
    if quiet:
        tell(_("알려 주셔서 고맙습니다. 확인하는 동안 알림을 보내지 않을게요."))
    else:
        tell(_("알려 주셔서 고맙습니다. 이번에는 담당자가 직접 살펴볼게요. 기한은 그대로예요."))
    return redirect(f"/n/{token}" + ("/not-me" if saying is Saying.NOT_ME else ""), code=303)
