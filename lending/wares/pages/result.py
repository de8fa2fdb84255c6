"""The result of a stocktaking: what is off, its repair and the repair's undoing, and files."""

import io
import uuid

from flask import redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from marshmallow import Schema, fields
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.loop.care.decisions import Decision
from lending.loop.care.review import reopen_review, settle_review
from lending.people.tables import Role
from lending.places.sites import load_sites
from lending.wares.names import load_names
from lending.wares.pages import desk, words
from lending.wares.pages.desk import COUNTERS, blueprint
from lending.wares.pages.files import headline_of, tables_of, write_csv, write_xlsx
from lending.wares.stocktaking.decision import Entry, find_entry
from lending.wares.stocktaking.repair import Repaired, repair_stocktaking
from lending.wares.stocktaking.result import list_pieces, load_result
from lending.wares.stocktaking.sessions import SessionView, load_session
from lending.wares.stocktaking.tables import Verdict
from lending.web.access import current_actor, staff, station
from lending.web.forms import attempt, read_form, tell
from lending.web.i18n import name_of
from lending.web.services import now, reading, services, write

PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OFF = (Verdict.MISSING, Verdict.UNEXPECTED, Verdict.UNKNOWN)


class RepairForm(Schema):
    """Whether those not found are recorded as such."""

    lose_missing = fields.Boolean(load_default=False)


def show_result(session: Session, stock: SessionView) -> str:
    """The page of an ended session; `?verdict=` of one sort of pieces."""
    actor = current_actor()
    asked = request.args.get("verdict", "")
    verdicts = (Verdict(asked),) if asked in set(Verdict) else OFF
    result = load_result(session, session_id=stock.id, actor=actor)
    page = list_pieces(
        session, session_id=stock.id, actor=actor, verdicts=verdicts, after=desk.cursor(),
        limit=PAGE,
    )  # fmt: skip
    entry = find_entry(session, session_id=stock.id, actor=actor)
    site = load_sites(session, site_ids=[stock.site_id])[stock.site_id]
    sites = desk.sites_by_id(session, actor)
    return render_template(
        "wares/result.html",
        stock=stock,
        result=result,
        pieces=page.items,
        next=desk.next_cursor(page.next),
        verdict=asked if asked in set(Verdict) else "",
        entry=entry,
        repairs=actor.role is Role.OFFICER,
        site=site,
        where=desk.where(site),
        tabs=desk.tabs_of(site),
        names=load_names(session, [stock], with_staff=actor.role is Role.OFFICER),
        kinds=desk.kind_names(session, actor),
        by_code={one.code: one for one in sites.values()},
        words=words,
        Verdict=Verdict,
    )


@blueprint.get("/wares/stocktaking/<uuid:session_id>/result.csv", defaults={"ending": "csv"})
@blueprint.get("/wares/stocktaking/<uuid:session_id>/result.xlsx", defaults={"ending": "xlsx"})
@station(*COUNTERS)
def get_file(session_id: uuid.UUID, ending: str) -> Response:
    """The whole result as a file: quantities and every piece with what was found of it."""
    actor = current_actor()
    with reading() as session:
        result = load_result(session, session_id=session_id, actor=actor)
        if result.session.is_open or result.session.abandoned:
            raise LendingError(Code.NOT_FOUND, field="session")
        kinds = desk.kind_names(session, actor)
        sites = {one.code: name_of(one) for one in desk.sites_by_id(session, actor).values()}
        write_file = write_csv if ending == "csv" else write_xlsx
        tables = tables_of(session, result, actor=actor, kinds=kinds, sites=sites)
        body = write_file(headline_of(result, sites), tables)
    name = f"stocktaking-{result.session.site}-{result.session.begun_at:%Y%m%d}.{ending}"
    kind = "text/csv; charset=utf-8" if ending == "csv" else XLSX
    return send_file(io.BytesIO(body), mimetype=kind, as_attachment=True, download_name=name)


@blueprint.post("/wares/stocktaking/<uuid:session_id>/repair")
@staff(Role.OFFICER)
def post_repair(session_id: uuid.UUID) -> Response:
    """What was there unexpectedly is recorded as seen there, and the entry is settled."""
    form, actor, keys = read_form(RepairForm()), current_actor(), services().keys
    done = attempt(
        form,
        lambda session: repair_stocktaking(
            session, session_id=session_id, actor=actor, keys=keys, now=now(),
            lose_missing=form.values["lose_missing"],
        ),
    )  # fmt: skip
    if done is None:
        tell(_("맞추지 못했어요. 그 사이에 정리됐는지 다시 확인해 주세요."), "warning")
    else:
        tell(_repaired(done))
    return redirect(url_for("wares.show_session", session_id=session_id))


@blueprint.post("/wares/stocktaking/<uuid:session_id>/keep")
@staff(Role.OFFICER)
def post_keep(session_id: uuid.UUID) -> Response:
    """Looked at; nothing is changed."""
    actor, keys = current_actor(), services().keys

    def keep(session: Session) -> None:
        entry = _entry(session, session_id)
        settle_review(
            session, review_id=entry.id, decision=Decision.NOTED, actor=actor, keys=keys, now=now()
        )

    write(keep)
    tell(_("확인만 하고 그대로 두었어요."))
    return redirect(url_for("wares.show_session", session_id=session_id))


@blueprint.post("/wares/stocktaking/<uuid:session_id>/reopen")
@staff(Role.OFFICER)
def post_reopen(session_id: uuid.UUID) -> Response:
    """Takes the decision back, and what it recorded."""
    actor, keys = current_actor(), services().keys

    def reopen(session: Session) -> None:
        entry = _entry(session, session_id)
        reopen_review(session, review_id=entry.id, actor=actor, keys=keys, now=now())

    write(reopen)
    tell(_("결정을 되돌렸어요. 확인할 일에 다시 있어요."))
    return redirect(url_for("wares.show_session", session_id=session_id))


def _entry(session: Session, session_id: uuid.UUID) -> Entry:
    actor = current_actor()
    load_session(session, session_id=session_id, actor=actor)
    entry = find_entry(session, session_id=session_id, actor=actor)
    if entry is None:
        raise LendingError(Code.NOT_FOUND, field="review")
    return entry


def _repaired(done: Repaired) -> str:
    seen = ngettext("%(num)s개를 이곳에 있는 것으로", "%(num)s개를 이곳에 있는 것으로", done.seen)
    lost = ngettext("%(num)s개를 못 찾은 것으로", "%(num)s개를 못 찾은 것으로", done.lost)
    return str(_("%(seen)s, %(lost)s 기록했어요.", seen=seen, lost=lost))
