"""What the pages of machines share: their blueprint, their words, how a page is put together."""

from typing import Any

from flask import Blueprint, render_template
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from lending.machines.tables import Event, Why
from lending.machines.watch import FULL, SILENT

blueprint = Blueprint("machines", __name__)

EVENTS: dict[str, LazyString] = {
    Event.ONLINE: _("소식이 왔어요"),
    Event.SILENT: _("소식이 끊겼어요"),
    Event.FULL: _("가득 찼어요"),
    Event.ROOM: _("자리가 생겼어요"),
    Event.HOT: _("안이 너무 뜨거워요"),
    Event.COOL: _("온도가 다시 괜찮아요"),
    Event.FAULT: _("고장을 알렸어요"),
    Event.FAULT_OVER: _("고장이 풀렸어요"),
    Event.SOFTWARE: _("프로그램이 바뀌었어요"),
}
TONES: dict[str, str] = {
    Event.SILENT: "danger", Event.FULL: "danger", Event.HOT: "danger", Event.FAULT: "danger",
    Event.SOFTWARE: "info",
}  # fmt: skip
REASONS: dict[str, LazyString] = {
    Why.FULL: _("가득 참"),
    Why.NOT_ACCEPTED: _("받지 않는 종류"),
    Why.UNREADABLE: _("코드를 읽지 못함"),
    Why.DAMAGED: _("깨졌거나 찌그러짐"),
    Why.FAULT: _("기계 고장"),
    Why.CLOSED: _("여는 시간이 아님"),
    Why.OTHER: _("그 밖의 까닭"),
}
ALERTS: dict[str, LazyString] = {
    SILENT: _("기계 %(count)s대의 소식이 끊겼어요"),
    FULL: _("기계 %(count)s대가 가득 찼어요"),
}


def machines_page(template: str, **values: Any) -> str:
    """A page with the words of machines at hand."""
    words = {"events": EVENTS, "tones": TONES, "reasons": REASONS, "alert_words": ALERTS}
    return render_template(template, **words, **values)
