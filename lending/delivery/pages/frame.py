"""The frame of a shop's pages: whose they are, its tabs, and the place an officer chose."""

from typing import Any
from urllib.parse import urlencode

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from lending.delivery.orders.book import Pass
from lending.delivery.pages.words import CONTACTS, STATUSES, TONES
from lending.loop.read.pieces import list_kinds
from lending.people.tables import Role
from lending.places.sites import SiteView
from lending.places.tables import SiteKind
from lending.web.access import current_actor
from lending.web.i18n import name_of
from lending.web.services import now, services
from lending.web.stations import Choice

Tab = tuple[str, str]


def choice_at(address: str) -> Choice:
    """What an officer is asked before a shop's page opens."""
    return Choice(
        address,
        (SiteKind.SHOP,),
        lazy_gettext("어느 배달 가게인가요?"),
        lazy_gettext("고른 가게의 기록으로 남아요."),
        lazy_gettext("아직 등록된 배달 가게가 없어요"),
        lazy_gettext("설정의 장소에서 배달 가게를 먼저 등록해 주세요."),
    )


def shop_tabs(site: SiteView | None) -> list[Tab]:
    """The pages of delivery that the one who looks may open."""
    asked = asked_of(site)
    tabs = [
        (f"/delivery{asked}", _("오늘")),
        (f"/delivery/pack{asked}", _("포장대")),
        (f"/delivery/shelf{asked}", _("오래된 용기")),
    ]
    if site is None:
        tabs = []
    if current_actor().role is Role.OFFICER:
        tabs = [("/delivery/shops", _("가게 모두")), *tabs]
    return tabs


def asked_of(site: SiteView | None) -> str:
    """What an address says of the shop, where whoever looks acts for several."""
    if site is None or current_actor().site_id is not None:
        return ""
    return "?" + urlencode({"site": site.code})


def shop_page(template: str, here: str, site: SiteView | None = None, **values: Any) -> str:
    """A page in the frame templates/delivery/desk.html; `here`: the path of its tab."""
    return render_template(
        template,
        here=here + asked_of(site),
        tabs=shop_tabs(site),
        site=site,
        site_name=name_of(site) if site else "",
        asked=asked_of(site),
        acts_for=site.code if site and current_actor().site_id is None else None,
        statuses=STATUSES,
        tones=TONES,
        contacts=CONTACTS,
        **values,
    )


def pass_of(site: SiteView) -> Pass:
    """The shop's pass with whoever is signed in."""
    return Pass(site, current_actor(), services().keys, now())


def kind_names(session: Session) -> dict[int, str]:
    """The names of the district's kinds by id."""
    kinds = list_kinds(session, district_id=current_actor().district_id)
    return {kind.id: name_of(kind) for kind in kinds}
