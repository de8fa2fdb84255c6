"""What every page of counted ware shares: the blueprint, who may come in, the place, days, cursors."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast

from flask import Blueprint, redirect, request, url_for
from flask_babel import lazy_gettext as _
from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.loop.read.pieces import KindView, list_kinds
from lending.people.actors import Actor
from lending.people.tables import Role
from lending.places.sites import SiteView, list_sites
from lending.places.tables import SiteKind
from lending.wares.values import MOST_PIECES
from lending.web.access import current_actor
from lending.web.context import district
from lending.web.forms import Form, read_form
from lending.web.i18n import name_of
from lending.web.schemas import MESSAGES, decode_cursor, encode_cursor
from lending.web.services import now
from lending.web.stations import Choice, acting_site, choose_site

blueprint = Blueprint("wares", __name__)

COUNTERS = (Role.CAFE, Role.WASH)  # officers come in everywhere
PLACES = (
    SiteKind.CAFE, SiteKind.WASH_CENTRE, SiteKind.OFFICE, SiteKind.SHOP, SiteKind.HALL,
)  # fmt: skip
MOST_SITES = 1000
_WHOLE = re.compile(r"-?[0-9]{1,12}|-?[0-9]{1,3}(,[0-9]{3}){1,3}", re.ASCII)

NUMBER_ONLY = _("단위 없이 숫자만 써 주세요. 예: 120")
TOO_SMALL = _("%(least)s 이상의 수를 써 주세요.")
TOO_MANY = _("한 번에 1,000,000개까지 쓸 수 있어요.")
BEFORE_START = _("끝나는 날이 시작하는 날보다 앞서요.")
TOO_EARLY = _("지난 400일 안의 때를 골라 주세요.")
NOT_YET = _("아직 오지 않은 때예요.")
OLDEST = timedelta(days=400)


class Quantity(fields.Field[int]):
    """A number of pieces as it is typed: digits, thousands commas allowed, no unit."""

    default_error_messages = MESSAGES

    def __init__(self, least: int = 1, **options: Any) -> None:
        super().__init__(required=True, **options)
        self.least = least

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any
    ) -> int:
        text = str(value).strip()
        if not _WHOLE.fullmatch(text):
            raise ValidationError(str(NUMBER_ONLY))
        number = int(text.replace(",", ""))
        if number < self.least:
            raise ValidationError(str(TOO_SMALL % {"least": self.least}))
        if number > MOST_PIECES:
            raise ValidationError(str(TOO_MANY))
        return number


def choice(values: Sequence[str], **options: Any) -> fields.String:
    """A form's choice of one of these values."""
    known = validate.OneOf(values, error=str(MESSAGES["invalid"]))
    return fields.String(validate=known, error_messages=MESSAGES, **options)


class LocalMoment(fields.NaiveDateTime):
    """A form's day and time of day in the district's zone, at most 400 days ago, never to come."""

    default_error_messages = MESSAGES

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", load_default=None, **options)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any
    ) -> datetime:
        local: datetime = super()._deserialize(value, attr, data, **options)
        if not 2000 <= local.year <= 2100:
            raise ValidationError(str(TOO_EARLY))
        moment = local.replace(tzinfo=district().zone).astimezone(UTC)
        if moment > now() + timedelta(minutes=1):
            raise ValidationError(str(NOT_YET))
        if moment < now() - OLDEST:
            raise ValidationError(str(TOO_EARLY))
        return moment


class PeriodForm(Schema):
    """From which day to which, both included."""

    since = fields.Date(error_messages=MESSAGES, data_key="from")
    until = fields.Date(error_messages=MESSAGES, data_key="to")


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the district, both included; `begins` to `ends` (not included) in UTC."""

    since: date
    until: date

    @property
    def begins(self) -> datetime:
        return _midnight(self.since)

    @property
    def ends(self) -> datetime:
        return _midnight(self.until + timedelta(days=1))


def read_period() -> tuple[Period, Form]:
    """The period asked for (`?from=&to=`), by default this month so far, which also stands in for
    one that makes no sense; the form tells what is wrong with it."""
    today = now().astimezone(district().zone).date()
    form = read_form(PeriodForm(), source=request.args)
    since = form.values.get("since", today.replace(day=1))
    until = form.values.get("until", today)
    for name, asked in (("from", since), ("to", until)):
        if not 2000 <= asked.year <= 2100:
            form.errors[name] = str(MESSAGES["invalid"])
    if since > until:
        form.errors["to"] = str(BEFORE_START)
    return (Period(today.replace(day=1), today) if form.errors else Period(since, until)), form


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), district().zone).astimezone(UTC)


def page_site(session: Session) -> SiteView:
    """The place a page or a form is about: the actor's own, or the one an officer names."""
    return acting_site(session, request.values.get("site", "")[:40] or None)


def must_choose() -> bool:
    """Whether the place is to be chosen first: who acts for a district named none."""
    return current_actor().site_id is None and not request.values.get("site")


def choose_place(session: Session) -> str:
    """The page on which the place is chosen that this address is opened for then."""
    choice = Choice(
        request.path,
        PLACES,
        _("어느 곳의 재고인가요?"),
        _("고른 곳의 재고를 보여 드려요."),
        _("아직 등록된 장소가 없어요"),
        _("설정에서 장소를 먼저 등록해 주세요."),
    )
    return choose_site(session, choice)


def where(site: SiteView) -> dict[str, str]:
    """What names the place in an address, for those who act for several."""
    return {} if current_actor().site_id is not None else {"site": site.code}


def go_to(endpoint: str, site: SiteView, **values: Any) -> Response:
    """The way to another page about the same place."""
    return redirect(url_for(endpoint, **values, **cast("dict[str, Any]", where(site))))


def tabs_of(site: SiteView) -> list[tuple[str, Any]]:
    """The pages of a place's counted ware."""
    query = f"?site={site.code}" if where(site) else ""
    return [
        (f"/wares{query}", _("지금")),
        (f"/wares/moves{query}", _("기록")),
        (f"/wares/crates{query}", _("상자")),
        (f"/wares/lids{query}", _("뚜껑")),
        (f"/wares/stocktaking{query}", _("재고 조사")),
    ]


def counted_kinds(session: Session, actor: Actor) -> list[KindView]:
    """The kinds known by quantities only."""
    return list_kinds(session, district_id=actor.district_id, counted=True)


def kind_names(session: Session, actor: Actor) -> dict[str, str]:
    """What every kind is called, by its code."""
    kinds = list_kinds(session, district_id=actor.district_id, counted=None)
    return {kind.code: name_of(kind) for kind in kinds}


def sites_by_id(session: Session, actor: Actor) -> dict[int, SiteView]:
    """The places of the district."""
    found = list_sites(session, district_id=actor.district_id, limit=MOST_SITES)
    return {site.id: site for site in found}


def cursor(param: str = "after") -> list[str | int | float | None] | None:
    """The sort key in a list's address; INVALID for one we did not make."""
    text = request.args.get(param)
    if not text:
        return None
    try:
        return decode_cursor(text)
    except ValueError as error:
        raise LendingError(Code.INVALID, field=param) from error


def next_cursor(key: Sequence[Any] | None) -> str | None:
    """A page's last sort key for the address of the next."""
    return encode_cursor(key) if key else None
