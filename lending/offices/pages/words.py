"""The words of offices' pages: how a booking stands, and what a scan at the desk came to."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from lending.errors import Code, LendingError
from lending.offices.values import BookingView, CardsLate, Handed, Remark, Stage
from lending.web.errors import explain
from lending.web.i18n import language
from lending.web.stations import Words

STAGES = {
    Stage.PLANNED: (lazy_gettext("예약됨"), "neutral"),
    Stage.OUT: (lazy_gettext("빌려 갔어요"), "info"),
    Stage.OVERDUE: (lazy_gettext("돌려줄 날이 지났어요"), "danger"),
    Stage.BACK: (lazy_gettext("다 돌아왔어요"), "success"),
    Stage.UNUSED: (lazy_gettext("쓰지 않았어요"), "neutral"),
    Stage.CANCELLED: (lazy_gettext("예약 취소됨"), "neutral"),
}
# What is told by scan at the desk: (value, words, icon).
ACTS = (
    ("hand", lazy_gettext("예약에 주기"), "forward"),
    ("card", lazy_gettext("직원카드로 주기"), "person"),
    ("back", lazy_gettext("돌려받기"), "return"),
)
COLUMNS = {
    "department": lazy_gettext("부서"),
    "kind": lazy_gettext("용기 종류"),
    "pieces": lazy_gettext("빌린 용기"),
    "uses": lazy_gettext("빌린 횟수"),
    "by_card": lazy_gettext("카드로 빌린 횟수"),
    "returned": lazy_gettext("돌려준 횟수"),
    "missing": lazy_gettext("못 찾은 용기"),
    "out": lazy_gettext("아직 나가 있는 용기"),
}
_REFUSED: Mapping[tuple[Code, str], tuple[object, object]] = {
    (Code.CONFLICT, "booking"): (
        lazy_gettext("끝났거나 취소된 예약이에요"), lazy_gettext("다른 예약을 고르거나 기간을 늘려 주세요."),
    ),
    (Code.NOT_FOUND, "card"): (
        lazy_gettext("부서의 직원카드가 아니에요"), lazy_gettext("카드를 다시 찍거나 담당자에게 물어봐 주세요."),
    ),
    (Code.INVALID, "code"): (
        lazy_gettext("카드로는 용기를 하나씩 빌려요"), lazy_gettext("상자나 가방은 예약에 주세요."),
    ),
}  # fmt: skip


def department_name(one: BookingView | CardsLate) -> str:
    """The department in the page's language."""
    return (language() == "en" and one.department_en) or one.department


def word_of(column: str) -> str:
    """The heading of a column of the departments' month."""
    return str(COLUMNS.get(column, column))


def words_of_hand_out(handed: Handed, names: Mapping[str, str], due: str) -> Words:
    """Something that went out."""
    line = _("%(kind)s · %(due)s까지", kind=names.get(handed.kind, handed.kind), due=due)
    if handed.carrier:
        count = ngettext("용기 %(num)s개와 함께", "용기 %(num)s개와 함께", handed.pieces)
        line = f"{line} · {count}"
    if handed.to_holder:
        return Words(
            _("주었어요"),
            "care",
            "info",
            line,
            _("부서의 카드가 아니어서 카드 주인이 빌린 것으로 적었어요."),
        )
    if handed.remark:
        return _words_of_remark(handed, handed.remark, line, names)
    return Words(_("주었어요"), "good", "check", line, _("다음 용기를 찍어 주세요."))


def _words_of_remark(handed: Handed, remark: Remark, line: str, names: Mapping[str, str]) -> Words:
    """It is given, and not what was booked."""
    word, told = _("주었지만 예약보다 많아요"), []
    if remark.other:
        word = _("주었지만 예약에 없는 종류예요")
        if handed.carrier:
            line = f"{line} · {write_kinds(remark.other, names)}"
        told.append(_("예약한 것은 %(booked)s개예요.", booked=write_kinds(remark.asked, names)))
    for kind, (asked, out) in remark.more.items():
        numbers = {"kind": names.get(kind, kind), "asked": f"{asked:,}", "out": f"{out:,}"}
        told.append(_("%(kind)s: 예약 %(asked)s개, 나가 있는 것 %(out)s개.", **numbers))
    told.append(_("잘못 주었으면 예약 화면에서 ‘주지 않음’을 눌러 주세요."))
    return Words(word, "care", "warning", line, " ".join(told))


def write_kinds(pieces: Mapping[str, int], names: Mapping[str, str]) -> str:
    """`컵 355 mL 3 · 머그 2`; names by code."""
    return " · ".join(f"{names.get(kind, kind)} {count:,}" for kind, count in pieces.items())


def words_of_back(handed: Handed, names: Mapping[str, str]) -> Words:
    """Something that came back."""
    line = names.get(handed.kind, handed.kind)
    next_step = _("쓴 용기를 모으는 자리에 놓아 주세요.")
    return Words(_("돌려받았어요"), "back", "return", line, next_step)


def words_of_refusal(error: LendingError) -> Words:
    """A scan that was refused, in words for who holds the piece."""
    if (error.code, error.field or "") in _REFUSED:
        word, next_step = _REFUSED[error.code, error.field or ""]
        return Words(str(word), "bad", "warning", "", str(next_step))
    message, next_step = explain(error.code)
    return Words(message, "bad", "warning", "", next_step)
