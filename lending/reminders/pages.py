"""The pages behind the links of a message: "already brought back?" and "not you?"; worker's health."""

import uuid
from datetime import datetime

from flask import Blueprint, redirect, render_template
from flask_babel import gettext as _
from marshmallow import Schema, fields
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import LendingError
from lending.loop.sayings import Saying
from lending.notices.beats import worker_silent
from lending.reminders.answer import answer_message, show_asked
from lending.web.access import public
from lending.web.errors import status_of
from lending.web.forms import Form, read_form, tell
from lending.web.health import health_checks
from lending.web.limits import limited
from lending.web.services import now, reading, services, write

blueprint = Blueprint("reminders", __name__)

STARTED = now()  # of this server: it cannot blame a worker for the time before


class AnswerForm(Schema):
    """The cups a person speaks of."""

    cup = fields.List(fields.UUID())


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
    """A sentence for staff when no worker did its rounds for 15 minutes."""
    if worker_silent(session, now=moment, since=STARTED):
        return str(_("알림을 보내는 작업이 15분 넘게 멈춰 있어요. 서버 담당자에게 알려 주세요."))
    return None


health_checks.append(check_worker)


def _page(token: str, saying: Saying, form: Form | None = None) -> str:
    with reading() as session:
        asked = show_asked(session, keys=services().keys, token=token, now=now())
    return render_template(
        "reminders/answer.html", asked=asked, saying=saying.value, token=token, form=form
    )


def _answer(token: str, saying: Saying) -> Response | tuple[str, int]:
    form = read_form(AnswerForm())
    named: list[uuid.UUID] = form.values.get("cup", [])
    try:
        write(
            lambda session: answer_message(
                session, keys=services().keys, token=token, saying=saying, lend_ids=named, now=now()
            )
        )
    except LendingError as error:
        if error.field != "cup":
            raise
        form.errors[""] = _("해당하는 컵을 골라 주세요.")
        return _page(token, saying, form), status_of(error.code)
    tell(_("알려 주셔서 고맙습니다. 확인하는 동안 알림을 보내지 않을게요."))
    return redirect(f"/n/{token}" + ("/not-me" if saying is Saying.NOT_ME else ""), code=303)
