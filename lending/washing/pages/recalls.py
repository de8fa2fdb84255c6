"""/wash/hygiene/recalls: what is being called back, live, and how it ends."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.loop.codes import format_code, is_readable
from lending.loop.read.pieces import list_kinds
from lending.people.signers import name_signers
from lending.people.tables import Role
from lending.washing.hygiene.recall_desk import RecallDesk, codes_here, load_recall_desk
from lending.washing.hygiene.recall_views import list_recalls
from lending.washing.hygiene.recalls import (
    confirm_recall,
    release_recall,
    retire_pieces,
    send_to_rewash,
)
from lending.washing.pages.hygiene_desk import (
    CHOICE,
    ENDINGS,
    SCOPES,
    blueprint,
    centre_of,
    centre_of_page,
    centre_parts,
)
from lending.washing.pages.hygiene_forms import PiecesForm, ReleaseForm
from lending.web.access import current_actor, station
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.i18n import name_of
from lending.web.services import now, reading, services, write
from lending.web.stations import choose_site

Ender = Callable[..., list[str]]


@blueprint.get("/wash/hygiene/recalls")
@station(Role.WASH)
def show_recalls() -> str:
    """The open recalls of a centre, and those that ended last."""
    with reading() as session:
        site = centre_of_page(session)
        if site is None:
            return choose_site(session, CHOICE)
        both = [
            [one for one in list_recalls(session, district_id=site.district_id, is_open=is_open)
             if one.site == site.code]
            for is_open in (True, False)
        ]  # fmt: skip
    parts = centre_parts(site)
    return render_template(
        "washing/recalls.html", **parts, open=both[0], closed=both[1], endings=ENDINGS
    )


@blueprint.get("/wash/hygiene/recalls/<uuid:recall_id>")
@station(Role.WASH)
def show_recall(recall_id: uuid.UUID) -> str:
    """A recall: where everything is (never with whom), and the next step."""
    return _recall_page(recall_id)


@blueprint.get("/wash/hygiene/recalls/<uuid:recall_id>/live")
@station(Role.WASH)
def show_live(recall_id: uuid.UUID) -> str:
    """The part of the page that changes by itself."""
    return render_template("washing/recall_live.html", **_recall_parts(recall_id))


@blueprint.post("/wash/hygiene/recalls/<uuid:recall_id>/confirm")
@station(Role.WASH)
def post_confirm(recall_id: uuid.UUID) -> Response:
    """People are told, the banner appears."""
    actor, moment = current_actor(), now()
    told = write(lambda s: confirm_recall(s, recall_id=recall_id, actor=actor, now=moment))
    tell(
        ngettext(
            "확정했어요. 알림 %(num)s건을 보내요.", "확정했어요. 알림 %(num)s건을 보내요.", told
        )
        if told
        else _("확정했어요. 새로 알릴 분은 없어요.")
    )
    return _back(recall_id)


@blueprint.post("/wash/hygiene/recalls/<uuid:recall_id>/release")
@station(Role.WASH)
def post_release(recall_id: uuid.UUID) -> Response | tuple[str, int]:
    """The retest was good: what is held may be used again."""
    form, actor, moment = read_form(ReleaseForm()), current_actor(), now()

    def end(session: Session) -> tuple[int]:
        values = form.values | {"recall_id": recall_id}
        return (release_recall(session, **values, actor=actor, keys=services().keys, now=moment),)

    ended = attempt(form, end)
    if ended is None:
        return _recall_page(recall_id, release=form), 422
    tell(ngettext("%(num)s개를 다시 쓸 수 있어요.", "%(num)s개를 다시 쓸 수 있어요.", ended[0]))
    return _back(recall_id)


@blueprint.post("/wash/hygiene/recalls/<uuid:recall_id>/rewash")
@station(Role.WASH)
def post_rewash(recall_id: uuid.UUID) -> Response | tuple[str, int]:
    """These pieces, or all that lie here, are washed again."""
    return _end_some(recall_id, send_to_rewash)


@blueprint.post("/wash/hygiene/recalls/<uuid:recall_id>/retire")
@station(Role.WASH)
def post_retire(recall_id: uuid.UUID) -> Response | tuple[str, int]:
    """These pieces, or all that lie here, are put out of use."""
    return _end_some(recall_id, retire_pieces)


def _end_some(recall_id: uuid.UUID, ender: Ender) -> Response | tuple[str, int]:
    form, actor, moment = read_form(PiecesForm()), current_actor(), now()
    typed = [line.strip() for line in form.values.get("codes", "").splitlines() if line.strip()]
    readable = {line: is_readable(line) for line in typed}
    if not form.errors and not typed and not form.values["here"]:
        form.errors["codes"] = _("컵의 QR을 찍거나 번호를 써 주세요.")

    def end(session: Session) -> tuple[int, list[str]]:
        codes = [line for line, good in readable.items() if good]
        if form.values["here"]:
            codes += codes_here(session, recall_id=recall_id, district_id=actor.district_id)
        others = ender(
            session, recall_id=recall_id, codes=list(dict.fromkeys(codes)), actor=actor,
            keys=services().keys, now=moment,
        )  # fmt: skip
        return len(set(codes)) - len(others), others

    ended = attempt(form, end)
    if ended is None:
        return _recall_page(recall_id, pieces=form), 422
    _tell_ended(ended, [line for line, good in readable.items() if not good], ender)
    return _back(recall_id)


def _tell_ended(ended: tuple[int, list[str]], misread: list[str], ender: Ender) -> None:
    done, others = ended
    if done:
        again = ender is send_to_rewash
        tell(
            ngettext("%(num)s개를 다시 세척해요.", "%(num)s개를 다시 세척해요.", done)
            if again
            else ngettext("%(num)s개를 폐기했어요.", "%(num)s개를 폐기했어요.", done)
        )
    if others:
        shown = ", ".join(map(format_code, others[:10]))
        tell(_("이 회수에서 붙잡고 있는 컵이 아니에요: %(codes)s", codes=shown), "warning")
    if misread:
        shown = ", ".join(line[:30] for line in misread[:10])
        tell(_("읽지 못한 번호예요. 다시 찍어 주세요: %(codes)s", codes=shown), "warning")


def _back(recall_id: uuid.UUID) -> Response:
    return redirect(url_for("hygiene.show_recall", recall_id=recall_id))


def _recall_page(recall_id: uuid.UUID, **forms: Form) -> str:
    shown = {"release": None, "pieces": None} | forms
    return render_template("washing/recall.html", **_recall_parts(recall_id), **shown)


def _recall_parts(recall_id: uuid.UUID) -> dict[str, Any]:
    district_id = current_actor().district_id
    with reading() as session:
        desk: RecallDesk = load_recall_desk(
            session, recall_id=recall_id, district_id=district_id, now=now()
        )
        site = centre_of(session, desk.view.line.site)
        line = desk.view.line
        by = [line.opened_by, line.confirmed_by, *(one.result_by for one in desk.tests)]
        names = name_signers(session, by)
        kinds = list_kinds(session, district_id=district_id, counted=None)
    return centre_parts(site) | {
        "desk": desk,
        "again_id": uuid.uuid4(),
        "names": names,
        "kinds": {kind.code: name_of(kind) for kind in kinds},
        "scopes": SCOPES,
        "endings": ENDINGS,
    }
