"""/wares/lids: parts of sets: put on, taken off, missing, found."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_babel import ngettext
from marshmallow import Schema, fields
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.loop.read.pieces import KindView, list_kinds
from lending.loop.scans import Result
from lending.people.tables import Role
from lending.places.sites import SiteView
from lending.wares.ledger import require_all
from lending.wares.lids import miss_lids
from lending.wares.pages import desk, words
from lending.wares.pages.desk import COUNTERS, Quantity, blueprint, choice
from lending.wares.parts import PartCall, join_part, list_sets, part_apart, part_found
from lending.wares.values import MoveReceipt
from lending.wares.ways import Condition, Why
from lending.web.access import current_actor, station
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import Text
from lending.web.services import now, reading
from lending.web.stations import signed_in_at

Page = str | tuple[str, int] | Response

TELL: dict[Why, Callable[..., MoveReceipt]] = {
    Why.JOINED: join_part,
    Why.PARTED: part_apart,
    Why.FOUND: part_found,
}


class LidForm(Schema):
    """So many lids of one kind of container."""

    id = fields.UUID(required=True)
    what = choice([why.value for why in TELL], required=True)
    kind = Text(required=True, max_length=40)
    condition = choice(list(Condition), load_default=Condition.CLEAN)
    quantity = Quantity()


class MissingForm(Schema):
    """Containers that came without their lid: codes, one below the other or one beside the other."""

    codes = Text(required=True, max_length=40_000, lines=True)


@blueprint.get("/wares/lids")
@station(*COUNTERS)
def show_lids() -> str:
    """What is told of lids; the sets of the district for who sees it."""
    return _lids_page()


@blueprint.post("/wares/lids")
@station(*COUNTERS)
def post_lids() -> Page:
    """Lids put on, taken off or found, under the form's id: sent twice they count once."""
    form = read_form(LidForm())
    done = attempt(form, lambda session: _tell_lids(session, form.values))
    if done is None:
        return _lids_page(told=form), 422
    site, receipt = done
    repeated = receipt.result is Result.REPEATED
    said = _("이미 기록했어요. 두 번 세지 않았어요.") if repeated else _("기록했어요.")
    tell(said, "info" if repeated else "success")
    return desk.go_to("wares.show_lids", site)


@blueprint.post("/wares/lids/missing")
@station(*COUNTERS)
def post_missing() -> Page:
    """Containers that came here without their lid; each counts once for each time it came."""
    form = read_form(MissingForm())
    done = attempt(form, lambda session: _miss(session, form.values["codes"].split()))
    if done is None:
        return _lids_page(missed=form), 422
    site, count = done
    tell(
        ngettext(
            "뚜껑 없는 용기 %(num)s개를 적었어요.", "뚜껑 없는 용기 %(num)s개를 적었어요.", count
        )
    )
    return desk.go_to("wares.show_lids", site)


def _tell_lids(session: Session, values: dict[str, Any]) -> tuple[SiteView, MoveReceipt]:
    actor, site = current_actor(), desk.page_site(session)
    kind = next((one for one in _containers(session) if one.code == values["kind"]), None)
    if kind is None:
        raise LendingError(Code.INVALID, field="kind")
    call = PartCall(
        values["id"], kind.id, site.id, values["quantity"], now(),
        condition=Condition(values["condition"]), staff_id=signed_in_at(site),
    )  # fmt: skip
    receipt = TELL[Why(values["what"])](session, call, actor=actor, now=now())
    require_all([receipt])
    return site, receipt


def _miss(session: Session, codes: list[str]) -> tuple[SiteView, int]:
    site = desk.page_site(session)
    receipts = miss_lids(session, codes=codes, site_id=site.id, actor=current_actor(), now=now())
    return site, sum(receipt.result is Result.RECORDED for receipt in receipts)


def _containers(session: Session) -> list[KindView]:
    kinds = list_kinds(session, district_id=current_actor().district_id)
    return [kind for kind in kinds if kind.part_id is not None]


def _lids_page(told: Form | None = None, missed: Form | None = None) -> str:
    actor = current_actor()
    with reading() as session:
        if desk.must_choose():
            return desk.choose_place(session)
        site = desk.page_site(session)
        sees_all = actor.role in {Role.OFFICER, Role.WASH}
        sets = list_sets(session, district_id=actor.district_id) if sees_all else []
        containers, names = _containers(session), desk.kind_names(session, actor)
    if told is not None and "id" in told.errors:
        told.errors[""] = _("이 화면에서 이미 다른 기록을 남겼어요. 다시 확인하고 눌러 주세요.")
    keep = told is not None and "id" not in told.errors
    return render_template(
        "wares/lids.html",
        site=site,
        sets=sets,
        containers=containers,
        names=names,
        told=told,
        missed=missed,
        id=told.raw.get("id") if keep and told else uuid.uuid4(),
        where=desk.where(site),
        tabs=desk.tabs_of(site),
        words=words,
    )
