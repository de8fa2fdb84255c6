"""The hygiene book of a month, a batch's certificate, and what the certificate's QR leads to."""

import io
import re
import uuid
from collections.abc import Callable, Sequence
from datetime import date

from flask import render_template, request, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.loop.read.pieces import list_kinds
from lending.people.tables import Role
from lending.places.sites import find_site
from lending.washing.documents.book_pdf import write_book_pdf
from lending.washing.documents.book_xlsx import write_book_xlsx
from lending.washing.documents.certificate import write_certificate
from lending.washing.documents.certificate_parts import Certificate
from lending.washing.documents.totals import Totals
from lending.washing.documents.words import certificate_number
from lending.washing.hygiene.book import load_certificate, open_book, read_book_day
from lending.washing.hygiene.book_days import DayCount, count_book_days, days_of
from lending.washing.pages.hygiene_desk import (
    CHOICE,
    blueprint,
    centre_of,
    centre_of_page,
    centre_parts,
    describe_batch,
    today,
    write_measured,
)
from lending.web.access import current_actor, public, station
from lending.web.context import district
from lending.web.limits import limited
from lending.web.services import now, reading, services
from lending.web.stations import choose_site

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS: dict[str, tuple[Callable[..., Totals], str]] = {
    "xlsx": (write_book_xlsx, XLSX),
    "pdf": (write_book_pdf, "application/pdf"),
}


@blueprint.get("/wash/hygiene/book")
@station(Role.WASH)
def show_book() -> str:
    """A month's days in numbers, its batches of one day with their certificates, the downloads."""
    year, month = _month()
    with reading() as session:
        site = centre_of_page(session)
        if site is None:
            return choose_site(session, CHOICE)
        counts = count_book_days(session, site_id=site.id, days=days_of(year, month))
        day = _day(counts)
        shown = read_book_day(session, site_id=site.id, day=day) if day else None
        kinds = _kinds(session)
    return render_template(
        "washing/hygiene_book.html",
        **centre_parts(site),
        counts=counts,
        shown=shown,
        kinds=kinds,
        month=f"{year}-{month:02}",
        first=date(year, month, 1),
        latest=f"{today():%Y-%m}",
    )


@blueprint.get("/wash/hygiene/book.<form>")
@station(Role.WASH)
def get_book(form: str) -> Response | str:
    """The month's book as XLSX or PDF."""
    if form not in FORMS:
        raise LendingError(Code.NOT_FOUND)
    year, month = _month()
    write, mime = FORMS[form]
    file = io.BytesIO()
    with reading() as session:
        site = centre_of_page(session)
        if site is None:
            return choose_site(session, CHOICE)
        book = open_book(session, site_id=site.id, year=year, month=month)
        write(file, book, kinds=_kinds(session), made_at=now())
    return _sent(file, mime, f"위생대장-{site.code}-{year}-{month:02}.{form}")


@blueprint.get("/wash/hygiene/certificates/<uuid:batch_id>.pdf")
@station(Role.WASH)
def get_certificate(batch_id: uuid.UUID) -> Response:
    """The certificate of a batch that ended."""
    file = io.BytesIO()
    with reading() as session:
        line = load_certificate(session, batch_id=batch_id, district_id=current_actor().district_id)
        site = centre_of(session, line.batch.site)
        kinds = _kinds(session)
    path = url_for("hygiene.show_certificate", batch_id=batch_id)
    home = district()
    one = Certificate(
        line, home.name, site.name, home.helpdesk, f"{services().config.public_url}{path}",
        kinds, home.zone, now(),
    )  # fmt: skip
    write_certificate(file, one)
    return _sent(file, "application/pdf", f"위생확인서-{batch_id.hex[:8]}.pdf", shown=True)


@blueprint.get("/certificate/<uuid:batch_id>")
@public
@limited("certificate", per_minute=60)
def show_certificate(batch_id: uuid.UUID) -> str:
    """What a certificate's QR leads to: the batch's values as they stand now, and never a person."""
    with reading() as session:
        line = load_certificate(session, batch_id=batch_id).for_public()
        site = find_site(session, code=line.batch.site)
        kinds = _kinds(session, site.district_id)
    return render_template(
        "washing/certificate.html",
        line=line,
        site=site,
        kinds=kinds,
        number=certificate_number(line.batch, district().zone),
        measured=write_measured,
        describe=describe_batch,
    )


def _month() -> tuple[int, int]:
    """The month asked for (`?month=2026-11`), this one by default; INVALID (field month)."""
    asked = request.args.get("month") or f"{today():%Y-%m}"
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", asked):
        raise LendingError(Code.INVALID, field="month")
    return int(asked[:4]), int(asked[5:])


def _day(counts: Sequence[DayCount]) -> date | None:
    """The day asked for (`?day=2026-11-23`) where the book has it, else its last one."""
    asked = request.args.get("day")
    days = {one.day.isoformat(): one.day for one in counts}
    return days.get(asked or "", counts[-1].day if counts else None)


def _kinds(session: Session, district_id: int | None = None) -> dict[str, str]:
    of = district_id or current_actor().district_id
    return {kind.code: kind.name for kind in list_kinds(session, district_id=of, counted=None)}


def _sent(file: io.BytesIO, mime: str, name: str, *, shown: bool = False) -> Response:
    file.seek(0)
    return send_file(file, mimetype=mime, as_attachment=not shown, download_name=name)
