"""/offices/month: what each department had in a month, as a page and as a file."""

import io
from datetime import datetime

from flask import request, send_file
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.offices.files import write_csv, write_xlsx
from lending.offices.month import month_of_departments
from lending.offices.pages import words
from lending.offices.pages.frame import blueprint, choice_at, office_of_page, office_page
from lending.offices.values import MonthLine
from lending.people.access_log import Access, record_access
from lending.people.tables import Role
from lending.places.sites import SiteView
from lending.places.spans import Month, month_of, read_month
from lending.web.access import current_actor, station
from lending.web.context import district
from lending.web.forms import Form, read_form
from lending.web.i18n import write_day
from lending.web.limits import client_address
from lending.web.schemas import MESSAGES, Text
from lending.web.services import now, reading, write
from lending.web.stations import choose_site

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class MonthFileForm(Schema):
    """Which month, as what, and why."""

    month = Text(required=True, max_length=7)
    format = fields.String(
        required=True, validate=validate.OneOf(("csv", "xlsx")), error_messages=MESSAGES
    )
    reason = Text(required=True, max_length=500)


@blueprint.get("/offices/month")
@station(Role.CAFE)
def show_month() -> str:
    """The list of `?month=2026-10`; without it the present month."""
    moment = now()
    asked = request.args.get("month", "")
    wanted = read_month(asked) if asked else month_of(moment, district().zone)
    with reading() as session:
        site = office_of_page(session)
        if site is None:
            return choose_site(session, choice_at("/offices/month"))
        return _page(session, site, wanted, moment, None)


@blueprint.post("/offices/month/file")
@station(Role.CAFE)
def post_month_file() -> Response | tuple[str, int]:
    """The list as a file; who took it, when, from where and why is logged."""
    form, actor, moment = read_form(MonthFileForm()), current_actor(), now()
    wanted = read_month(form.raw.get("month", ""))
    with reading() as session:
        site = office_of_page(session)
        if site is None:
            raise LendingError(Code.INVALID, field="site")
        if form.errors:
            return _page(session, site, wanted, moment, form), 422
        lines = _lines(session, site, wanted, moment)
    kind = form.values["format"]
    access = Access(client_address(), f"departments {kind}", reason=form.values["reason"])
    write(lambda s: record_access(s, actor=actor, access=access, now=moment))
    if kind == "csv":
        raw, mime = write_csv(lines, month=wanted, at=moment), "text/csv; charset=utf-8"
    else:
        title = f"{district().name} {wanted}"
        raw = write_xlsx(lines, month=wanted, at=moment, title=title, words=words.word_of)
        mime = XLSX
    name = f"departments-{wanted}.{kind}"
    return send_file(io.BytesIO(raw), mimetype=mime, as_attachment=True, download_name=name)


def _lines(session: Session, site: SiteView, month: Month, moment: datetime) -> list[MonthLine]:
    return month_of_departments(
        session, month=month, zone=district().zone, actor=current_actor(), site_id=site.id,
        now=moment,
    )  # fmt: skip


def _page(
    session: Session, site: SiteView, month: Month, moment: datetime, form: Form | None
) -> str:
    present = month_of(moment, district().zone)
    return office_page(
        "offices/month.html", "/offices/month", site, lines=_lines(session, site, month, moment),
        month=month, title=write_day(month.first_day, style="month"), before=str(month.before()),
        after=str(month.next()) if month != present else None, form=form,
    )  # fmt: skip
