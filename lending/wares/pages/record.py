"""/wares/record: what happened to counted ware, told by a form with a number pad; each once."""

import uuid
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from marshmallow import Schema, fields
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.loop.read.pieces import KindView
from lending.loop.scans import Result
from lending.people.tables import Role
from lending.places.sites import SiteView, find_site
from lending.wares.balances import balances
from lending.wares.crates import find_crate
from lending.wares.figures import count_wares
from lending.wares.ledger import LONGEST_NOTE, record_moves, require_all
from lending.wares.pages import desk, words
from lending.wares.pages.desk import COUNTERS, LocalMoment, Quantity, blueprint, choice
from lending.wares.setting import RIGHTS
from lending.wares.told import Told, conditions_of, figure_told, move_told
from lending.wares.values import FigureReceipt, MoveReceipt
from lending.wares.ways import Condition, Why
from lending.web.access import current_actor, station
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.i18n import name_of
from lending.web.schemas import Text
from lending.web.services import now, reading
from lending.web.stations import signed_in_at

Page = str | tuple[str, int] | Response


def verbs_of(role: Role) -> dict[Why, words.Verb]:
    """What a role tells of counted ware, in the order of the buttons."""
    return {why: verb for why, verb in words.VERBS.items() if why in RIGHTS[role]}


def conditions_for(why: Why) -> list[Condition]:
    """The conditions offered for a verb; anything can be counted."""
    return list(Condition) if why is Why.COUNTED else conditions_of(why)


def record_form(why: Why) -> Schema:
    """The form of one verb."""
    shape: dict[str, fields.Field[Any]] = {
        "id": fields.UUID(required=True),
        "kind": Text(required=True, max_length=40),
        "condition": choice(conditions_for(why), required=True),
        "quantity": Quantity(0 if why is Why.COUNTED else 1),
        "at": LocalMoment(),
        "note": Text(max_length=LONGEST_NOTE, load_default=None),
    }
    if why is Why.MOVED:
        shape["to"] = Text(required=True, max_length=40)
    else:
        needed = why in words.NEEDS_CRATE
        shape["crate"] = Text(
            max_length=300, **({"required": True} if needed else {"load_default": None})
        )
    return Schema.from_dict(shape)()


@blueprint.get("/wares/record/<what>")
@station(*COUNTERS)
def show_record(what: str) -> Page:
    """The form of one verb; `?kind=&condition=&crate=` are filled in."""
    return _record_page(_why(what), None)


@blueprint.post("/wares/record/<what>")
@station(*COUNTERS)
def post_record(what: str) -> Page:
    """One move or figure, under the id the form was made with: sent twice it counts once."""
    why, form = _why(what), read_form(record_form(_why(what)))
    done = attempt(form, lambda session: _record(session, why, form.values))
    if done is None:
        return _record_page(why, form), 422
    site, kind, receipt = done
    _tell(why, kind, form.values, receipt)
    kept = {
        name: request.form[name]
        for name in ("kind", "condition", "crate")
        if request.form.get(name)
    }
    return desk.go_to("wares.show_record", site, what=what, **kept)


def _why(what: str) -> Why:
    try:
        why = Why(what)
    except ValueError as error:
        raise LendingError(Code.NOT_FOUND) from error
    if why not in words.VERBS:
        raise LendingError(Code.NOT_FOUND)
    if why not in verbs_of(current_actor().role):
        raise LendingError(Code.NOT_ALLOWED)
    return why


