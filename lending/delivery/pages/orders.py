"""One order's page: its pieces, its number, who may be told, where it went, and its end."""

import uuid
from collections.abc import Callable

from flask import Blueprint, redirect
from flask_babel import gettext as _
from marshmallow import Schema
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.delivery.orders.book import Pass, give_number
from lending.delivery.orders.cancel import cancel_order
from lending.delivery.orders.page import find_site_of, give_contact, give_place, load_order_page
from lending.delivery.orders.views import orders_by_id
from lending.delivery.pages.frame import kind_names, pass_of, shop_page
from lending.delivery.schemas import ContactForm, NumberForm, PlaceForm
from lending.errors import Code, LendingError
from lending.people.tables import Role
from lending.requests.pickups.places import OrderSpot
from lending.web.access import current_actor, station
from lending.web.forms import Form, attempt, local_target, read_form, tell
from lending.web.limits import limited
from lending.web.services import now, reading, services

blueprint = Blueprint("delivery_orders", __name__)

Change = Callable[[Session, uuid.UUID, Pass], object]


@blueprint.get("/delivery/orders/<uuid:order_id>")
@station(Role.CAFE)
def show_order(order_id: uuid.UUID) -> str:
    """An order of the shop; never an address, of a safe number the last four digits."""
    return _page(order_id, None)


@blueprint.post("/delivery/orders/<uuid:order_id>/number")
@station(Role.CAFE)
def post_number(order_id: uuid.UUID) -> Response | tuple[str, int]:
    """The number, told later."""

    def change(session: Session, occasion: uuid.UUID, here: Pass) -> object:
        values = form.values
        return give_number(
            session, occasion_id=occasion, number=values["number"], here=here,
            announced_id=values["announced"],
        )  # fmt: skip

    form = _kept_back(NumberForm())
    return _change(order_id, form, change, _("주문번호를 넣었어요."))


@blueprint.post("/delivery/orders/<uuid:order_id>/contact")
@station(Role.CAFE)
@limited("delivery_contact", per_minute=60)
def post_contact(order_id: uuid.UUID) -> Response | tuple[str, int]:
    """A phone number, a safe number or a platform's sign."""

    def change(session: Session, occasion: uuid.UUID, here: Pass) -> object:
        return give_contact(session, occasion_id=occasion, text=form.values["contact"], here=here)

    form = _kept_back(ContactForm())
    return _change(order_id, form, change, _("연락처를 받았어요."))


@blueprint.post("/delivery/orders/<uuid:order_id>/place")
@station(Role.CAFE)
@limited("delivery_place", per_minute=60)
def post_place(order_id: uuid.UUID) -> Response | tuple[str, int]:
    """Where the courier fetches it; kept sealed while it is out."""

    def change(session: Session, occasion: uuid.UUID, here: Pass) -> object:
        spot = OrderSpot(form.values["address"], form.values["note"])
        return give_place(session, occasion_id=occasion, spot=spot, here=here)

    form = _kept_back(PlaceForm())
    return _change(
        order_id, form, change, _("주소를 암호로 잠가 두었어요. 용기가 다 돌아오면 지워요.")
    )


@blueprint.post("/delivery/orders/<uuid:order_id>/cancel")
@station(Role.CAFE)
def post_cancel(order_id: uuid.UUID) -> Response | tuple[str, int]:
    """None after all: what was packed is on the shelf again."""

    def change(session: Session, occasion: uuid.UUID, here: Pass) -> object:
        return cancel_order(session, occasion_id=occasion, at=here.now, here=here)

    return _change(
        order_id, Form(), change, _("주문을 취소했어요. 담은 것은 선반으로 돌려놓아 주세요.")
    )


def _change(
    order_id: uuid.UUID, form: Form, change: Change, told: str
) -> Response | tuple[str, int]:
    def work(session: Session) -> object:
        site = find_site_of(session, order_id=order_id, actor=current_actor())
        order = orders_by_id(session, [order_id])[order_id]
        if order.occasion_id is None:
            raise LendingError(Code.CONFLICT, field="order")
        done = change(session, order.occasion_id, pass_of(site))
        return getattr(done, "id", order_id)

    changed = attempt(form, work)
    if form.errors:
        return _page(order_id, form), 422
    tell(told)
    return redirect(local_target(default=f"/delivery/orders/{changed}"))


def _kept_back(schema: Schema) -> Form:
    """The form; what was typed of a person is not written into the page again."""
    form = read_form(schema)
    form.raw = {}
    return form


def _page(order_id: uuid.UUID, form: Form | None) -> str:
    with reading() as session:
        page = load_order_page(
            session, order_id=order_id, actor=current_actor(), keys=services().keys, now=now()
        )
        names = kind_names(session)
    return shop_page(
        "delivery/order.html", "/delivery", page.site, page=page, form=form, names=names
    )
