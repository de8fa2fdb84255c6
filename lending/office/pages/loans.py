"""/office/loans: what is out, by how late it is and where it was lent, and what can be done."""

import uuid

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.loop.care.mercy import forgive_loan
from lending.loop.care.remind import Reminded, remind_now
from lending.notices.undelivered import list_undelivered, repeat_message
from lending.office.extend import extend_loan
from lending.office.loan_board import Band, list_board, list_unreachable
from lending.office.loan_story import tell_loan
from lending.office.pages import words
from lending.office.pages.desk import blueprint, cursor, next_cursor, today
from lending.people.tables import Role
from lending.places.sites import list_sites
from lending.requests.take_back import list_places
from lending.web.access import current_actor, staff
from lending.web.context import district
from lending.web.forms import Form, attempt, local_target, read_form, tell
from lending.web.i18n import write_moment
from lending.web.schemas import MESSAGES, Text
from lending.web.services import now, reading, services, write

PAGE = 50
MOST_SITES = 500


class ForgiveForm(Schema):
    """Why a late loan is forgiven."""

    reason = Text(required=True, max_length=500)


class RemindForm(Schema):
    """The loans chosen in the list."""

    lend = fields.List(fields.UUID(error_messages=MESSAGES), required=True)


@blueprint.get("/office/loans")
@staff(Role.OFFICER)
def list_loans() -> str:
    """Open loans; `?band=`, `?site=` and `?overdue=1` narrow the list."""
    actor = current_actor()
    band = _band(request.args.get("band", ""))
    site = request.args.get("site", "")[:40] or None
    with reading() as session:
        page = list_board(
            session,
            actor=actor,
            now=now(),
            band=band,
            overdue=request.args.get("overdue") == "1",
            site=site,
            after=cursor(),
            limit=PAGE,
        )
        sites = list_sites(session, district_id=actor.district_id, limit=MOST_SITES)
    return render_template(
        "office/loans.html",
        lines=page.items,
        next=next_cursor(page.next),
        band=band or "",
        site=site or "",
        sites=sites,
        moment=now(),
        words=words,
    )


@blueprint.get("/office/loans/unreachable")
@staff(Role.OFFICER)
def unreachable() -> str:
    """Open loans nobody can be told of, and messages whose fate is not clear."""
    actor = current_actor()
    with reading() as session:
        page = list_unreachable(session, actor=actor, after=cursor(), limit=PAGE)
        messages = list_undelivered(session, district_id=actor.district_id, limit=PAGE)
    return render_template(
        "office/unreachable.html",
        lines=page.items,
        next=next_cursor(page.next),
        messages=messages,
        moment=now(),
        words=words,
    )


@blueprint.post("/office/messages/<uuid:message_id>/again")
@staff(Role.OFFICER)
def post_again(message_id: uuid.UUID) -> Response:
    """Lets what an unclear message was to say go out once more, looked up anew."""
    actor = current_actor()
    count = write(lambda s: repeat_message(s, message_id=message_id, actor=actor))
    tell(_("%(count)s건을 다시 보낼게요.", count=count))
    return redirect(url_for("office.unreachable"))


@blueprint.get("/office/loans/<uuid:lend_id>")
@staff(Role.OFFICER)
def show_loan(lend_id: uuid.UUID) -> str:
    """One loan: its notices, its piece's story and what can be done."""
    return loan_page(lend_id)


@blueprint.post("/office/loans/<uuid:lend_id>/extend")
@staff(Role.OFFICER)
def post_extend(lend_id: uuid.UUID) -> Response:
    """One more extension, before it is due; the refusal is told on the page one came from."""
    actor, keys = current_actor(), services().keys
    try:
        due = write(lambda s: extend_loan(s, lend_id=lend_id, actor=actor, keys=keys, now=now()))
    except LendingError as error:
        if error.code is not Code.NOT_EXTENDABLE:
            raise
        tell(_("더 연장할 수 없는 대여예요. 기한이 지났거나 이미 연장했어요."), "warning")
    else:
        tell(_("%(due)s까지 연장했어요.", due=write_moment(due, district().timezone)))
    return redirect(local_target(default=url_for("office.show_loan", lend_id=lend_id)))


@blueprint.post("/office/loans/<uuid:lend_id>/forgive")
@staff(Role.OFFICER)
def post_forgive(lend_id: uuid.UUID) -> Response | tuple[str, int]:
    """Lifts the pause this loan causes; the reason is kept."""
    form, actor = read_form(ForgiveForm()), current_actor()
    reason = form.values.get("reason", "")
    done = attempt(
        form, lambda s: forgive_loan(s, lend_id=lend_id, reason=reason, actor=actor, now=now())
    )
    if done is None:
        return loan_page(lend_id, form=form), 422
    tell(_("이 대여 때문에 쉬어가지 않아요.") if done else _("이미 용서한 대여예요."))
    return redirect(local_target(default=url_for("office.show_loan", lend_id=lend_id)))


@blueprint.post("/office/loans/<uuid:lend_id>/remind")
@staff(Role.OFFICER)
def post_remind(lend_id: uuid.UUID) -> Response:
    """One reminder about this loan now, or after the quiet hours."""
    actor = current_actor()
    _tell_reminded(write(lambda s: remind_now(s, lend_ids=[lend_id], actor=actor, now=now())))
    return redirect(local_target(default=url_for("office.show_loan", lend_id=lend_id)))


@blueprint.post("/office/loans/remind")
@staff(Role.OFFICER)
def post_remind_many() -> Response:
    """A reminder about each loan chosen in the list, one message per person."""
    form, actor = read_form(RemindForm()), current_actor()
    lends = form.values.get("lend", [])[:PAGE]
    if form.errors or not lends:
        tell(_("알릴 대여를 먼저 골라 주세요."), "warning")
    else:
        _tell_reminded(write(lambda s: remind_now(s, lend_ids=lends, actor=actor, now=now())))
    return redirect(local_target(default=url_for("office.list_loans")))


def _tell_reminded(reminded: Reminded) -> None:
    if reminded.queued:
        at = write_moment(reminded.not_before, district().timezone)
        tell(_("%(count)s건을 알려요 (%(at)s부터 보내요).", count=reminded.queued, at=at))
    if reminded.skipped:
        sentence = _(
            "%(count)s건은 알리지 못해요: 연락처가 없거나, 이미 알렸거나, 확인 중이에요.",
            count=reminded.skipped,
        )
        tell(sentence, "warning")


def loan_page(
    lend_id: uuid.UUID, *, form: Form | None = None, drop_form: Form | None = None
) -> str:
    """The page of a loan; the forms refused, if any: to forgive it, and what a caller says."""
    actor = current_actor()
    with reading() as session:
        story = tell_loan(session, lend_id=lend_id, actor=actor)
        places = list_places(session, district_id=actor.district_id)
    return render_template(
        "office/loan.html",
        story=story,
        line=story.line,
        form=form,
        drop_form=drop_form,
        places=places,
        today=today(),
        moment=now(),
        words=words,
    )


def _band(text: str) -> Band | None:
    try:
        return Band(text)
    except ValueError:
        return None
