"""/wash/wall.pdf: the command codes, printed by those who hang them up at the washing centre."""

from flask import Blueprint, Response

from lending.labels.pages.desk import send_pdf
from lending.labels.wall import write_wall_sheets
from lending.people.tables import Role
from lending.web.access import station
from lending.web.context import district

blueprint = Blueprint("wall", __name__)


@blueprint.get("/wash/wall.pdf")
@station(Role.WASH)
def show_wall() -> Response:
    """Two A4 pages, the same at every centre of the district."""
    name = district().name
    return send_pdf(lambda file: write_wall_sheets(file, district_name=name), "wall-codes.pdf")
