"""/supply: a place asks for clean cups and for collection, and sees what is asked and comes."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.moving.supply.orders import NewOrder, ask_supply, withdraw_order
from lending.moving.supply.place import load_place_supply
from lending.people.tables import Role
from lending.places.sites import SiteView
from lending.places.tables import SiteKind
from lending.requests.collections import (
    MOST_CRATES,
    NewCollect,
    ask_collection,
    withdraw_collection,
)
from lending.requests.emptying import empty_box
from lending.requests.round_tables import CollectWhy
from lending.web.access import current_actor, station
from lending.web.forms import Form, read_form, tell
from lending.web.schemas import MESSAGES, Text
from lending.web.services import now, reading, services, write
from lending.web.stations import Choice, acting_site, choose_site, site_of_page, station_parts

blueprint = Blueprint("moving_ask", __name__)

PLACES = (
    SiteKind.CAFE, SiteKind.SHOP, SiteKind.HALL, SiteKind.OFFICE, SiteKind.BOX, SiteKind.MACHINE,
)  # fmt: skip
CHOICE = Choice(
    "/supply",
    PLACES,
    lazy_gettext("어느 곳의 요청인가요?"),
    lazy_gettext("고른 곳의 이름으로 요청해요."),
    lazy_gettext("아직 등록된 곳이 없어요"),
    lazy_gettext("설정에서 카페를 먼저 등록해 주세요."),
)
BOXES = (SiteKind.BOX, SiteKind.MACHINE)
MOST_PIECES = 20_000


class AskForm(Schema):
    """Every form of the page: the place it was made for, and an id by which it counts once."""

    id = fields.UUID(required=True)
    site = Text(required=True, max_length=40)


class OrderForm(AskForm):
    """Clean pieces of a kind."""

    kind = Text(required=True, max_length=40)
    quantity = fields.Integer(
        required=True,
        error_messages=MESSAGES,
        validate=validate.Range(
            1, MOST_PIECES, error=lazy_gettext("1부터 20,000까지 숫자만 적어 주세요.")
        ),
    )
    day = fields.Date(load_default=None, error_messages=MESSAGES)


class CollectForm(AskForm):
    """Collection, and for what reason."""

    why = fields.Enum(CollectWhy, by_value=True, required=True)
    crates = fields.Integer(
        load_default=0,
        error_messages=MESSAGES,
        validate=validate.Range(
            0, MOST_CRATES, error=lazy_gettext("0부터 500까지 숫자만 적어 주세요.")
        ),
    )
    note = Text(load_default="", max_length=300)


@dataclass(frozen=True, slots=True)
class Hand:
    """A form that is right, with the place it is for."""

    session: Session
    site: SiteView
    values: dict[str, Any]


@blueprint.get("/supply")
@station(Role.CAFE)
def show_supply() -> str:
    """What the actor's place has and asks for; who acts for a district chooses one (`?site=`)."""
    with reading() as session:
        site = site_of_page(session)
        if site is None:
            return choose_site(session, CHOICE)
    return show_page(site)


@blueprint.post("/supply/order")
@station(Role.CAFE)
def post_order() -> Response | tuple[str, int]:
    """Asks for clean pieces."""

    def work(hand: Hand) -> Any:
        values = hand.values
        new = NewOrder(
            values["id"], values["kind"], values["quantity"], values["day"], hand.site.code
        )
        ask_supply(hand.session, new, actor=current_actor(), now=now())
        return _("요청했어요. 보낼 때 여기에서 볼 수 있어요.")

    return answer(OrderForm(), "order", work)


@blueprint.post("/supply/order/withdraw")
@station(Role.CAFE)
def post_withdraw_order() -> Response | tuple[str, int]:
    """The place does not want it after all."""

    def work(hand: Hand) -> Any:
        withdraw_order(hand.session, order_id=hand.values["id"], actor=current_actor(), now=now())
        return _("요청을 거두었어요.")

    return answer(AskForm(), "asked", work)


