"""/office/sites/…/poster.pdf: what hangs at a return point."""

from flask import Response

from lending.errors import Code, LendingError
from lending.labels.pages.desk import blueprint, send_pdf
from lending.labels.poster import Poster, place_address, write_poster
from lending.people.tables import Role
from lending.places.sites import load_sites
from lending.web.access import current_actor, staff
from lending.web.context import district
from lending.web.services import reading, services


@blueprint.get("/office/sites/<int:site_id>/poster.pdf")
@staff(Role.OFFICER)
def show_poster(site_id: int) -> Response:
    """One A4 page with the place's own QR; NOT_FOUND outside the officer's district."""
    with reading() as session:
        site = load_sites(session, site_ids=[site_id]).get(site_id)
    if site is None or site.district_id != current_actor().district_id:
        raise LendingError(Code.NOT_FOUND, field="site")
    poster = Poster(
        address=place_address(services().config.public_url, site.code),
        site_name=site.name,
        site_code=site.code,
        district_name=district().name,
        helpdesk=district().helpdesk,
    )
    return send_pdf(lambda file: write_poster(file, poster), f"poster-{site.code}.pdf")
