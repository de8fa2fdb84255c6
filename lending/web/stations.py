"""What the full-screen stations share: the body they read, the site they act at, their words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from flask import Response, jsonify, render_template, request
from flask_babel import LazyString
from marshmallow import Schema
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.places.sites import SiteView, find_site, list_sites, load_sites
from lending.places.tables import SiteKind
from lending.web.access import current_actor, current_staff_or_none
from lending.web.i18n import Named, name_of
from lending.web.services import write

MOST_SITES = 1000


class Kind(Named, Protocol):
    """A kind of ware."""

    @property
    def code(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Words:
    """How a result is shown: one big word, its colour and icon, a line below, what to do next."""

    word: str
    tone: str
    icon: str
    line: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody who acts for a whole district is asked before the page at `address` opens."""

    address: str
    kinds: Sequence[SiteKind]
    question: LazyString
    lead: LazyString
    none: LazyString  # there is no such place yet
    none_lead: LazyString


def read_body(schema: Schema) -> dict[str, Any]:
    """The JSON object that was posted, by `schema`; INVALID for anything else."""
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise LendingError(Code.INVALID)
    loaded: dict[str, Any] = schema.load(found)
    return loaded


def answer_beep(
    id: UUID,
    work: Callable[[Session], Words],
    *,
    refused: Callable[[LendingError], Words],
    now: datetime,
) -> Response:
    """What came of one record in words, refused or not; raises what sending it anew may mend, and
    ID_REUSED."""
    error: LendingError | None = None
    try:
        told = write(work)
    except LendingError as caught:
        if caught.code in (Code.SIGN_IN_NEEDED, Code.NOT_ALLOWED, Code.ID_REUSED):
            raise
        error, told = caught, refused(caught)
    return jsonify({"id": id, "error": error.code if error else None, "now": now} | asdict(told))


def acting_site(session: Session, code: str | None) -> SiteView:
    """The place the actor acts at: its own, or the one an officer names."""
    actor = current_actor()
    if actor.site_id is not None:
        return load_sites(session, site_ids=[actor.site_id])[actor.site_id]
    if code is None:
        raise LendingError(Code.INVALID, field="site")
    return find_site(session, code=code, district_id=actor.district_id)


def site_of_page(session: Session) -> SiteView | None:
    """The place a station's page acts for, as `acting_site` (`?site=`); None: to be chosen first."""
    if current_actor().site_id is None and "site" not in request.args:
        return None
    return acting_site(session, request.args.get("site", "")[:40])


def choose_site(session: Session, choice: Choice) -> str:
    """The page on which the place is chosen."""
    district_id = current_actor().district_id
    sites = list_sites(session, district_id=district_id, kinds=choice.kinds, limit=MOST_SITES)
    return render_template("shared/choose_site.html", choice=choice, sites=sites)


def station_parts(site: SiteView, kinds: Iterable[Kind]) -> dict[str, Any]:
    """What every station's page is rendered with: its place and the names of the kinds of ware."""
    return {
        "site": site,
        "site_name": name_of(site),
        "acts_for": site.code if current_actor().site_id is None else None,
        "kinds": {kind.code: name_of(kind) for kind in kinds},
    }


def signed_in_at(site: SiteView) -> int | None:
    """The id of the staff signed in at this browser, if they work at this place."""
    actor = current_staff_or_none()
    if actor is None or actor.district_id != site.district_id:
        return None
    return actor.id if actor.site_id in (None, site.id) else None
