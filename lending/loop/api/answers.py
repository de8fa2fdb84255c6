"""The blueprint of the loop's endpoints and the ways its answers are written."""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from flask import Response
from flask_smorest import Blueprint

from lending.loop.read.paging import Page
from lending.web.schemas import encode_cursor

T = TypeVar("T")

blueprint = Blueprint("loop", __name__, url_prefix="/api/v1")

ERRORS = {
    401: "No token, or one that is not in force.",
    403: "The token's role may not do this, or not at this site.",
    404: "There is no such thing, or it is not the token's to see.",
    409: "The id stands for something else already.",
    413: "Too much for one call; send it in parts.",
    422: "Something sent is not right; `field` names it.",
    429: "Too many tries; `Retry-After` says when to go on.",
}


def fails_with(*statuses: int) -> Callable[[T], T]:
    """Publishes the errors of an endpoint, all in the one shape."""
    from lending.web.openapi import ErrorOut

    def mark(view: T) -> T:
        for status in statuses:
            view = blueprint.alt_response(status, schema=ErrorOut, description=ERRORS[status])(view)
        return view

    return mark


def answer_json(body: Any) -> Response:
    """A JSON answer out of dicts and views; moments carry their zone and microseconds."""
    return Response(orjson.dumps(body), mimetype="application/json")


def answer_page(page: Page[Any], show: Callable[[Any], Any] = lambda view: view) -> Response:
    """One page of a list, each entry through `show`."""
    following = encode_cursor(page.next) if page.next is not None else None
    return answer_json({"items": [show(view) for view in page.items], "next": following})
