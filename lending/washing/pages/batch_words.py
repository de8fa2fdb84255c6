"""The words of wash batches: stages, measures with their units, what befell a batch, ages."""

from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from lending.errors import Code, LendingError
from lending.washing.batches.pieces import AddedLine, Fate
from lending.washing.batches.story import BatchEvent, Event
from lending.washing.batches.tables import Measure, Stage
from lending.washing.pages.words import refusal_words
from lending.web.i18n import write_clock, write_day
from lending.web.problems import explain_problem
from lending.web.stations import Words

STAGE_WORDS = {
    Stage.PRE_WASH: lazy_gettext("애벌 세척"),
    Stage.WASH: lazy_gettext("본 세척"),
    Stage.RINSE: lazy_gettext("헹굼"),
    Stage.DRY: lazy_gettext("건조"),
    Stage.STERILISE: lazy_gettext("살균"),
}
MEASURE_WORDS = {
    Measure.TEMPERATURE: lazy_gettext("온도"),
    Measure.DETERGENT: lazy_gettext("세제"),
    Measure.TIME: lazy_gettext("걸린 시간"),
}
UNITS = {
    Measure.TEMPERATURE: "°C",
    Measure.DETERGENT: "g/L",
    Measure.TIME: lazy_gettext("초"),
}
EVENT_WORDS = {
    Event.BEGUN: lazy_gettext("시작"),
    Event.PUT: lazy_gettext("넣음"),
    Event.COUNTED: lazy_gettext("수량 넣음"),
    Event.STAGE: lazy_gettext("단계"),
    Event.READING: lazy_gettext("측정"),
    Event.FINISHED: lazy_gettext("끝냄"),
    Event.ABORTED: lazy_gettext("중단"),
}


def words_of_put(lines: list[AddedLine]) -> Words:
    """What became of codes put into a batch, in one line."""
    added = sum(line.fate is Fate.ADDED for line in lines)
    refused = [line for line in lines if line.fate is Fate.REFUSED]
    if len(lines) == 1 and refused:
        return words_of_line(refused[0])
    if refused:
        done = _("%(count)s개 넣음", count=added)
        check = _("%(count)s개 확인 필요", count=len(refused))
        step = _("아래 컵을 따로 두고 확인해 주세요.")
        return Words(f"{done} · {check}", "care", "warning", next_step=step)
    if not added:
        return Words(_("이미 들어 있어요"), "calm", "check")
    if len(lines) == 1:
        return Words(_("넣었어요"), "wash", "drop")
    return Words(_("%(count)s개 넣음", count=added), "wash", "drop")


def words_of_line(line: AddedLine) -> Words:
    """One code that was put in."""
    if line.fate is Fate.ADDED:
        return Words(_("넣었어요"), "wash", "drop")
    if line.fate is Fate.ALREADY:
        return Words(_("이미 들어 있어요"), "calm", "check")
    if line.error is Code.CONFLICT:
        return Words(
            _("다른 배치에 들어 있어요"), "bad", "warning", "",
            _("그 배치에서 먼저 빼거나 그 배치를 끝내 주세요."),
        )  # fmt: skip
    if line.error is Code.RETIRED:
        return Words(_("폐기된 컵"), "bad", "warning", "", _("폐기함에 넣어 주세요."))
    return refusal_words(line.error or Code.INVALID)


def refusal_of(error: LendingError) -> Words:
    """The words of a refused call about a batch, naming what to do."""
    if error.code is Code.CONFLICT and error.field == "batch":
        return Words(
            _("이미 끝난 배치예요"), "bad", "warning", "", _("새 배치를 시작하고 다시 해 주세요.")
        )
    problem = explain_problem(error.detail)
    if problem:
        return Words(problem.rstrip("."), "bad", "warning")
    return refusal_words(error.code)


def tell_event(event: BatchEvent) -> str:
    """What happened, without when and who: "넣음 40개", "측정 온도 82.5 °C"."""
    words = [str(EVENT_WORDS[event.event])]
    if event.event is Event.STAGE:
        words.append(str(STAGE_WORDS[Stage(event.what)]))
    elif event.event is Event.READING and event.value is not None:
        words.append(write_reading(Measure(event.what), event.value))
    elif event.event is Event.COUNTED:
        words.append(event.what)
    if event.count:
        words.append(_("%(count)s개", count=event.count))
    return " ".join(words)


def write_reading(measure: Measure, value: float) -> str:
    """ "온도 82.5 °C"."""
    return f"{MEASURE_WORDS[measure]} {value:g} {UNITS[measure]}"


def write_age(since: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that fits: minutes, hours with minutes, or days."""
    minutes = max(0, int((now - since) / timedelta(minutes=1)))
    if minutes < 60:
        return str(_("%(count)s분", count=minutes))
    hours = minutes // 60
    if hours < 24:
        return str(_("%(hours)s시간 %(minutes)s분", hours=hours, minutes=minutes % 60))
    return str(_("%(count)s일", count=hours // 24))


def write_moment(moment: datetime, now: datetime, zone: str) -> str:
    """The time of day; with the day where it is none of the last twelve hours."""
    if now - moment < timedelta(hours=12):
        return write_clock(moment, zone)
    return write_day(moment, zone)
