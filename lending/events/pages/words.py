"""The words of events' pages: stages, sorts of events, what a crate's scan came to, next steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from lending.events.statements.waiting import WaitsFor
from lending.events.values import (
    Answer,
    BackHow,
    DisputeDecision,
    EventCrateView,
    EventKind,
    EventView,
    LineView,
    Stage,
    StatementView,
    StatementWhy,
)
from lending.web.i18n import language
from lending.web.stations import Words

STAGES = {
    Stage.PLANNED: (lazy_gettext("계획"), "neutral"),
    Stage.PACKED: (lazy_gettext("담아 둠"), "info"),
    Stage.OUT: (lazy_gettext("행사 중"), "info"),
    Stage.BACK: (lazy_gettext("셀 차례"), "warning"),
    Stage.COUNTED: (lazy_gettext("수량 확인서"), "warning"),
    Stage.SETTLED: (lazy_gettext("다 마침"), "success"),
    Stage.CANCELLED: (lazy_gettext("취소됨"), "neutral"),
}
KINDS = {EventKind.FUNERAL: lazy_gettext("장례"), EventKind.EVENT: lazy_gettext("행사")}
BACK = {
    BackHow.SEALED: lazy_gettext("안 뜯고 돌아옴"),
    BackHow.OPENED: lazy_gettext("쓰고 돌아옴"),
    BackHow.SEEN: lazy_gettext("다른 곳에서 찍힘"),
    BackHow.UNDONE: lazy_gettext("잘못 준 것으로 되돌림"),
}
ANSWERS = {
    Answer.CONFIRMED: (lazy_gettext("맞다고 했어요"), "success"),
    Answer.DISPUTED: (lazy_gettext("다르다고 했어요"), "warning"),
    Answer.ACCEPTED: (lazy_gettext("기한이 지나 인정됨"), "success"),
}
DECISIONS = {
    DisputeDecision.UPHELD: lazy_gettext("그대로 두었어요"),
    DisputeDecision.CORRECTED: lazy_gettext("고쳤어요"),
}
WHYS = {
    StatementWhy.COUNT: lazy_gettext("처음 센 수"),
    StatementWhy.RECOUNT: lazy_gettext("다시 센 수"),
    StatementWhy.DECISION: lazy_gettext("이의를 살펴 고침"),
    StatementWhy.FOUND: lazy_gettext("나중에 찾은 것"),
}
WAITS = {
    WaitsFor.CRATES: lazy_gettext("상자 돌려주기"),
    WaitsFor.ARRIVAL: lazy_gettext("세척장에 들어오기"),
    WaitsFor.COUNT: lazy_gettext("세척장이 세기"),
    WaitsFor.CHECK: lazy_gettext("세척장이 확인하기"),
}
# What may be told of a crate at the hall: (value, words, icon).
ACTS = (
    ("hand", lazy_gettext("방에 주기"), "forward"),
    ("opened", lazy_gettext("쓰고 돌아옴"), "return"),
    ("sealed", lazy_gettext("안 뜯고 돌아옴"), "check"),
    ("broken", lazy_gettext("봉인이 뜯김"), "warning"),
)


class Sited(Protocol):
    """Something at a hall."""

    @property
    def site_name(self) -> str: ...

    @property
    def site_name_en(self) -> str: ...


@dataclass(frozen=True, slots=True)
class NextStep:
    """What an event waits for: a page's endpoint, its button, whether it is due now."""

    endpoint: str
    words: str
    is_due: bool


def hall_name(one: Sited) -> str:
    """The hall in the page's language."""
    return (language() == "en" and one.site_name_en) or one.site_name


def where_of(event: EventView) -> str:
    """`장례식장 · 1호실`."""
    return f"{hall_name(event)} · {event.where}" if event.where else hall_name(event)


