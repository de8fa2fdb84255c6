"""/office/month: the month's report as a page, and as a file after a stated reason."""

import io
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, send_file
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate
from werkzeug.wrappers import Response

from lending.loop.steps import ROUND, Action
from lending.people.access_log import Access, record_access
from lending.people.tables import Role
from lending.places.spans import Month, month_of, read_month
from lending.reports.files import write_csv, write_xlsx
from lending.reports.histogram import draw_bars
from lending.reports.report import MonthReport, make_report
from lending.web.access import current_actor, staff
from lending.web.context import district
from lending.web.forms import Form, read_form
from lending.web.i18n import write_day
from lending.web.limits import client_address
from lending.web.schemas import MESSAGES, Text
from lending.web.services import now, reading, write

blueprint = Blueprint("reports", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STEPS: dict[str, LazyString] = {
    Action.WASH: lazy_gettext("세척"),
    Action.PASS: lazy_gettext("검사 통과"),
    Action.SHIP: lazy_gettext("보내기"),
    Action.STOCK: lazy_gettext("깨끗한 컵 받기"),
    Action.LEND: lazy_gettext("대여함"),
    Action.RETURN: lazy_gettext("반납"),
    Action.COLLECT: lazy_gettext("수거"),
    Action.RECEIVE: lazy_gettext("세척장 도착"),
}
COLUMNS: dict[str, LazyString] = STEPS | {
    "places": lazy_gettext("장소와 종류"),
    "missed_steps": lazy_gettext("빠진 기록"),
    "claims": lazy_gettext("돌려줬다고 한 컵"),
    "confirmed": lazy_gettext("찾았어요"),
    "believed": lazy_gettext("돌려준 걸로 믿음"),
    "not_found": lazy_gettext("못 찾음 (다시 기다림)"),
    "undecided": lazy_gettext("끝내 찾지 못하고 마침"),
    "return_rates": lazy_gettext("돌아온 비율"),
    "uses_per_piece": lazy_gettext("컵마다 쓴 횟수"),
    "site": lazy_gettext("장소 코드"),
    "site_name": lazy_gettext("장소"),
    "kind": lazy_gettext("종류"),
    "lent": lazy_gettext("대여 수"),
    "returned": lazy_gettext("반납 수"),
    "seen": lazy_gettext("뒤에 확인됨"),
    "lost": lazy_gettext("못 찾음"),
    "open": lazy_gettext("나가 있음"),
    "missed": lazy_gettext("빠짐"),
    "expected": lazy_gettext("있어야 할 기록"),
    "rate": lazy_gettext("비율"),
    "measure": lazy_gettext("기준"),
    "part": lazy_gettext("돌아온 수"),
    "whole": lazy_gettext("전체"),
    "value": lazy_gettext("값"),
    "uses_from": lazy_gettext("쓴 횟수 (부터)"),
    "uses_to": lazy_gettext("쓴 횟수 (까지)"),
    "pieces": lazy_gettext("컵 수"),
    "returned_within_7_days": lazy_gettext("7일 안에 돌아옴"),
    "returned_within_14_days": lazy_gettext("14일 안에 돌아옴"),
    "returned_within_30_days": lazy_gettext("30일 안에 돌아옴"),
    "per_loan": lazy_gettext("대여 기준"),
    "per_stock": lazy_gettext("재고 기준"),
    "uses_all": lazy_gettext("컵 하나가 쓰인 횟수"),
    "uses_existing": lazy_gettext("지금 있는 컵이 쓰인 횟수"),
    "uses_lost": lazy_gettext("못 찾은 컵이 쓰인 횟수"),
}


class DownloadForm(Schema):
    """Which month, as what, and why."""

    month = Text(required=True, max_length=7)
    format = fields.String(
        required=True,
        validate=validate.OneOf(("csv", "xlsx"), error=str(MESSAGES["invalid"])),
        error_messages=MESSAGES,
    )
    reason = Text(required=True, max_length=500)


@blueprint.get("/office/month")
@staff(Role.OFFICER)
def month() -> str:
    """The report of `?month=2026-10`; without it the present month."""
    moment = now()
    asked = request.args.get("month", "")
    wanted = read_month(asked) if asked else month_of(moment, district().zone)
    return _month_page(wanted, moment, None)


@blueprint.post("/office/month/file")
@staff(Role.OFFICER)
def post_download() -> Response | tuple[str, int]:
    """The report as a file; who took it, when, from where and why is logged."""
    form, actor, moment = read_form(DownloadForm()), current_actor(), now()
    if form.errors:
        asked = form.raw.get("month", "")
        wanted = month_of(moment, district().zone) if "month" in form.errors else read_month(asked)
        return _month_page(wanted, moment, form), 422
    wanted, kind = read_month(form.values["month"]), form.values["format"]
    report = _report(wanted, moment)
    access = Access(client_address(), f"month {kind}", reason=form.values["reason"])
    write(lambda s: record_access(s, actor=actor, access=access, now=moment))
    if kind == "csv":
        body, mime = write_csv(report), "text/csv; charset=utf-8"
    else:
        title = f"{district().name} {wanted}"
        body, mime = write_xlsx(report, title=title, words=_word), XLSX
    name = f"month-{wanted}.{kind}"
    return send_file(io.BytesIO(body), mimetype=mime, as_attachment=True, download_name=name)


def _word(name: str) -> str:
    return str(COLUMNS.get(name, name))


def _report(wanted: Month, moment: datetime) -> MonthReport:
    zone = ZoneInfo(district().timezone)
    with reading() as session:
        return make_report(
            session,
            district_id=current_actor().district_id,
            month=wanted,
            zone=zone,
            now=moment,
        )


def _month_page(wanted: Month, moment: datetime, form: Form | None) -> str:
    report = _report(wanted, moment)
    present = month_of(moment, district().zone)
    return render_template(
        "reports/month.html",
        report=report,
        chart=draw_bars(report.uses),
        month=wanted,
        title=write_day(wanted.first_day, style="month"),
        before=str(wanted.before()),
        after=str(wanted.next()) if wanted != present else None,
        steps=[step for step in ROUND if any(line.by_step.get(step) for line in report.missed)],
        step_words=STEPS,
        form=form,
        empty=_("아직 기록이 없어요."),
    )
