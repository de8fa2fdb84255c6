"""The demo's inbox: what people would have received, so that a demo needs no phone."""

import uuid
from datetime import datetime

from flask import Blueprint, render_template, request

from lending.errors import Code, LendingError
from lending.notices.inbox import list_inbox
from lending.residents.schemas import PageQuery
from lending.web.access import public
from lending.web.context import district
from lending.web.limits import limited
from lending.web.schemas import CursorPart, encode_cursor
from lending.web.services import glancing

blueprint = Blueprint("inbox", __name__)

PAGE = 20


@blueprint.get("/demo/inbox")
@public
@limited("demo_inbox", per_minute=120)
def show_inbox() -> str:
    """The messages of a demo district, the newest first; no other district has this page."""
    if not district().is_demo:
        raise LendingError(Code.NOT_FOUND)
    query = PageQuery().load({k: v for k, v in request.args.items() if k == "after"})
    before = _read_key(query["after"]) if "after" in query else None
    with glancing() as session:
        found = list_inbox(session, district_id=district().id, before=before, limit=PAGE + 1)
    shown, last = found[:PAGE], found[PAGE - 1] if len(found) > PAGE else None
    return render_template(
        "residents/inbox.html",
        messages=shown,
        next_cursor=encode_cursor([last.at, str(last.id)]) if last else None,
    )


def _read_key(parts: list[CursorPart]) -> tuple[datetime, uuid.UUID]:
    try:
        at, entry = parts
        moment = datetime.fromisoformat(str(at))
        if moment.tzinfo is None:
            raise ValueError("a moment without a zone")
        return moment, uuid.UUID(str(entry))
    except ValueError as error:
        raise LendingError(Code.INVALID, field="after") from error
