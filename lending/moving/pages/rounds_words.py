"""Words of rounds: why a place wants a stop, how a stop went, why one was left out."""

from flask_babel import lazy_gettext as _

from lending.moving.rounds.plans import LeftOutWhy
from lending.requests.round_tables import CollectWhy, StopOutcome

WHY = {
    CollectWhy.FULL: _("반납함이 가득"),
    CollectWhy.SURPLUS: _("남는 깨끗한 컵"),
    CollectWhy.OTHER: _("수거 부탁"),
}
OUTCOMES = {StopOutcome.DONE: _("다녀감"), StopOutcome.NOBODY: _("아무도 없음")}
LEFT_OUT = {
    LeftOutWhy.CLOSED: _("그날 쉬어요"),
    LeftOutWhy.NO_ROOM: _("차에 자리나 시간이 모자라요"),
}
