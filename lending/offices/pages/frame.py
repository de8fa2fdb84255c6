"""What the pages of offices share: their blueprint, tabs, the office that is acted for, names."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from lending.loop.read.pieces import KindView, list_kinds
from lending.offices.pages import words
from lending.offices.rights import office_of
from lending.people.tables import Role
from lending.places.sites import SiteView
from lending.places.tables import SiteKind
from lending.web.access import current_actor
from lending.web.context import district
from lending.web.i18n import name_of
from lending.web.services import now
from lending.web.stations import Choice

blueprint = Blueprint("offices", __name__)


def choice_at(address: str) -> Choice:
    """What an officer is asked before an office's page opens."""
    return Choice(
        address,
        (SiteKind.OFFICE,),
        lazy_gettext("어느 청사인가요?"),
        lazy_gettext("고른 청사의 부서에 빌려줘요."),
        lazy_gettext("아직 등록된 청사가 없어요"),
        lazy_gettext("설정의 장소에서 종류를 사무실로 더해 주세요."),
    )


def office_of_page(session: Session) -> SiteView | None:
    """The office a page acts for: the own one, or `?site=`; None: to be chosen first."""
    actor = current_actor()
    if actor.site_id is None and "site" not in request.values:
        return None
    return office_of(session, actor=actor, code=request.values.get("site", "")[:40])


def asked_of(site: SiteView) -> str:
    """What an address says of the office, where whoever looks acts for several."""
    return "" if current_actor().site_id is not None else "?" + urlencode({"site": site.code})


def office_page(template: str, here: str, site: SiteView, **values: Any) -> str:
    """A page in the frame templates/offices/frame.html; `here`: the path of its tab."""
    asked = asked_of(site)
    tabs = [
        (f"/offices{asked}", _("예약")),
        (f"/offices/desk{asked}", _("주고받기")),
        (f"/offices/month{asked}", _("부서별 한 달")),
    ]
    if current_actor().role is Role.OFFICER:
        tabs.append((f"/offices/departments{asked}", _("부서와 카드")))
    return render_template(
        template, here=here + asked, tabs=tabs, site=site, site_name=name_of(site), asked=asked,
        acts_for=site.code if asked else None, words=words, zone=district().timezone, **values,
    )  # fmt: skip


def lendable(session: Session) -> list[KindView]:
    """The kinds that are lent by code, by name."""
    kinds = list_kinds(session, district_id=current_actor().district_id)
    return sorted((kind for kind in kinds if not kind.carrier), key=name_of)


def kind_names(session: Session) -> dict[int, str]:
    """The names of the district's kinds by id."""
    kinds = list_kinds(session, district_id=current_actor().district_id)
    return {kind.id: name_of(kind) for kind in kinds}


def today() -> date:
    """The present local day of the district."""
    return now().astimezone(district().zone).date()