@blueprint.post("/supply/collect")
@station(Role.CAFE)
def post_collect() -> Response | tuple[str, int]:
    """Asks to be collected from; asked again for the same reason it stays one request."""

    def work(hand: Hand) -> Any:
        values = hand.values
        new = NewCollect(
            values["id"], values["why"], hand.site.code, values["crates"], values["note"]
        )
        ask_collection(hand.session, new, actor=current_actor(), now=now())
        return _("수거를 요청했어요. 다음 차례에 들를게요.")

    return answer(CollectForm(), "collect", work)


@blueprint.post("/supply/collect/withdraw")
@station(Role.CAFE)
def post_withdraw_collect() -> Response | tuple[str, int]:
    """Nobody need come."""

    def work(hand: Hand) -> Any:
        withdraw_collection(
            hand.session, request_id=hand.values["id"], actor=current_actor(), now=now()
        )
        return _("수거 요청을 거두었어요.")

    return answer(AskForm(), "collect", work)


@blueprint.post("/supply/emptied")
@station(Role.CAFE)
def post_emptied() -> Response | tuple[str, int]:
    """The box was emptied and no bag was scanned."""

    def work(hand: Hand) -> Any:
        moment = now()
        done = empty_box(
            hand.session, site_id=hand.site.id, id=hand.values["id"], at=moment,
            actor=current_actor(), keys=services().keys, now=moment,
        )  # fmt: skip
        return _("비웠다고 적었어요. 알고 있던 컵 %(count)s개를 수거했어요.", count=done.pieces)

    return answer(AskForm(), "box", work)


def answer(schema: Schema, part: str, work: Callable[[Hand], Any]) -> Response | tuple[str, int]:
    """What a form's work tells, on the page anew; or the page with what is wrong at its `part`."""
    form = read_form(schema)
    try:
        if form.errors:
            raise LendingError(Code.INVALID)

        def act(session: Session) -> tuple[SiteView, Any]:
            site = acting_site(session, form.values["site"])
            if site.code != form.values["site"].strip().upper():
                raise LendingError(Code.NOT_ALLOWED_HERE, field="site")
            return site, work(Hand(session, site, form.values))

        site, told = write(act)
    except LendingError as error:
        if error.code is Code.NOT_ALLOWED_HERE:
            raise
        if not form.errors:
            form.refuse(error)
        if error.code is Code.ID_REUSED:
            form.errors = {"": _("이미 보낸 요청이에요. 아래에서 확인하고 다시 골라 주세요.")}
        return _again(form, part)
    tell(told)
    acts_for = site.code if current_actor().site_id is None else None
    return redirect(url_for("moving_ask.show_supply", site=acts_for, _anchor=part))


def _again(form: Form, part: str) -> tuple[str, int]:
    with reading() as session:
        site = acting_site(session, form.raw.get("site", "")[:40] or None)
    return show_page(site, form, part), 422


def show_page(site: SiteView, form: Form | None = None, part: str = "") -> str:
    """The page of a place; `form`: refused, of this `part` of it."""
    with reading() as session:
        supply = load_place_supply(session, site=site, now=now())
    asked_kind = request.form.get("kind") if form else None
    known = [one for one in supply.kinds if one.is_known or one.kind.code == asked_kind]
    shown = known or [one for one in supply.kinds if not one.kind.counted]
    weekdays = (_("월"), _("화"), _("수"), _("목"), _("금"), _("토"), _("일"))
    return render_template(
        "moving/ask.html", supply=supply, shown=shown,
        others=[one for one in supply.kinds if one not in shown], form=form, part=part,
        asked_kind=asked_kind, weekdays=weekdays, new_id=uuid.uuid4, is_box=site.kind in BOXES,
        lends=site.kind not in BOXES, **station_parts(site, [one.kind for one in supply.kinds]),
    )  # fmt: skip
