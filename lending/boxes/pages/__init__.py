"""The page of a tablet above a box: one screen in both languages, opened once and left open."""

from typing import Any

from flask import Blueprint, render_template
from flask_babel import force_locale
from flask_babel import lazy_gettext as _

from lending.boxes.pages.words import WORDS
from lending.boxes.state import BoxState, load_box_state
from lending.people.envelopes import public_key
from lending.people.tables import Role
from lending.places.sites import SiteView
from lending.places.tables import SiteKind
from lending.web.access import station
from lending.web.i18n import LANGUAGES, name_of
from lending.web.services import now, reading, services
from lending.web.stations import Choice, choose_site, site_of_page

blueprint = Blueprint("boxes", __name__)

CHOICE = Choice(
    "/return",
    (SiteKind.BOX, SiteKind.MACHINE),
    _("어느 반납함의 화면인가요?"),
    _("여기서 보여 준 컵도 그곳의 반납으로 기록돼요."),
    _("아직 반납함이 없어요."),
    _("설정에서 종류가 반납함이나 무인회수기인 장소를 먼저 더해 주세요."),
)


@blueprint.get("/return")
@station(Role.MACHINE)
def show_return() -> str:
    """The screen of the actor's box; an officer, who only tries it out, names one (`?site=`)."""
    with reading() as session:
        site = site_of_page(session)
        if site is None:
            return choose_site(session, CHOICE)
        state = load_box_state(session, site=site, now=now())
    # Everybody begins in Korean; the other language is in the page too, for it opens offline.
    with force_locale("ko"):
        return render_template(
            "boxes/return.html",
            site=site,
            texts={code: texts_in(code, site) for code in LANGUAGES},
            state=state_out(state) | {"at": now().isoformat()},
            key=public_key(services().keys),
        )


def texts_in(language: str, site: SiteView) -> dict[str, str]:
    """Every text of the screen in one language, and the place's name."""
    with force_locale(language):
        texts = {name: str(text) for name, text in WORDS.items()}
    return texts | {"place": name_of(site, language)}


def state_out(state: BoxState) -> dict[str, Any]:
    """The box's state as the screen reads it."""
    other = state.elsewhere
    return {
        "capacity": state.capacity,
        "fill": state.fill,
        "full": state.full,
        "elsewhere": other
        and {
            "ko": other.site.name,
            "en": name_of(other.site, "en"),
            "metres": other.metres and round(other.metres),
        },
    }
