"""The words of the washing table: what each beep came to, and what to do next."""

from collections.abc import Callable
from dataclasses import replace

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from lending.errors import Code
from lending.loop.commands import Command
from lending.loop.scans import Receipt
from lending.loop.steps import Action, Gap
from lending.loop.washed.recalled import is_recall
from lending.washing.pages.crate_words import kept_words, words_of_load
from lending.washing.table.outcomes import Answer, LaneView, Outcome, SetView
from lending.web.errors import explain
from lending.web.i18n import group_code
from lending.web.stations import Words

ACTION_WORDS = {
    Action.RECEIVE: lazy_gettext("세척장 도착"),
    Action.WASH: lazy_gettext("세척"),
    Action.PASS: lazy_gettext("검사 통과"),
    Action.REWASH: lazy_gettext("다시 세척"),
    Action.RETIRE: lazy_gettext("폐기"),
}
FAULT_WORDS = {
    Command.LIPSTICK: lazy_gettext("립스틱 자국"),
    Command.FOREIGN_MATTER: lazy_gettext("이물질"),
    Command.WATER_SPOTS: lazy_gettext("물 얼룩"),
    Command.STAIN: lazy_gettext("착색"),
    Command.SCRATCH: lazy_gettext("깊은 흠집"),
    Command.HEAT: lazy_gettext("열 변형"),
    Command.BREAK: lazy_gettext("깨짐"),
}
TONES = {
    Action.RECEIVE: "back",
    Action.WASH: "wash",
    Action.PASS: "good",
    Action.REWASH: "care",
    Action.RETIRE: "retire",
}
ICONS = {
    Action.RECEIVE: "return",
    Action.WASH: "drop",
    Action.PASS: "check",
    Action.REWASH: "undo",
    Action.RETIRE: "close",
}
SHOWN_CODES = 3


def words_of(answer: Answer, lane: LaneView) -> Words:
    """The words of an answer; `lane` is where the operator stands after it."""
    return _WORDS[answer.outcome](answer, lane)


def _recorded(answer: Answer, lane: LaneView) -> Words:
    words = _plain(answer.action)
    if answer.reason is not None:
        step = _("다시 세척할 바구니에 넣어 주세요.")
        if answer.action is Action.RETIRE:
            step = _("폐기함에 넣어 주세요.")
        return replace(words, line=_fault(answer.reason), next_step=step)
    doubt = doubt_of(answer.receipt)
    if doubt is None and answer.load is not None:
        step = _("여기서 꺼낸 컵을 이어서 찍어도 돼요.") if answer.action is Action.RECEIVE else ""
        return replace(words, line=words_of_load(answer.load), next_step=step)
    return doubt or replace(words, line=_("적었어요"))


def _kept(answer: Answer, lane: LaneView) -> Words:
    return kept_words()


def doubt_of(receipt: Receipt | None) -> Words | None:
    """What makes a recorded piece one to put aside."""
    if receipt is None:
        return None
    aside = _("따로 두고 담당자에게 알려 주세요.")
    noted = _("여기 온 것으로 적어 두었어요")
    if receipt.item is None:
        return Words(_("처음 보는 컵"), "care", "warning", noted, aside)
    if Gap.RETIRED_SEEN in receipt.gaps:
        return Words(_("폐기된 컵"), "care", "warning", noted, _("폐기함에 넣어 주세요."))
    if is_recall(receipt.item.hold):
        step = _("다른 컵과 섞지 말고 회수 상자에 모아 주세요.")
        return Words(_("회수하는 컵"), "care", "warning", noted, step)
    if receipt.item.hold is not None:
        return Words(_("사용 중지된 컵"), "care", "warning", noted, aside)
    if Gap.NOT_CLEAN in receipt.gaps:
        return _not_washed()
    return None


def _already(answer: Answer, lane: LaneView) -> Words:
    if answer.reason is not None:
        return Words(_("이미 뺐어요"), "calm", "check", _fault(answer.reason))
    step = str(ACTION_WORDS[answer.action]) if answer.action else ""
    return Words(_("이미 담았어요"), "calm", "check", step)


def _whole(answer: Answer, lane: LaneView) -> Words:
    words = _plain(answer.action)
    done = _("묶음 %(count)s개를 한 번에 적었어요", count=answer.count)
    if not answer.refused:
        return replace(words, line=done)
    failed = _("%(count)s개는 빠졌어요", count=len(answer.refused))
    return replace(
        words, tone="care", icon="warning", line=f"{done} · {failed}", next_step=_left_out(answer)
    )


def _left_out(answer: Answer) -> str:
    """Which pieces of a set did not take the step, and why the first of them did not."""
    refused = _refused_one(answer)
    codes = ", ".join(group_code(code) for code in answer.refused[:SHOWN_CODES])
    more = len(answer.refused) - SHOWN_CODES
    if more > 0:
        codes = _("%(codes)s 밖에 %(count)s개", codes=codes, count=more)
    return f"{refused.word}: {codes}"


def _refused(answer: Answer, lane: LaneView) -> Words:
    words = _refused_one(answer)
    return replace(words, next_step=_left_out(answer)) if answer.refused else words


