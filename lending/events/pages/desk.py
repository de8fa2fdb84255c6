"""What the pages of events share: their blueprint, tabs, names, and fields of their forms."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import ValidationError, fields
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.events.pages import words
from lending.loop.read.pieces import list_kinds
from lending.people.tables import Role
from lending.web.access import current_actor
from lending.web.context import district
from lending.web.i18n import name_of
from lending.web.schemas import MESSAGES, decode_cursor

blueprint = Blueprint("events", __name__)

_WHOLE = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(,[0-9]{3}){1,3}", re.ASCII)
MOST = 1_000_000
WHOLE_ONLY = lazy_gettext("0부터 1,000,000까지 숫자만 써 주세요.")
ODD_MOMENT = lazy_gettext("쓸 수 없는 날짜예요.")


class Whole(fields.Field[int]):
    """A whole number from `least` to a million, thousands commas allowed."""

    default_error_messages = MESSAGES

    def __init__(self, least: int = 0, most: int = MOST, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any
    ) -> int:
        text = str(value).strip()
        if not _WHOLE.fullmatch(text):
            raise ValidationError(str(WHOLE_ONLY))
        number = int(text.replace(",", ""))
        if not self.least <= number <= self.most:
            raise ValidationError(str(WHOLE_ONLY))
        return number


class PlannedMoment(fields.NaiveDateTime):
    """A form's day and time of day in the district's zone, gone by or to come; UTC once read."""

    default_error_messages = MESSAGES

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any
    ) -> datetime:
        local: datetime = super()._deserialize(value, attr, data, **options)
        if not 2000 <= local.year <= 2100:
            raise ValidationError(str(ODD_MOMENT))
        return local.replace(tzinfo=district().zone).astimezone(UTC)


def write_local(moment: datetime) -> str:
    """A moment as a form's field holds it: `2026-11-23T14:00` in the district's zone."""
    return f"{moment.astimezone(district().zone):%Y-%m-%dT%H:%M}"


def tabs() -> list[tuple[str, str]]:
    """The pages of events that the one who looks may open."""
    role = current_actor().role
    if role is Role.CAFE:
        return [
            ("/events/rooms", _("방 현황")),
            ("/events", _("행사 목록")),
            ("/events/halls", _("방 목록")),
        ]
    entries = [
        ("/events", _("행사 목록")),
        ("/events/rooms", _("방 현황")),
        ("/events/store", _("창고에 담기")),
    ]
    if role is Role.OFFICER:
        entries.append(("/events/settings", _("행사 설정")))
    return entries


def event_page(template: str, here: str, **values: Any) -> str:
    """A page in the frame templates/events/frame.html; `here`: the address of its tab."""
    return render_template(template, here=here, tabs=tabs(), words=words, **values)


def kind_names(session: Session, district_id: int | None = None) -> dict[str, str]:
    """Every kind's name in the page's language, by its code."""
    of = current_actor().district_id if district_id is None else district_id
    return {one.code: name_of(one) for one in list_kinds(session, district_id=of, counted=None)}


def cursor() -> list[str | int | float | None] | None:
    """The sort key in the list's address; INVALID (after) for one we did not make."""
    text = request.args.get("after")
    try:
        return decode_cursor(text) if text else None
    except ValueError as error:
        raise LendingError(Code.INVALID, field="after") from error