def write_pieces(pieces: Mapping[str, int], names: Mapping[str, str]) -> str:
    """`밥그릇 100 · 국그릇 100`, the most first; names by code."""
    ordered = sorted(pieces.items(), key=lambda one: (-one[1], one[0]))
    return " · ".join(f"{names.get(kind, kind)} {count:,}" for kind, count in ordered) or "–"


def next_step(event: EventView) -> NextStep | None:
    """What the office or the centre does next; None where the hall is to act, or nobody."""
    steps = {
        Stage.PLANNED: NextStep("events.show_packing", _("상자 담기"), is_due=True),
        Stage.PACKED: NextStep("events.show_packing", _("더 담기"), is_due=False),
        Stage.OUT: NextStep("events.show_event", _("보기"), is_due=False),
        Stage.BACK: NextStep("events.show_count", _("세기"), is_due=True),
        Stage.COUNTED: NextStep("events.show_statement", _("확인서 보기"), is_due=True),
    }
    if event.stage is Stage.SETTLED and event.crates > event.unopened:  # else nothing was counted
        return NextStep("events.show_statement", _("수량 확인서"), is_due=False)
    return steps.get(event.stage)


def words_of_hand_out(crate: EventCrateView, names: Mapping[str, str], room: str) -> Words:
    """A crate that was handed out."""
    word = _("더 주었어요") if crate.top_up else _("방에 주었어요")
    return Words(word, "good", "check", f"{room} · {write_pieces(crate.pieces, names)}")


def words_of_back(crate: EventCrateView, names: Mapping[str, str]) -> Words:
    """A crate that came back."""
    line = write_pieces(crate.pieces, names)
    if crate.back_how is BackHow.SEALED:
        return Words(
            _("창고로 돌아왔어요"), "good", "check", line, _("깨끗한 채예요. 다른 방에 줄 수 있어요.")
        )  # fmt: skip
    return Words(
        _("쓴 상자로 돌아왔어요"), "back", "return", line, _("세척장으로 갈 자리에 놓아 주세요.")
    )


def words_of_opened(pieces: Mapping[str, int], names: Mapping[str, str]) -> Words:
    """A crate of the store whose seal was broken."""
    return Words(
        _("다시 씻을 상자로 적었어요"), "care", "warning", write_pieces(pieces, names),
        _("쓰지 말고 세척장으로 갈 자리에 놓아 주세요."),
    )  # fmt: skip


def words_of_packed(pieces: Mapping[str, int], names: Mapping[str, str]) -> Words:
    """A crate that was packed and sealed."""
    return Words(
        _("봉인해 담았어요"), "good", "check", write_pieces(pieces, names),
        _("다음 상자를 찍어 주세요."),
    )  # fmt: skip


class KindNamed(Protocol):
    """A line about a kind."""

    @property
    def kind_name(self) -> str: ...

    @property
    def kind_name_en(self) -> str: ...


def kind_name(line: KindNamed) -> str:
    """The kind in the page's language."""
    return (language() == "en" and line.kind_name_en) or line.kind_name


def crates_of(one: StatementView) -> tuple[int, int]:
    """Crates that were opened, and those of them that came back, as the version says."""
    return sum(line.sent for line in one.crates), sum(line.returned for line in one.crates)


def shortfall_of(one: StatementView) -> str:
    """`부족 3개 · 파손 1개 · 상자 부족 1개`; empty where all came back."""
    missing, broken = (
        sum(getattr(line, part) for line in one.ware) for part in ("missing", "broken")
    )
    crates = sum(line.missing + line.broken for line in one.crates)
    told = []
    if missing or broken:
        told.append(
            _(
                "부족 %(missing)s개 · 파손 %(broken)s개",
                missing=f"{missing:,}",
                broken=f"{broken:,}",
            )
        )
    if crates:
        told.append(_("상자 부족 %(n)s개", n=f"{crates:,}"))
    return " · ".join(told)


def line_name(line: LineView, lang: str | None = None) -> str:
    """A statement's line: its kind, or what it was called that is not ours."""
    if not line.kind:
        return line.what
    return ((lang or language()) == "en" and line.name_en) or line.name
