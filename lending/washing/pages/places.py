"""The screens of a washing centre: how one leads to the others, and the centre they act for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from lending.loop.read.pieces import list_kinds
from lending.places.sites import SiteView
from lending.places.tables import SiteKind
from lending.web.stations import Choice, station_parts


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen of the centre; `endpoint` tells whether it is there."""

    path: str
    words: LazyString
    icon: str


SCREENS = (
    Screen("/wash", _("세척대"), "drop"),
    Screen("/wash/batches", _("세척 배치"), "tray"),
    Screen("/wash/inspect", _("검사대"), "check"),
    Screen("/wash/board", _("현황판"), "clock"),
    Screen("/wash/hygiene", _("위생 검사"), "search"),
    Screen("/moving/packing", _("담기"), "cup"),
    Screen("/wash/machines", _("기계와 기준"), "pin"),
    Screen("/wash/wall.pdf", _("벽 코드"), "printer"),
)


def screens() -> Sequence[Screen]:
    """The screens there are, in the order of the work."""
    rules = {rule.rule for rule in current_app.url_map.iter_rules()}
    return [screen for screen in SCREENS if screen.path in rules]


def choice_of(address: str) -> Choice:
    """The question which centre, before the page at `address` opens."""
    return Choice(
        address,
        (SiteKind.WASH_CENTRE,),
        _("어느 세척장인가요?"),
        _("고른 세척장의 기록으로 남아요."),
        _("아직 등록된 세척장이 없어요"),
        _("설정에서 세척장을 먼저 등록해 주세요."),
    )


def centre_parts(session: Session, site: SiteView) -> dict[str, Any]:
    """What every screen of the centre is rendered with."""
    kinds = list_kinds(session, district_id=site.district_id, counted=None)
    parts = station_parts(site, kinds)
    asked = f"?site={site.code}" if parts["acts_for"] else ""
    return parts | {"screens": screens(), "asked": asked, "here": request.path}
