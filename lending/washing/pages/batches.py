"""/wash/batches: what runs in the machines, a batch begun with two taps, and each batch's page."""

import uuid
from dataclasses import asdict

from flask import Blueprint, render_template

from lending.errors import Code, LendingError
from lending.loop.read.pieces import list_kinds
from lending.people.tables import Role
from lending.places.sites import load_sites
from lending.washing.batches.machines import list_machines, list_programmes
from lending.washing.batches.tables import Measure
from lending.washing.batches.views import load_batch
from lending.washing.pages.batch_words import MEASURE_WORDS, STAGE_WORDS, UNITS
from lending.washing.pages.places import centre_parts, choice_of
from lending.web.access import current_actor, station
from lending.web.i18n import name_of
from lending.web.services import glancing
from lending.web.stations import choose_site, site_of_page

blueprint = Blueprint("washing_batches", __name__)


@blueprint.get("/wash/batches")
@station(Role.WASH)
def show_batches() -> str:
    """The centre's machines with what runs in them; who acts for a district chooses one first."""
    with glancing() as session:
        site = site_of_page(session)
        if site is None:
            return choose_site(session, choice_of("/wash/batches"))
        machines = list_machines(session, site_id=site.id)
        programmes = list_programmes(session, district_id=site.district_id)
        parts = centre_parts(session, site)
    return render_template(
        "washing/batches.html",
        machines=[one for one in machines if one.active],
        machine_list=[asdict(one) for one in machines if one.active],
        programmes=programmes,
        stage_words=STAGE_WORDS,
        **parts,
    )


@blueprint.get("/wash/batches/<uuid:batch_id>")
@station(Role.WASH)
def show_batch(batch_id: uuid.UUID) -> str:
    """One batch: what is in it, its stages and readings, its story."""
    actor = current_actor()
    with glancing() as session:
        batch = load_batch(session, batch_id=batch_id, district_id=actor.district_id)
        if actor.site_id is not None and batch.site_id != actor.site_id:
            raise LendingError(Code.NOT_FOUND, field="batch")
        site = load_sites(session, site_ids=[batch.site_id])[batch.site_id]
        counted = list_kinds(session, district_id=site.district_id, counted=True)
        parts = centre_parts(session, site)
    return render_template(
        "washing/batch.html",
        batch=batch,
        counted=[(kind.code, name_of(kind), "") for kind in counted],
        measures=[(one.value, MEASURE_WORDS[one], UNITS[one]) for one in Measure],
        stage_words=STAGE_WORDS,
        **parts,
    )
