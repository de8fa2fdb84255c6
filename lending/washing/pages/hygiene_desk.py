"""What the pages of hygiene share: the blueprint, the centre, moments and words."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import ValidationError, fields
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.people.tables import Role
from lending.places.sites import SiteView, find_site, list_sites
from lending.places.tables import SiteKind
from lending.washing.hygiene.tables import Ending, Scope
from lending.web.access import current_actor
from lending.web.context import district
from lending.web.i18n import write_clock, write_day, write_number
from lending.web.schemas import MESSAGES
from lending.web.services import now
from lending.web.stations import Choice, acting_site

blueprint = Blueprint("hygiene", __name__)

CHOICE = Choice(
    "/wash/hygiene",
    (SiteKind.WASH_CENTRE,),
    lazy_gettext("어느 세척장인가요?"),
    lazy_gettext("고른 세척장의 위생 기록을 보여 드려요."),
    lazy_gettext("아직 등록된 세척장이 없어요"),
    lazy_gettext("설정에서 세척장을 먼저 등록해 주세요."),
)
SCOPES = {
    Scope.BATCH: lazy_gettext("이 배치만"),
    Scope.MACHINE: lazy_gettext("이 세척기가 마지막 합격 뒤에 씻은 모두"),
}
ENDINGS = {
    Ending.REENTRY: lazy_gettext("값을 잘못 적은 것이었어요"),
    Ending.RELEASED: lazy_gettext("다시 검사해 합격했어요"),
    Ending.REWASH: lazy_gettext("모두 다시 세척했어요"),
    Ending.RETIRED: lazy_gettext("모두 정리했어요"),
}


class LocalMinute(fields.NaiveDateTime):
    """A form's day and minute in the district's zone: that minute's end, but never later than now,
    for what began within the same minute came before."""

    default_error_messages = MESSAGES

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", load_default=None, **options)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any
    ) -> datetime:
        local: datetime = super()._deserialize(value, attr, data, **options)
        if not 2000 <= local.year <= 2100:
            raise ValidationError(str(MESSAGES["invalid"]))
        begins = local.replace(tzinfo=district().zone).astimezone(UTC)
        moment = now()
        ends = begins.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return min(moment, ends) if begins <= moment else begins


def centre_of_page(session: Session) -> SiteView | None:
    """The centre a page is about: the actor's own, the one named (`?site=`), the only one there is;
    None: it is to be chosen first."""
    actor = current_actor()
    if actor.site_id is None and not _named():
        sites = list_sites(session, district_id=actor.district_id, kinds=CHOICE.kinds, limit=2)
        return sites[0] if len(sites) == 1 else None
    return acting_site(session, _named())


def centre_of(session: Session, code: str) -> SiteView:
    """The centre something belongs to; NOT_ALLOWED_HERE (field site) for who works elsewhere."""
    actor = current_actor()
    site = find_site(session, code=code, district_id=actor.district_id)
    if actor.site_id not in (None, site.id):
        raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
    return site


def centre_parts(site: SiteView) -> dict[str, Any]:
    """What a page of one centre is rendered with; `asked`: the address's `?site=`, to be kept."""
    asked = f"?site={site.code}" if _named() else ""
    return {
        "site": site,
        "asked": asked,
        "is_officer": current_actor().role is Role.OFFICER,
        "describe": describe_batch,
        "measured": write_measured,
    }


def describe_batch(machine: str | None, day: date | None, began: datetime) -> str:
    """A batch in a line: its machine and when it began, or the day of what no machine washed."""
    zone = district().timezone
    if day is not None:
        return str(_("%(day)s 세척기 없이 씻은 것", day=write_day(day, zone)))
    moment = f"{write_day(began, zone)} {write_clock(began, zone)}"
    return f"{machine} · {moment}" if machine else moment


def write_measured(value: float, unit: str = "") -> str:
    """A measured value with its unit: `45.5 RLU`."""
    return f"{write_number(value, 2)} {unit}".strip()


def local_input(moment: datetime) -> str:
    """A moment as a `datetime-local` field holds it."""
    return moment.astimezone(district().zone).strftime("%Y-%m-%dT%H:%M")


def today() -> date:
    """The district's local day."""
    return now().astimezone(district().zone).date()


def _named() -> str | None:
    return request.values.get("site", "")[:40] or None
