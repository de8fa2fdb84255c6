"""Words of the pick-up pages: how far a request is, how it ended, when somebody is to come."""

from datetime import timedelta

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from lending.requests.pickups.codes import grouped_request_code
from lending.requests.pickups.tables import Ending, Where, Why
from lending.requests.pickups.views import PickupState, PickupView
from lending.requests.pickups.windows import Window
from lending.web.context import district
from lending.web.i18n import write_day
from lending.web.services import now

STATES: dict[PickupState, LazyString] = {
    PickupState.WAITING: lazy_gettext("수거 차례를 기다려요"),
    PickupState.PLANNED: lazy_gettext("수거 차량이 들를 예정이에요"),
    PickupState.TAKEN: lazy_gettext("가져갔어요"),
    PickupState.OFFICER: lazy_gettext("담당자가 살펴보고 있어요"),
    PickupState.ENDED: lazy_gettext("끝났어요"),
}
TONES: dict[PickupState, str] = {
    PickupState.WAITING: "neutral",
    PickupState.PLANNED: "info",
    PickupState.TAKEN: "success",
    PickupState.OFFICER: "warning",
    PickupState.ENDED: "neutral",
}
ENDINGS: dict[Ending, LazyString] = {
    Ending.CAME: lazy_gettext("모두 돌아왔어요"),
    Ending.MISSING: lazy_gettext("일부를 찾지 못했어요"),
    Ending.CANCELLED: lazy_gettext("요청을 거두었어요"),
    Ending.REFUSED: lazy_gettext("담당자가 요청을 닫았어요"),
    Ending.FORGIVEN: lazy_gettext("우리가 옮기다 잃어버렸어요"),
}
PLACES: dict[Where, LazyString] = {
    Where.DOOR: lazy_gettext("받은 곳 문 앞"),
    Where.NOTE: lazy_gettext("받은 곳의 다른 자리"),
    Where.ELSEWHERE: lazy_gettext("다른 주소"),
}
WHYS: dict[Why, LazyString] = {
    Why.TRIES: lazy_gettext("세 번 들렀지만 찾지 못했어요"),
    Why.UNSEEN: lazy_gettext("가져갔는데 세척장에 오지 않았어요"),
}


def pickup_code(code: str) -> str:
    """A request's code as it is shown."""
    return grouped_request_code(code)


def window_words(window: Window | PickupView) -> str:
    """When somebody is to come: "오늘 18–21시", or that any time is right."""
    if window.from_at is None or window.to_at is None:
        return str(_("언제든 괜찮아요"))
    begins, ends = (at.astimezone(district().zone) for at in (window.from_at, window.to_at))
    hours = {"first": begins.hour, "last": ends.hour}
    today = now().astimezone(district().zone).date()
    if begins.date() == today:
        return str(_("오늘 %(first)s–%(last)s시", **hours))
    if begins.date() == today + timedelta(days=1):
        return str(_("내일 %(first)s–%(last)s시", **hours))
    return str(_("%(day)s %(first)s–%(last)s시", day=write_day(begins.date()), **hours))
