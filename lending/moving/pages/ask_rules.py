"""/supply: what a place wants without asking each time: standing orders and levels."""

from typing import Any

from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from lending.moving.pages.ask import MOST_PIECES, AskForm, Hand, answer
from lending.moving.supply.standing import NewStanding, end_standing, set_level, set_standing
from lending.people.tables import Role
from lending.web.access import current_actor, station
from lending.web.schemas import MESSAGES, Text
from lending.web.services import now

blueprint = Blueprint("moving_ask_rules", __name__)


def _pieces() -> fields.Integer:
    return fields.Integer(
        load_default=0,
        error_messages=MESSAGES,
        validate=validate.Range(
            0, MOST_PIECES, error=lazy_gettext("0부터 20,000까지 숫자만 적어 주세요.")
        ),
    )


class StandingForm(AskForm):
    """Pieces on weekdays (0 is Monday); none of either, or `stop`: no standing order any more."""

    kind = Text(required=True, max_length=40)
    pieces = _pieces()
    stop = fields.Boolean(load_default=False)
    weekday = fields.List(fields.Integer(validate=validate.Range(0, 6)), load_default=list)


class LevelForm(AskForm):
    """Sent by itself when fewer than `least` are there, up to `fill_to`; `stop`: not any more."""

    kind = Text(required=True, max_length=40)
    stop = fields.Boolean(load_default=False)
    least = _pieces()
    fill_to = _pieces()


@blueprint.post("/supply/standing")
@station(Role.CAFE)
def post_standing() -> Response | tuple[str, int]:
    """So many on these weekdays, until it is changed."""

    def work(hand: Hand) -> Any:
        values, actor = hand.values, current_actor()
        weekdays = sum(1 << day for day in set(values["weekday"]))
        if values["stop"] or not values["pieces"] or not weekdays:
            end_standing(
                hand.session, kind=values["kind"], site=hand.site.code, actor=actor, now=now()
            )
            return _("요일마다 보내지 않아요.")
        new = NewStanding(values["id"], values["kind"], values["pieces"], weekdays, hand.site.code)
        set_standing(hand.session, new, actor=actor, now=now())
        return _("고른 요일마다 보낼게요.")

    return answer(StandingForm(), "kinds", work)


@blueprint.post("/supply/level")
@station(Role.CAFE)
def post_level() -> Response | tuple[str, int]:
    """Sent by itself when stock runs low."""

    def work(hand: Hand) -> Any:
        values = hand.values
        least = 0 if values["stop"] else values["least"]
        set_level(
            hand.session, kind=values["kind"], least=least, fill_to=values["fill_to"],
            site=hand.site.code, actor=current_actor(), now=now(),
        )  # fmt: skip
        if not least:
            return _("알아서 보내지 않아요.")
        return _("%(least)s개 아래로 내려가면 알아서 보낼게요.", least=least)

    return answer(LevelForm(), "kinds", work)