def _refused_one(answer: Answer) -> Words:
    code = answer.receipt.error if answer.receipt else None
    if code is Code.NOT_CLEAN:
        return _not_washed()
    if code is Code.RETIRED:
        return Words(_("폐기된 컵"), "bad", "warning", "", _("폐기함에 넣어 주세요."))
    return refusal_words(code or Code.INVALID)


def refusal_words(code: Code) -> Words:
    """The words of a refusal that the table of all refusals explains."""
    message, next_step = explain(code)
    if code is Code.BAD_CHECK_DIGIT:
        message = _("번호 한 자리가 틀려요")
    return Words(message.rstrip("."), "bad", "warning", "", next_step)


def _not_washed() -> Words:
    return Words(
        _("다시 세척"), "bad", "warning", _("세척 기록이 없어요"),
        _("세척할 바구니에 넣어 주세요."),
    )  # fmt: skip


def _step(answer: Answer, lane: LaneView) -> Words:
    return replace(_plain(answer.action), tone="wait", line=_("컵을 하나씩 찍어 주세요"))


def _again(answer: Answer, lane: LaneView) -> Words:
    words = replace(_plain(answer.action), tone="calm")
    return replace(words, line=_("이 묶음 %(count)s개는 이미 했어요", count=answer.count))


def _fault_chosen(answer: Answer, lane: LaneView) -> Words:
    leads = str(ACTION_WORDS[answer.action]) if answer.action else ""
    step = _("컵을 찍어 주세요. 여러 개면 같은 코드를 한 번 더 찍어 주세요.")
    if answer.outcome is Outcome.FAULT_STAYS:
        step = _("이 문제가 있는 컵을 모두 찍어 주세요. 다른 코드를 찍으면 끝나요.")
    tone = "retire" if answer.action is Action.RETIRE else "care"
    return Words(_fault(answer.reason or ""), tone, "warning", f"→ {leads}", step)


def _taken(answer: Answer, lane: LaneView) -> Words:
    line = _set_line(lane.set) if lane.set else ""
    step = _("이어서 할 단계의 코드를 찍어 주세요: 세척이나 검사 통과.")
    return Words(_("이 묶음을 이어서 해요"), "wait", "forward", line, step)


def _elsewhere(answer: Answer, lane: LaneView) -> Words:
    step = _("마침을 찍은 뒤 이 컵을 다시 찍으면 그 묶음을 이어서 해요.")
    return Words(_("다른 묶음의 컵이에요"), "calm", "info", _("아무것도 적지 않았어요"), step)


def _finished(answer: Answer, lane: LaneView) -> Words:
    return Words(_("마침"), "good", "check", _set_line(answer.over) if answer.over else "")


def _put_down(answer: Answer, lane: LaneView) -> Words:
    return Words(
        _("묶음을 내려놓았어요"), "calm", "clock",
        _set_line(answer.over) if answer.over else "",
        _("이 묶음의 컵을 하나 찍으면 이어서 해요."),
    )  # fmt: skip


def _undone(answer: Answer, lane: LaneView) -> Words:
    line = _("하나 앞으로 돌아갔어요")
    if answer.count and answer.action:
        name = str(ACTION_WORDS[answer.action])
        line = _("%(step)s %(count)s개를 되돌렸어요", step=name, count=answer.count)
    elif answer.reason is not None:
        line = _("%(fault)s: 취소했어요", fault=_fault(answer.reason))
    return Words(_("되돌림"), "calm", "undo", line)


def _nothing(answer: Answer, lane: LaneView) -> Words:
    if answer.reason == Command.FINISH:
        return Words(_("열린 묶음이 없어요"), "calm", "info", _("컵을 찍으면 새 묶음이 시작돼요"))
    return Words(_("되돌릴 기록이 없어요"), "calm", "info")


def _plain(action: Action | None) -> Words:
    if action is None:
        return Words("", "calm", "info")
    return Words(str(ACTION_WORDS[action]), TONES[action], ICONS[action])


def _fault(reason: str) -> str:
    return str(FAULT_WORDS.get(Command(reason), reason))


def _set_line(one: SetView) -> str:
    """How the pieces of a set ended, those with none left out."""
    parts = [
        f"{ACTION_WORDS[action]} {one.steps[action]}"
        for action in ACTION_WORDS
        if one.steps.get(action)
    ]
    return " · ".join(parts)


_WORDS: dict[Outcome, Callable[[Answer, LaneView], Words]] = {
    Outcome.RECORDED: _recorded,
    Outcome.ALREADY: _already,
    Outcome.WHOLE: _whole,
    Outcome.REFUSED: _refused,
    Outcome.STEP: _step,
    Outcome.AGAIN: _again,
    Outcome.FAULT: _fault_chosen,
    Outcome.FAULT_STAYS: _fault_chosen,
    Outcome.TAKEN: _taken,
    Outcome.ELSEWHERE: _elsewhere,
    Outcome.FINISHED: _finished,
    Outcome.PUT_DOWN: _put_down,
    Outcome.UNDONE: _undone,
    Outcome.NOTHING: _nothing,
    Outcome.KEPT: _kept,
}