def _record(
    session: Session, why: Why, values: dict[str, Any]
) -> tuple[SiteView, KindView, MoveReceipt | FigureReceipt]:
    actor, site = current_actor(), desk.page_site(session)
    kinds = {kind.code: kind for kind in desk.counted_kinds(session, actor)}
    kind = kinds.get(values["kind"])
    if kind is None:
        raise LendingError(Code.INVALID, field="kind")
    told = Told(
        values["id"], kind.id, values["quantity"], Condition(values["condition"]), site.id,
        values["at"] or now(), note=values["note"], staff_id=signed_in_at(site),
        crate_id=_crate_id(session, values.get("crate")),
        to_site_id=_site_id(session, values.get("to")),
    )  # fmt: skip
    receipts: list[MoveReceipt] | list[FigureReceipt]
    if why is Why.COUNTED:
        receipts = count_wares(session, [figure_told(told)], actor=actor, now=now())
    else:
        receipts = record_moves(session, [move_told(told, why)], actor=actor, now=now())
    require_all(receipts)
    return site, kind, receipts[0]


def _crate_id(session: Session, code: str | None) -> int | None:
    if not code:
        return None
    try:
        return find_crate(session, code=code, actor=current_actor()).id
    except LendingError as error:
        raise LendingError(error.code, field="crate") from error


def _site_id(session: Session, code: str | None) -> int | None:
    if not code:
        return None
    try:
        return find_site(session, code=code, district_id=current_actor().district_id).id
    except LendingError as error:
        raise LendingError(error.code, field="to") from error


def _tell(
    why: Why, kind: KindView, values: dict[str, Any], receipt: MoveReceipt | FigureReceipt
) -> None:
    if receipt.result is Result.REPEATED:
        tell(_("이미 기록했어요. 두 번 세지 않았어요."), "info")
        return
    quantity = ngettext("%(num)s개", "%(num)s개", values["quantity"])
    done = f"{name_of(kind)} · {words.CONDITIONS[Condition(values['condition'])]} · {quantity}"
    if isinstance(receipt, FigureReceipt):
        told = _("세어 적었어요: %(done)s.", done=done)
        if receipt.difference:
            by = words.difference_words(receipt.difference)
            told += " " + _(
                "기록은 %(expected)s개였어요: %(by)s.", expected=receipt.expected, by=by
            )
        tell(told, "warning" if receipt.difference else "success")
        return
    tell(_("%(what)s, 기록했어요: %(done)s.", what=words.WHYS[why], done=done))
    if receipt.left is not None and receipt.left < 0:
        tell(
            _(
                "아는 수보다 %(count)s개 더 나갔어요. 남은 것을 세어 적어 주세요.",
                count=-receipt.left,
            ),
            "warning",
        )


def _record_page(why: Why, form: Form | None) -> str:
    actor = current_actor()
    with reading() as session:
        if desk.must_choose():
            return desk.choose_place(session)
        site = desk.page_site(session)
        kinds = desk.counted_kinds(session, actor)
        sites = desk.sites_by_id(session, actor) if why is Why.MOVED else {}
        held = balances(session, district_id=actor.district_id, site_ids=[site.id])
    fresh = form is None or any(key in form.errors for key in ("id",))
    return render_template(
        "wares/record.html",
        why=why,
        verb=words.VERBS[why],
        site=site,
        kinds=kinds,
        conditions=[(one.value, words.CONDITIONS[one]) for one in conditions_for(why)],
        sites=[one for one in sites.values() if one.id != site.id and one.kind in desk.PLACES],
        held={f"{one.kind_id} {one.condition}": one.quantity for one in held},
        id=uuid.uuid4() if fresh or form is None else form.raw.get("id", uuid.uuid4()),
        form=_reworded(form),
        where=desk.where(site),
        tabs=desk.tabs_of(site),
        verbs=verbs_of(actor.role),
        words=words,
    )


def _reworded(form: Form | None) -> Form | None:
    """A refusal whose field the page does not show is told over the whole form."""
    if form is None:
        return None
    if "id" in form.errors:
        form.errors[""] = _("이 화면에서 이미 다른 기록을 남겼어요. 다시 확인하고 눌러 주세요.")
    for name in ("site", "source", "target", "account", "batch"):
        if name in form.errors:
            form.errors.setdefault("", form.errors[name])
    return form
