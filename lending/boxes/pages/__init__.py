"""The page of a tablet above a box: one screen in both languages, opened once and left open."""

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import force_locale

from lending.boxes.pages.words import WORDS
from lending.boxes.state import BoxState, load_box_state
from lending.people.envelopes import public_key
from lending.people.tables import Role
from lending.places.sites import SiteView, find_site, list_sites, load_sites
from lending.places.tables import SiteKind
from lending.web.access import current_actor, station
from lending.web.i18n import LANGUAGES
from lending.web.services import now, reading, services

blueprint = Blueprint("boxes", __name__)

BOXES = (SiteKind.BOX, SiteKind.MACHINE)
MOST_SITES = 1000


@blueprint.get("/return")
@station(Role.MACHINE)
def show_return() -> str:
    """The screen of the actor's box; an officer, who only tries it out, names one (`?site=`)."""
    actor = current_actor()
    with reading() as session:
        if actor.site_id is not None:
            site = load_sites(session, site_ids=[actor.site_id])[actor.site_id]
        elif "site" in request.args:
            code = request.args["site"][:40]
            site = find_site(session, code=code, district_id=actor.district_id)
        else:
            boxes = list_sites(
                session, district_id=actor.district_id, kinds=BOXES, limit=MOST_SITES
            )
            return render_template("boxes/choose.html", sites=boxes)
        state = load_box_state(session, site=site)
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
    return texts | {"place": (language == "en" and site.name_en) or site.name}


def state_out(state: BoxState) -> dict[str, Any]:
    """The box's state as the screen reads it."""
    other = state.elsewhere
    return {
        "capacity": state.capacity,
        "fill": state.fill,
        "elsewhere": other
        and {
            "ko": other.site.name,
            "en": other.site.name_en or other.site.name,
            "metres": other.metres and round(other.metres),
        },
    }
