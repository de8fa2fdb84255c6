"""/office/platforms: delivery platforms, their keys, shops and callback, and what they were told."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.delivery.pages.words import STATUSES
from lending.delivery.platforms.callbacks import LONGEST_URL
from lending.delivery.platforms.outbox import queue_trial
from lending.delivery.platforms.register import (
    KeysMade,
    add_platform,
    change_platform,
    list_platforms,
    load_platform,
    renew_keys,
)
from lending.delivery.platforms.shops import LONGEST_SHOP, forget_shop, list_shops, name_shop
from lending.delivery.platforms.told import Key, count_waiting, list_webhooks
from lending.errors import Code, LendingError
from lending.people.tables import Role
from lending.places.sites import list_sites
from lending.places.tables import SiteKind
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import Text, decode_cursor, encode_cursor
from lending.web.services import now, reading, services, write

blueprint = Blueprint("office_platforms", __name__)

PAGE = 50
MOST_SITES = 1000


class PlatformForm(Schema):
    """A platform's name and where it is told."""

    name = Text(required=True, max_length=100)
    callback_url = Text(max_length=LONGEST_URL, load_default="")


class ChangeForm(PlatformForm):
    """The same of a known one, which may be stopped."""

    active = fields.Boolean(load_default=False)


class ShopForm(Schema):
    """A platform's own id of a shop, and the place it means."""

    shop = Text(required=True, max_length=LONGEST_SHOP)
    site = Text(required=True, max_length=20)


class KeysForm(Schema):
    """Whether the present keys end at once."""

    at_once = fields.Boolean(load_default=False)


@dataclass(frozen=True, slots=True)
class Forms:
    """Forms to be shown again, each under its own heading."""

    change: Form | None = None
    shop: Form | None = None


@blueprint.get("/office/platforms")
@staff(Role.OFFICER)
def platforms() -> str:
    """The platforms, and a form for a new one."""
    return _list_page(None)


@blueprint.post("/office/platforms")
@staff(Role.OFFICER)
def post_platform() -> str | tuple[str, int]:
    """A new platform; its keys are shown this once."""
    form, actor = read_form(PlatformForm()), current_actor()
    made = attempt(
        form,
        lambda s: add_platform(
            s, **form.values, actor=actor, keys=services().keys, now=now(), anywhere=_anywhere()
        ),
    )
    if made is None:
        return _list_page(form), 422
    return _one_page(made.platform_id, made=made)


@blueprint.get("/office/platforms/<int:platform_id>")
@staff(Role.OFFICER)
def platform(platform_id: int) -> str:
    """One platform."""
    return _one_page(platform_id)


@blueprint.post("/office/platforms/<int:platform_id>")
@staff(Role.OFFICER)
def post_change(platform_id: int) -> Response | tuple[str, int]:
    """Another name or address, stopped or going again."""
    form, actor = read_form(ChangeForm()), current_actor()

    def change(session: Session) -> bool:
        change_platform(
            session, platform_id=platform_id, **form.values, actor=actor, now=now(),
            anywhere=_anywhere(),
        )  # fmt: skip
        return True

    if not attempt(form, change):
        return _one_page(platform_id, Forms(change=form)), 422
    tell(_("저장했어요."))
    return redirect(url_for("office_platforms.platform", platform_id=platform_id))


@blueprint.post("/office/platforms/<int:platform_id>/keys")
@staff(Role.OFFICER)
def post_keys(platform_id: int) -> str:
    """New keys, shown this once."""
    at_once, actor = read_form(KeysForm()).values.get("at_once", False), current_actor()
    made = write(
        lambda s: renew_keys(
            s, platform_id=platform_id, at_once=at_once, actor=actor, keys=services().keys,
            now=now(),
        )
    )  # fmt: skip
    return _one_page(platform_id, made=made)


@blueprint.post("/office/platforms/<int:platform_id>/trial")
@staff(Role.OFFICER)
def post_trial(platform_id: int) -> Response:
    """Sends a trial, which shows in the list whether it was taken."""
    actor = current_actor()
    write(
        lambda s: queue_trial(s, platform_id=platform_id, district_id=actor.district_id, now=now())
    )
    tell(_("시험 알림을 보내요. 몇 초 뒤 새로 고치면 결과가 아래에 보여요."), "info")
    return redirect(url_for("office_platforms.platform", platform_id=platform_id, all=1))


@blueprint.post("/office/platforms/<int:platform_id>/shops")
@staff(Role.OFFICER)
def post_shop(platform_id: int) -> Response | tuple[str, int]:
    """Which place the platform means by its own id of a shop."""
    form, actor = read_form(ShopForm()), current_actor()

    def name(session: Session) -> bool:
        name_shop(session, platform_id=platform_id, **form.values, actor=actor, now=now())
        return True

    if not attempt(form, name):
        return _one_page(platform_id, Forms(shop=form)), 422
    tell(_("이었어요."))
    return redirect(url_for("office_platforms.platform", platform_id=platform_id))


@blueprint.post("/office/platforms/<int:platform_id>/shops/forget")
@staff(Role.OFFICER)
def post_forget(platform_id: int) -> Response:
    """The platform's id of a shop means no place any more."""
    district_id, shop = current_actor().district_id, request.form.get("shop", "")[:LONGEST_SHOP]
    write(lambda s: forget_shop(s, platform_id=platform_id, shop=shop, district_id=district_id))
    tell(_("끊었어요. 이 가게의 새 주문은 이제 받지 않아요."), "info")
    return redirect(url_for("office_platforms.platform", platform_id=platform_id))


def _list_page(form: Form | None) -> str:
    district_id = current_actor().district_id
    with reading() as session:
        found = list_platforms(session, district_id=district_id)
        waiting = count_waiting(session, district_id=district_id)
    return render_template("delivery/platforms.html", platforms=found, waiting=waiting, form=form)


def _one_page(platform_id: int, forms: Forms | None = None, *, made: KeysMade | None = None) -> str:
    actor, everything = current_actor(), "all" in request.args
    with reading() as session:
        found = load_platform(session, platform_id=platform_id, district_id=actor.district_id)
        shops = list_shops(session, platform_id=platform_id)
        sites = list_sites(
            session, district_id=actor.district_id, kinds=(SiteKind.SHOP, SiteKind.CAFE),
            limit=MOST_SITES,
        )  # fmt: skip
        told = list_webhooks(
            session, platform_id=platform_id, after=_after(), untold=not everything, limit=PAGE + 1
        )
    last = told[PAGE - 1] if len(told) > PAGE else None
    return render_template(
        "delivery/platform.html",
        platform=found,
        shops=shops,
        sites=sorted(sites, key=lambda one: one.kind is not SiteKind.SHOP),
        told=told[:PAGE],
        next=encode_cursor([last.created_at, str(last.id)]) if last else None,
        everything=everything,
        forms=forms or Forms(),
        made=made,
        statuses=STATUSES,
    )


def _after() -> Key | None:
    """The `after` of the list's address; INVALID for one we did not make."""
    text = request.args.get("after")
    if not text:
        return None
    try:
        at, id = decode_cursor(text)
        moment = datetime.fromisoformat(str(at))
        if moment.tzinfo is None:
            raise ValueError("without a zone")
        return moment, uuid.UUID(str(id))
    except ValueError as error:
        raise LendingError(Code.INVALID, field="after") from error


def _anywhere() -> bool:
    return services().config.callbacks_anywhere
