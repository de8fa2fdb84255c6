"""What every template may use: who looks, the district, the menu, and the language."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask import Flask, g, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from lending.people.actors import Actor
from lending.people.tables import Role
from lending.places.districts import DistrictView, list_districts, load_district
from lending.places.sites import SiteView, load_sites
from lending.places.tables import SiteKind
from lending.web.access import current_actor_or_none
from lending.web.i18n import language, name_of
from lending.web.panels import PLACE, Panel, panels_of
from lending.web.services import glancing, now


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry of the menu: its address, its words and the roles that see it.

    `parts`: further addresses whose pages belong to it. `kinds`: of which kinds of place the staff
    of a place see it (empty: of all); who belongs to no place sees it whatever the kinds.
    """

    path: str
    words: LazyString
    roles: frozenset[Role]
    parts: tuple[str, ...] = ()
    kinds: frozenset[SiteKind] = frozenset()


SETTINGS = tuple(
    f"/office/{name}"
    for name in (
        "district", "sites", "kinds", "pieces", "terms", "limits", "staff", "devices", "tokens", "platforms", "cards", "machines",
        "labels", "access-log", "start",
    )
)  # fmt: skip

# One menu for all pages; an entry is shown to its roles only, in this order.
MENU = (
    MenuEntry("/scan", _("스캔"), frozenset({Role.CAFE, Role.OFFICER})),
    MenuEntry("/wash", _("세척장"), frozenset({Role.WASH, Role.OFFICER})),
    MenuEntry("/wares", _("재고"), frozenset({Role.CAFE, Role.WASH, Role.OFFICER})),
    MenuEntry(
        "/delivery",
        _("배달"),
        frozenset({Role.CAFE, Role.OFFICER}),
        kinds=frozenset({SiteKind.SHOP}),
    ),
    MenuEntry(
        "/offices",
        _("부서 대여"),
        frozenset({Role.CAFE, Role.OFFICER}),
        kinds=frozenset({SiteKind.OFFICE}),
    ),
    MenuEntry("/events", _("행사"), frozenset({Role.WASH, Role.OFFICER})),
    MenuEntry(
        "/events/rooms",
        _("방 현황"),
        frozenset({Role.CAFE}),
        ("/events",),
        kinds=frozenset({SiteKind.HALL}),
    ),
    MenuEntry("/supply", _("컵 요청"), frozenset({Role.CAFE})),
    MenuEntry(
        "/machines",
        _("무인회수기 현황"),
        frozenset({Role.CAFE}),
        kinds=frozenset({SiteKind.OFFICE, SiteKind.CAFE}),
    ),
    MenuEntry("/moving", _("배송"), frozenset({Role.OFFICER}), ("/office/pickups",)),
    MenuEntry("/moving/packing", _("포장"), frozenset({Role.WASH}), ("/moving/crates",)),
    MenuEntry("/wash/hygiene", _("위생"), frozenset({Role.WASH, Role.OFFICER})),
    MenuEntry("/office", _("현황"), frozenset({Role.OFFICER})),
    MenuEntry("/office/loans", _("대여"), frozenset({Role.OFFICER}), ("/office/residents",)),
    MenuEntry("/office/review", _("확인할 일"), frozenset({Role.OFFICER})),
    MenuEntry("/office/month", _("월 보고"), frozenset({Role.OFFICER})),
    MenuEntry("/office/settings", _("설정"), frozenset({Role.OFFICER}), SETTINGS),
    MenuEntry("/my", _("내 컵"), frozenset({Role.RESIDENT})),
    MenuEntry("/my/history", _("이용 내역"), frozenset({Role.RESIDENT})),
    MenuEntry("/my/settings", _("내 정보"), frozenset({Role.RESIDENT})),
)

NO_DISTRICT = DistrictView(
    id=0, name="", name_en="", timezone="Asia/Seoul", helpdesk="", is_demo=False
)


def set_up_templates(app: Flask) -> None:
    """Names for all templates: `viewer()`, `district()`, `place_name()`, `menu()`, `lang()`."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        viewer=current_actor_or_none,
        district=district,
        place_name=place_name,
        menu=menu,
        lang=language,
        other_language_link=other_language_link,
        staff_bars=staff_bars,
        place_notices=place_notices,
        is_current=is_current,
        page_address=page_address,
    )


def district() -> DistrictView:
    """The district of the actor, or the first one; an empty one before the first officer came."""
    if "district" not in g:
        actor: Actor | None = g.get("actor")
        with glancing() as session:
            if actor:
                g.district = load_district(session, district_id=actor.district_id)
            else:
                g.district = next(iter(list_districts(session)), NO_DISTRICT)
    found: DistrictView = g.district
    return found


def show_district(district_id: int) -> None:
    """This page, whoever opens it, is about something of that district: its hours are in its zone,
    and who needs help calls it."""
    if district().id != district_id:
        with glancing() as session:
            g.district = load_district(session, district_id=district_id)


def place_notices() -> list[Panel]:
    """What the people of the actor's site must not miss, on whichever page; nothing for residents
    and for who works for the whole district."""
    site = _own_site()
    if site is None:
        return []
    with glancing() as session:
        return panels_of(session, PLACE, site.id, now=now())


def place_name() -> str:
    """The name of the actor's site in the page's language, or "" for the whole district."""
    site = _own_site()
    return name_of(site) if site is not None else ""


def _own_site() -> SiteView | None:
    """The actor's site, read once per page."""
    actor: Actor | None = g.get("actor")
    if actor is None or actor.site_id is None:
        return None
    if "own_site" not in g:
        with glancing() as session:
            g.own_site = load_sites(session, site_ids=[actor.site_id])[actor.site_id]
    found: SiteView = g.own_site
    return found


def menu() -> list[MenuEntry]:
    """The entries the actor of this page sees."""
    actor = current_actor_or_none()
    seen = [entry for entry in MENU if actor is not None and actor.role in entry.roles]
    if not any(entry.kinds for entry in seen) or (site := _own_site()) is None:
        return seen
    return [entry for entry in seen if not entry.kinds or site.kind in entry.kinds]


def is_current(entry: MenuEntry, entries: list[MenuEntry]) -> bool:
    """Whether this entry is the one of the page: the longest that its address begins with."""
    fitting = {
        path: e
        for e in entries
        for path in (e.path, *e.parts)
        if f"{request.path}/".startswith(f"{path}/")
    }
    return bool(fitting) and fitting[max(fitting, key=len)] is entry


def page_address(param: str, value: str | None) -> str:
    """This page's address with one query parameter set anew (None: left out)."""
    kept = {k: v for k, v in request.args.items(multi=True) if k != param}
    if value is not None:
        kept[param] = value
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def other_language_link() -> tuple[str, str, str]:
    """(address, language code, its own name) of the switch to the other language."""
    code, name = ("ko", "한국어") if language() == "en" else ("en", "English")
    return f"/language/{code}?next={quote(request.path)}", code, name


def staff_bars() -> list[str]:
    """Warnings every staff page shows on top (the worker is silent …), from health.bar_checks."""
    from lending.web.health import warnings_for_staff

    actor = current_actor_or_none()
    if actor is None or actor.role is Role.RESIDENT:
        return []
    return warnings_for_staff()
