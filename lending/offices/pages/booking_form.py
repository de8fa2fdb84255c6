"""The form of a booking: its fields, what was typed as values, and the page it stands on."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, ValidationError, fields
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.offices.departments import list_departments
from lending.offices.pages.frame import asked_of, lendable, office_page, today
from lending.offices.reading import clean_here
from lending.offices.values import BookingIn, BookingView
from lending.places.sites import SiteView
from lending.web.access import current_actor
from lending.web.context import district
from lending.web.forms import Form
from lending.web.i18n import name_of
from lending.web.schemas import MESSAGES, Text

MOST = 5000


class LocalMoment(fields.NaiveDateTime):
    """A form's day and time of day in the district's zone; UTC once read."""

    default_error_messages = MESSAGES

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any
    ) -> datetime:
        local: datetime = super()._deserialize(value, attr, data, **options)
        if not 2000 <= local.year <= 2100:
            raise ValidationError(str(MESSAGES["invalid"]))
        return local.replace(tzinfo=district().zone).astimezone(UTC)


class BookingForm(Schema):
    """A booking as it is typed; the quantities stand in fields of their own (`wanted-<kind>`)."""

    id = fields.UUID(required=True, error_messages=MESSAGES)
    department = fields.Integer(required=True, error_messages=MESSAGES)
    title = Text(required=True, max_length=60)
    place = Text(max_length=60, load_default="")
    from_at = LocalMoment(required=True, format="iso")
    until_at = LocalMoment(required=True, format="iso")


def booking_of(form: Form) -> BookingIn:
    """What was typed; INVALID (wanted) for quantities that are no numbers."""
    values = form.values
    return BookingIn(
        values["id"], values["department"], values["title"], values["from_at"], values["until_at"],
        values["place"], _wanted(),
    )  # fmt: skip


def _wanted() -> dict[str, int]:
    """Quantities by kind code; INVALID (wanted) for what is no number."""
    found: dict[str, int] = {}
    for name, text in request.form.items():
        if not name.startswith("wanted-") or not text.strip():
            continue
        typed = text.strip().replace(",", "")
        if not (typed.isascii() and typed.isdigit() and len(typed) <= 4 and int(typed) <= MOST):
            raise LendingError(Code.INVALID, field="wanted")
        found[name.removeprefix("wanted-")] = int(typed)
    return found


def form_page(
    session: Session, site: SiteView, form: Form | None, booking: BookingView | None = None
) -> str:
    """The form of a new booking, or of this one with what is known."""
    departments = list_departments(session, actor=current_actor(), site_id=site.id)
    there = clean_here(session, site_id=site.id)
    if form:
        _move_errors(form)
    return office_page(
        "offices/form.html", "/offices", site, form=form, booking=booking, there=there,
        departments=[(one.id, name_of(one)) for one in departments], kinds=lendable(session),
        id=form.raw.get("id", uuid.uuid4()) if form else uuid.uuid4(),
        values=_values(booking, departments[0].id if departments else ""),
        back=url_for("offices.show_booking", booking_id=booking.id)
        if booking
        else f"/offices{asked_of(site)}",
    )  # fmt: skip


def _move_errors(form: Form) -> None:
    """Refusals of the service in words that fit their fields."""
    if "until_at" in form.errors and form.values:
        form.errors["until_at"] = _("시작보다 뒤이고, 31일 안이고, 아직 지나지 않은 때여야 해요.")
    if "from_at" in form.errors and form.values:
        form.errors["from_at"] = _("오늘부터 1년 안의 때를 골라 주세요.")
    if "wanted" in form.errors:
        form.errors["wanted"] = _("종류마다 몇 개인지 숫자로 적어 주세요. 하나는 있어야 해요.")
    if form.errors.pop("booking", None):
        form.errors[""] = _("취소된 예약이라 고칠 수 없어요.")


def _values(booking: BookingView | None, department: int | str) -> dict[str, Any]:
    if booking is not None:
        return {
            "department": booking.department_id, "title": booking.title, "place": booking.place,
            "from_at": _local(booking.from_at), "until_at": _local(booking.until_at),
            "wanted": booking.wanted,
        }  # fmt: skip
    begins = datetime.combine(today() + timedelta(days=1), time(9), district().zone)
    return {
        "department": department, "from_at": _local(begins),
        "until_at": _local(begins + timedelta(hours=3)), "wanted": {},
    }  # fmt: skip


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(district().zone):%Y-%m-%dT%H:%M}"
