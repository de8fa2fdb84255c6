"""/offices: an office's bookings by week, a new one, one booking's page, its change and its end."""

import uuid
from datetime import date, timedelta

from flask import redirect, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.offices.bookings import book, cancel_booking, change_booking
from lending.offices.handing import take_back_unused
from lending.offices.pages.booking_form import BookingForm, booking_of, form_page
from lending.offices.pages.frame import (
    blueprint,
    choice_at,
    kind_names,
    office_of_page,
    office_page,
    today,
)
from lending.offices.reading import clean_here, lent_to, load_booking, load_week
from lending.offices.rights import office_of
from lending.offices.tallies import late_by_card
from lending.offices.values import BookingView
from lending.people.tables import Role
from lending.places.sites import SiteView
from lending.web.access import current_actor, station
from lending.web.context import district
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.services import now, reading, services
from lending.web.stations import choose_site

Page = str | tuple[str, int] | Response
DAYS = timedelta(days=7)
MOST = 5000


class UnusedForm(Schema):
    """Which hand-out was none."""

    id = fields.UUID(required=True)
    lend = fields.UUID(required=True)


@blueprint.get("/offices")
@station(Role.CAFE)
def show_week() -> str:
    """The bookings of the week of `?week=` (a day of it), the present one by default."""
    monday = _monday(request.args.get("week", ""))
    with reading() as session:
        site = office_of_page(session)
        if site is None:
            return choose_site(session, choice_at("/offices"))
        week = load_week(
            session, site_id=site.id, monday=monday, zone=district().zone, actor=current_actor(),
            now=now(),
        )  # fmt: skip
        names = kind_names(session)
        by_card = late_by_card(session, site_id=site.id, now=now())
    return office_page(
        "offices/week.html", "/offices", site, week=week, names=names, today=today(), by_card=by_card,
        before=str(monday - DAYS), after=str(monday + DAYS), last=monday + timedelta(days=6),
    )  # fmt: skip


@blueprint.get("/offices/new")
@station(Role.CAFE)
def show_new() -> str:
    """The form of a new booking."""
    with reading() as session:
        site = office_of_page(session)
        if site is None:
            return choose_site(session, choice_at("/offices/new"))
        return form_page(session, site, None)


@blueprint.post("/offices/new")
@station(Role.CAFE)
def post_new() -> Page:
    """Books it."""
    form = read_form(BookingForm())
    made = attempt(form, lambda s: book(s, booking_of(form), actor=current_actor(), now=now()))
    if made is None:
        with reading() as session:
            return form_page(session, _site(session), form), 422
    tell(_("예약했어요. 주는 날 주고받기에서 이 예약을 고르고 찍어 주세요."))
    return redirect(url_for("offices.show_booking", booking_id=made.id))


@blueprint.get("/offices/bookings/<uuid:booking_id>")
@station(Role.CAFE)
def show_booking(booking_id: uuid.UUID) -> str:
    """What was asked for and is clean here, what is out, and what may be done next."""
    with reading() as session:
        booking = _load(session, booking_id)
        site = office_of(session, actor=current_actor(), code=booking.site)
        lines, names = lent_to(session, booking_id), kind_names(session)
        there = clean_here(session, site_id=booking.site_id)
    return office_page(
        "offices/booking.html", "/offices", site, booking=booking, lines=lines, names=names,
        there=there, fresh=uuid.uuid4,
    )  # fmt: skip


@blueprint.get("/offices/bookings/<uuid:booking_id>/change")
@station(Role.CAFE)
def show_change(booking_id: uuid.UUID) -> str:
    """The form with what is known."""
    with reading() as session:
        booking = _load(session, booking_id)
        site = office_of(session, actor=current_actor(), code=booking.site)
        return form_page(session, site, None, booking)


@blueprint.post("/offices/bookings/<uuid:booking_id>/change")
@station(Role.CAFE)
def post_change(booking_id: uuid.UUID) -> Page:
    """Other times or another wish; what is out is due by the new end."""
    form = read_form(BookingForm())
    form.values["id"] = booking_id
    done = attempt(
        form, lambda s: change_booking(s, booking_of(form), actor=current_actor(), now=now())
    )
    if done is None:
        with reading() as session:
            booking = _load(session, booking_id)
            site = office_of(session, actor=current_actor(), code=booking.site)
            return form_page(session, site, form, booking), 422
    tell(_("예약을 고쳤어요."))
    return redirect(url_for("offices.show_booking", booking_id=booking_id))


@blueprint.post("/offices/bookings/<uuid:booking_id>/cancel")
@station(Role.CAFE)
def post_cancel(booking_id: uuid.UUID) -> Response:
    """Called off."""
    form, actor = Form(), current_actor()
    attempt(form, lambda s: cancel_booking(s, booking_id=booking_id, actor=actor, now=now()))
    if form.errors:
        tell(_("이미 준 용기가 있어 취소할 수 없어요."), "warning")
    else:
        tell(_("예약을 취소했어요."))
    return redirect(url_for("offices.show_booking", booking_id=booking_id))


@blueprint.post("/offices/bookings/<uuid:booking_id>/unused")
@station(Role.CAFE)
def post_unused(booking_id: uuid.UUID) -> Response:
    """Handed out by mistake, or back unopened."""
    form, actor = read_form(UnusedForm()), current_actor()

    def work(session: Session) -> bool:
        take_back_unused(
            session, id=form.values["id"], lend_id=form.values["lend"], booking_id=booking_id,
            actor=actor, keys=services().keys, now=now(),
        )  # fmt: skip
        return True

    if attempt(form, work):
        tell(_("주지 않은 것으로 되돌렸어요. 다시 빌려줄 수 있어요."))
    else:
        tell(_("이미 돌아온 용기가 있어 되돌릴 수 없어요."), "warning")
    return redirect(url_for("offices.show_booking", booking_id=booking_id))


def _load(session: Session, booking_id: uuid.UUID) -> BookingView:
    return load_booking(session, booking_id=booking_id, actor=current_actor(), now=now())


def _site(session: Session) -> SiteView:
    site = office_of_page(session)
    if site is None:
        raise LendingError(Code.INVALID, field="site")
    return site


def _monday(text: str) -> date:
    try:
        day = date.fromisoformat(text) if text else today()
    except ValueError as error:
        raise LendingError(Code.INVALID, field="week") from error
    if not 2000 <= day.year <= 2199:
        raise LendingError(Code.INVALID, field="week")
    return day - timedelta(days=day.weekday())
