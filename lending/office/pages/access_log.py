"""/office/access-log: who looked at whose data, when, from where and why; reviewed monthly."""

from datetime import datetime

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.office.pages import words
from lending.office.pages.desk import blueprint, cursor, next_cursor
from lending.people.access_log import Access, list_access, record_access
from lending.people.tables import Role
from lending.web.access import current_actor, staff
from lending.web.forms import tell
from lending.web.limits import client_address
from lending.web.services import now, reading, write

PAGE = 100
REVIEWED = "access log reviewed"


@blueprint.get("/office/access-log")
@staff(Role.OFFICER)
def access_log() -> str:
    """The log, the newest first."""
    with reading() as session:
        found = list_access(
            session, district_id=current_actor().district_id, before=_before(), limit=PAGE + 1
        )
    last = found[PAGE - 1] if len(found) > PAGE else None
    return render_template(
        "office/access_log.html",
        entries=found[:PAGE],
        next=next_cursor([last.at, last.id]) if last else None,
        reviewed=REVIEWED,
        words=words,
    )


@blueprint.post("/office/access-log/reviewed")
@staff(Role.OFFICER)
def post_reviewed() -> Response:
    """Notes in the log itself that it was looked through."""
    actor, access = current_actor(), Access(client_address(), REVIEWED)
    write(lambda s: record_access(s, actor=actor, access=access, now=now()))
    tell(_("점검한 것을 적었어요."))
    return redirect(url_for("office.access_log"))


def _before() -> tuple[datetime, int] | None:
    key = cursor()
    if key is None:
        return None
    try:
        at, entry = key
        moment = datetime.fromisoformat(str(at))
        if moment.tzinfo is None or not isinstance(entry, int):
            raise ValueError(at)
    except ValueError as error:
        raise LendingError(Code.INVALID, field="after") from error
    return moment, entry
