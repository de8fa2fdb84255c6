"""/office/pieces: ware that came with codes on it, registered from a file, all of it or none."""

import uuid

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.loop.pieces.registering import COLUMNS, register_pieces
from lending.office.pages.desk import Refused, WrongLines, blueprint, take_file
from lending.people.tables import Role
from lending.web.access import current_actor, staff
from lending.web.forms import Form, tell
from lending.web.services import now


@blueprint.get("/office/pieces")
@staff(Role.OFFICER)
def pieces() -> str:
    """What the file looks like, and where to send it."""
    return _pieces_page()


@blueprint.post("/office/pieces")
@staff(Role.OFFICER)
def post_pieces() -> Response | tuple[str, int]:
    """Registers every piece of a file, or shows every wrong line and registers none. The page gives
    each upload its id, so that one sent twice registers once."""
    actor, request_id = current_actor(), _request_id()
    try:
        made = take_file(
            COLUMNS,
            lambda s, table: register_pieces(
                s, table=table, request_id=request_id, actor=actor, now=now()
            ),
        )
    except Refused as refused:
        return _pieces_page(**refused.shown), 422
    tell(_("%(count)s개를 등록했어요. 세척 전 상태로 각 장소에 있어요.", count=f"{made:,}"))
    return redirect(url_for("office.pieces"))


def _request_id() -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get("id", ""))
    except ValueError as error:
        raise LendingError(Code.INVALID, field="id") from error


def _pieces_page(*, wrong: WrongLines | None = None, upload: Form | None = None) -> str:
    return render_template(
        "office/pieces.html", wrong=wrong, upload=upload, request_id=uuid.uuid4()
    )
