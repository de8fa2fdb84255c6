"""/office/sites: places added by form or file, changed, their opening days and closures."""

from datetime import timedelta

from flask import Response as Answer
from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import Schema
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.loop.drop_counts import count_claims
from lending.office.pages import words
from lending.office.pages.desk import (
    Refused,
    WrongLines,
    blueprint,
    cursor,
    degrees,
    next_cursor,
    one_of,
    take_file,
    today,
    whole,
)
from lending.people.tables import Role
from lending.places.opening import (
    list_closures,
    list_opening,
)
from lending.places.sites import (
    COLUMNS,
    SiteView,
    add_site,
    add_sites_from_rows,
    change_site,
    list_sites,
    load_sites,
    require_batches,
)
from lending.places.spots import Spot, place_site, write_sites_csv
from lending.places.tables import EVERY_DAY, SiteKind
from lending.requests.take_back import TAKE_BACK
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import Text
from lending.web.services import now, reading

PAGE = 100
YEAR = timedelta(days=365)
MOST_SITES = 10_000
WEEKDAYS = (
    lazy_gettext("월요일"), lazy_gettext("화요일"), lazy_gettext("수요일"), lazy_gettext("목요일"),
    lazy_gettext("금요일"), lazy_gettext("토요일"), lazy_gettext("일요일"),
)  # fmt: skip


class SiteForm(Schema):
    """A new place."""

    code = Text(required=True, max_length=20)
    kind = one_of([kind.value for kind in SiteKind], required=True)
    name = Text(required=True, max_length=100)
    name_en = Text(max_length=100, load_default="")


class ChangeForm(Schema):
    """What may change of a place."""

    name = Text(required=True, max_length=100)
    name_en = Text(max_length=100, load_default="")
    clean_low = whole(0, 100_000, required=True)
    capacity = whole(0, 100_000, load_default=0)
    latitude = degrees(90, load_default=None)
    longitude = degrees(180, load_default=None)
    active = Text(max_length=1)
    batch_required = Text(max_length=1)


@blueprint.get("/office/sites")
@staff(Role.OFFICER)
def sites() -> str:
    """The places by code."""
    return _sites_page(None)


@blueprint.post("/office/sites")
@staff(Role.OFFICER)
def post_site() -> Response | tuple[str, int]:
    """Adds one place."""
    form, actor = read_form(SiteForm()), current_actor()
    made = attempt(
        form, lambda s: add_site(s, district_id=actor.district_id, now=now(), **form.values)
    )
    if made is None:
        return _sites_page(form), 422
    tell(_("%(name)s을(를) 더했어요.", name=made.name))
    return redirect(url_for("office.sites"))


@blueprint.post("/office/sites/file")
@staff(Role.OFFICER)
def post_sites_file() -> Response | tuple[str, int]:
    """Adds all places of a file, or shows every wrong line and adds none."""
    district_id = current_actor().district_id
    try:
        made = take_file(
            COLUMNS,
            lambda s, table: add_sites_from_rows(
                s, district_id=district_id, table=table, now=now()
            ),
        )
    except Refused as refused:
        return _sites_page(None, **refused.shown), 422
    tell(_("%(count)s곳을 더했어요.", count=len(made)))
    return redirect(url_for("office.sites"))


@blueprint.get("/office/sites.csv")
@staff(Role.OFFICER)
def sites_file() -> Answer:
    """All places as a file that can be changed and uploaded in another district."""
    with reading() as session:
        found = list_sites(session, district_id=current_actor().district_id, limit=MOST_SITES)
    rows = [
        (one.code, one.kind.value, one.name, one.name_en, one.spot.capacity, *one.spot.position)
        for one in found
    ]
    answer = Answer(write_sites_csv(rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=sites.csv"
    return answer


@blueprint.get("/office/sites/<int:site_id>")
@staff(Role.OFFICER)
def show_site(site_id: int) -> str:
    """One place with its opening days and closures."""
    return site_page(site_id, {})


@blueprint.post("/office/sites/<int:site_id>")
@staff(Role.OFFICER)
def post_change_site(site_id: int) -> Response | tuple[str, int]:
    """Changes name, limits, where the place lies, and whether it takes part."""
    form, actor = read_form(ChangeForm()), current_actor()

    def change(session: Session) -> SiteView:
        names, spots = ("name", "name_en", "clean_low"), ("capacity", "latitude", "longitude")
        spot = Spot(*(form.values[name] for name in spots))
        place_site(session, district_id=actor.district_id, site_id=site_id, spot=spot)
        require_batches(
            session, district_id=actor.district_id, site_id=site_id,
            required=bool(form.values.get("batch_required")),
        )  # fmt: skip
        values = {name: form.values[name] for name in names}
        active = bool(form.values.get("active"))
        return change_site(
            session, district_id=actor.district_id, site_id=site_id, active=active, **values
        )

    changed = attempt(form, change)
    if changed is None:
        return site_page(site_id, {"change": form}), 422
    tell(_("바꿨어요."))
    return redirect(url_for("office.show_site", site_id=site_id))


def own_site(site_id: int) -> SiteView:
    """The site, if it is of the officer's district; NOT_FOUND."""
    with reading() as session:
        site = load_sites(session, site_ids=[site_id]).get(site_id)
    if site is None or site.district_id != current_actor().district_id:
        raise LendingError(Code.NOT_FOUND, field="site")
    return site


def _sites_page(
    form: Form | None, *, wrong: WrongLines | None = None, upload: Form | None = None
) -> str:
    after = cursor()
    with reading() as session:
        found = list_sites(
            session,
            district_id=current_actor().district_id,
            after=str(after[0]) if after else None,
            limit=PAGE + 1,
        )
    return render_template(
        "office/sites.html",
        sites=found[:PAGE],
        next=next_cursor([found[PAGE - 1].code]) if len(found) > PAGE else None,
        form=form,
        wrong=wrong,
        upload=upload,
        words=words,
    )


def site_page(site_id: int, forms: dict[str, Form]) -> str:
    site = own_site(site_id)
    with reading() as session:
        opening = list_opening(session, site_id=site_id)
        closures = list_closures(session, site_id=site_id, since=today())
        year = {"start": now() - YEAR, "end": now()}
        ended = count_claims(session, district_id=site.district_id, site_id=site_id, **year)
    in_force = next((one for one in opening if one.valid_from <= now()), None)
    return render_template(
        "office/site.html",
        site=site,
        opening=opening,
        open_now=in_force.weekdays if in_force else EVERY_DAY,
        hours=in_force,
        closures=closures,
        claims=ended[0] if ended else None,
        takes_back=site.kind in TAKE_BACK,
        forms=forms,
        weekdays=WEEKDAYS,
        today=today(),
        words=words,
    )
