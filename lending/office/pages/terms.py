"""/office/terms: the loan terms of the district and of single kinds, as versions in time."""

from flask import redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from marshmallow import Schema
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.loop.policy.edit import (
    MOST_CUPS,
    MOST_DAYS,
    add_terms_version,
    list_terms,
    terms_in_force,
)
from lending.loop.read.pieces import list_kinds
from lending.loop.terms import Terms
from lending.office.pages.desk import begins, blueprint, clock_time, day, today, whole
from lending.people.tables import Role
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import Text
from lending.web.services import now, reading

UNITS = {
    "days": lazy_gettext("일 수"),
    "cups": lazy_gettext("개수"),
    "times": lazy_gettext("횟수"),
}
# (heading, [(field of Terms, its words, unit)])
GROUPS: tuple[tuple[LazyString, tuple[tuple[str, LazyString, str], ...]], ...] = (
    (
        lazy_gettext("빌리는 기간"),
        (
            ("free_days", lazy_gettext("빌릴 수 있는 날"), "days"),
            ("extension_days", lazy_gettext("한 번 연장하는 날"), "days"),
            ("extensions", lazy_gettext("연장 횟수"), "times"),
        ),
    ),
    (
        lazy_gettext("한 사람이 빌릴 수 있는 컵"),
        (
            ("max_open", lazy_gettext("확인된 연락처"), "cups"),
            ("max_open_unconfirmed", lazy_gettext("확인 전 연락처"), "cups"),
            ("max_open_no_contact", lazy_gettext("연락처 없음"), "cups"),
            ("max_open_group", lazy_gettext("직원이 허락한 단체"), "cups"),
        ),
    ),
    (
        lazy_gettext("알림과 조용한 시간"),
        (
            ("remind_before_days", lazy_gettext("기한 전 알림 (며칠 전)"), "days"),
            ("late_first_days", lazy_gettext("첫 번째 알림 (지난 뒤)"), "days"),
            ("late_second_days", lazy_gettext("두 번째 알림 (지난 뒤)"), "days"),
            ("final_days", lazy_gettext("마지막 알림 (지난 뒤)"), "days"),
            ("quiet_from", lazy_gettext("보내지 않는 시간 시작"), ""),
            ("quiet_to", lazy_gettext("보내지 않는 시간 끝"), ""),
        ),
    ),
    (
        lazy_gettext("늦어질 때"),
        (
            ("pause_after_days", lazy_gettext("새 대여를 쉬기까지 (지난 뒤)"), "days"),
            ("notice_lead_days", lazy_gettext("쉬기 전에 미리 알린 날"), "days"),
            ("lost_days", lazy_gettext("못 찾음으로 적기까지 (지난 뒤)"), "days"),
            ("pause_end_days", lazy_gettext("못 찾음 뒤 쉬는 기간"), "days"),
        ),
    ),
    (
        lazy_gettext("돌려줬다고 할 때"),
        (
            ("claim_review_days", lazy_gettext("확인할 일에 올리기까지"), "days"),
            ("claim_close_days", lazy_gettext("찾지 못한 채 마치기까지"), "days"),
            ("resume_days", lazy_gettext("못 찾았을 때 더 주는 날"), "days"),
            ("claims_trusted", lazy_gettext("확인 없이도 기한을 멈추는 횟수"), "times"),
            ("claims_window_days", lazy_gettext("그 횟수를 세는 기간"), "days"),
        ),
    ),
    (
        lazy_gettext("개인정보"),
        (("retention_days", lazy_gettext("돌려준 뒤 보관하는 날"), "days"),),
    ),
)


class TermsForm(Schema):
    """A whole version of the terms and when it begins."""

    kind = Text(max_length=30, load_default=None)
    from_day = day(load_default=None)
    free_days = whole(0, MOST_DAYS, required=True)
    extension_days = whole(0, MOST_DAYS, required=True)
    extensions = whole(0, MOST_DAYS, required=True)
    max_open = whole(1, MOST_CUPS, required=True)
    max_open_unconfirmed = whole(0, MOST_CUPS, required=True)
    max_open_no_contact = whole(0, MOST_CUPS, required=True)
    max_open_group = whole(0, MOST_CUPS, required=True)
    remind_before_days = whole(0, MOST_DAYS, required=True)
    late_first_days = whole(0, MOST_DAYS, required=True)
    late_second_days = whole(0, MOST_DAYS, required=True)
    final_days = whole(0, MOST_DAYS, required=True)
    lost_days = whole(0, MOST_DAYS, required=True)
    pause_after_days = whole(0, MOST_DAYS, required=True)
    notice_lead_days = whole(0, MOST_DAYS, required=True)
    pause_end_days = whole(0, MOST_DAYS, required=True)
    retention_days = whole(1, MOST_DAYS, required=True)
    resume_days = whole(0, MOST_DAYS, required=True)
    claim_review_days = whole(0, MOST_DAYS, required=True)
    claim_close_days = whole(1, MOST_DAYS, required=True)
    claims_trusted = whole(0, MOST_DAYS, required=True)
    claims_window_days = whole(1, MOST_DAYS, required=True)
    quiet_from = clock_time(required=True)
    quiet_to = clock_time(required=True)


@blueprint.get("/office/terms")
@staff(Role.OFFICER)
def terms() -> str:
    """The versions of the district and of each kind, those in force marked."""
    district_id, moment = current_actor().district_id, now()
    with reading() as session:
        views = list_terms(session, district_id=district_id)
        kinds = list_kinds(session, district_id=district_id)
    return render_template(
        "office/terms.html",
        views=views,
        kinds=kinds,
        in_force={
            kind: terms_in_force(views, kind=kind, now=moment)
            for kind in (None, *sorted({view.kind for view in views if view.kind}))
        },
        groups=GROUPS,
        moment=moment,
    )


@blueprint.get("/office/terms/new")
@staff(Role.OFFICER)
def new_terms() -> str:
    """A new version, filled with what holds now; `?kind=` for one kind alone."""
    return _form_page(request.args.get("kind", "")[:30] or None, None)


@blueprint.post("/office/terms/new")
@staff(Role.OFFICER)
def post_terms() -> Response | tuple[str, int]:
    """Adds the version: for lends from then on, never for the past."""
    form, actor, moment = read_form(TermsForm()), current_actor(), now()

    def work(session: Session) -> bool:
        values = dict(form.values)
        kind, on = values.pop("kind"), values.pop("from_day")
        add_terms_version(
            session,
            district_id=actor.district_id,
            kind=kind,
            terms=Terms(**values),
            valid_from=begins(on, moment),
            staff_id=actor.id,
            now=moment,
        )
        return True

    if not attempt(form, work):
        if "valid_from" in form.errors:
            form.errors["from_day"] = form.errors.pop("valid_from")
        return _form_page(form.raw.get("kind") or None, form), 422
    tell(_("새 조건을 정했어요. 그때부터 빌리는 컵에 적용돼요."))
    return redirect(url_for("office.terms"))


def _form_page(kind: str | None, form: Form | None) -> str:
    district_id = current_actor().district_id
    with reading() as session:
        views = list_terms(session, district_id=district_id)
        kinds = list_kinds(session, district_id=district_id)
    return render_template(
        "office/terms_new.html",
        terms=terms_in_force(views, kind=kind, now=now()),
        kind=next((one for one in kinds if one.code == kind), None),
        kinds=kinds,
        groups=GROUPS,
        units=UNITS,
        form=form,
        today=today(),
    )
