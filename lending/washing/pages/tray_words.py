"""The words of a tray's result: how many took the step, which pieces to look at, and why."""

from flask_babel import gettext as _

from lending.loop.steps import Action
from lending.washing.pages.crate_words import kept_words
from lending.washing.pages.words import (
    ICONS,
    TONES,
    doubt_of,
    refusal_words,
    words_of,
)
from lending.washing.table.outcomes import Answer, Fate, LaneView, Outcome, TrayAnswer, TrayLine
from lending.web.stations import Words


def words_of_tray(answer: TrayAnswer) -> Words:
    """The whole tray in one line: "24개 받음 · 1개 확인 필요"."""
    taken = sum(
        line.load.pieces if line.load else 1 for line in answer.lines if line.fate is Fate.TAKEN
    )
    already = sum(line.fate is Fate.ALREADY for line in answer.lines)
    check = sum(is_to_check(line) for line in answer.lines)
    parts = [_done(answer.action, taken)] if taken else []
    if already:
        parts.append(_("%(count)s개는 이미 했어요", count=already))
    if check:
        parts.append(_("%(count)s개 확인 필요", count=check))
        step = _("아래 컵을 따로 두고 확인해 주세요.")
        return Words(" · ".join(parts), "care", "warning", next_step=step)
    if not taken:
        return Words(" · ".join(parts), "calm", "check")
    return Words(" · ".join(parts), TONES[answer.action], ICONS[answer.action])


def words_of_line(answer: TrayAnswer, line: TrayLine, lane: LaneView) -> Words:
    """One piece of the tray, in the words of a single beep."""
    if line.receipt is None and line.error is not None:
        return refusal_words(line.error)
    if line.fate is Fate.ALREADY:
        return Words(_("이미 했어요"), "calm", "check")
    if line.fate is Fate.KEPT:
        return kept_words()
    outcome = Outcome.REFUSED if line.fate is Fate.REFUSED else Outcome.RECORDED
    one = Answer(
        answer.id, outcome, answer.action, answer.reason, line.code, line.receipt, 1,
        load=line.load,
    )  # fmt: skip
    return words_of(one, lane)


def is_to_check(line: TrayLine) -> bool:
    """Whether the piece was refused, or recorded but better put aside."""
    return line.fate in (Fate.REFUSED, Fate.KEPT) or doubt_of(line.receipt) is not None


def _done(action: Action, count: int) -> str:
    done = {
        Action.RECEIVE: _("%(count)s개 받음", count=count),
        Action.WASH: _("%(count)s개 세척", count=count),
        Action.PASS: _("%(count)s개 검사 통과", count=count),
        Action.REWASH: _("%(count)s개 다시 세척", count=count),
        Action.RETIRE: _("%(count)s개 폐기", count=count),
    }
    return str(done[action])
