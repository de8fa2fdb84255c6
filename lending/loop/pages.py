"""The page to read the API by, made from its published description."""

from flask import Blueprint, current_app, render_template

from lending.loop.api.reference import read_endpoints, read_shapes
from lending.web.access import public
from lending.web.errors import TABLE
from lending.web.openapi import published_spec

blueprint = Blueprint("loop_pages", __name__)


@blueprint.get("/api/v1/docs")
@public
def api_reference() -> str:
    """Every endpoint, shape and error of the API."""
    spec = published_spec(current_app)
    return render_template(
        "loop/api_reference.html",
        endpoints=read_endpoints(spec),
        shapes=read_shapes(spec),
        errors=[(code, words) for code, words in TABLE.items()],
    )
