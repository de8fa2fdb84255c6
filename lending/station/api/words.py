"""What a till's page says of each result: one big word, a line below, what to do next."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from lending.errors import Code
from lending.loop.scans import Receipt, Result
from lending.loop.steps import Action, Gap
from lending.loop.washed.recalled import is_recall
from lending.station.api.crate_words import crate_words
from lending.station.beep import BeepAnswer
from lending.web.context import district
from lending.web.errors import explain
from lending.web.i18n import write_clock, write_day
from lending.web.stations import Words

ACTION_WORDS = {
    Action.LEND: lazy_gettext("대여 완료"),
    Action.RETURN: lazy_gettext("반납 완료"),
    Action.STOCK: lazy_gettext("깨끗한 컵 받기"),
    Action.SHIP: lazy_gettext("보내기"),
    Action.COLLECT: lazy_gettext("수거"),
    Action.RECEIVE: lazy_gettext("세척장 도착"),
    Action.HOLD: lazy_gettext("사용 중지"),
    Action.RETIRE: lazy_gettext("폐기"),
    Action.LOSE: lazy_gettext("못 찾음"),
    Action.EXTEND: lazy_gettext("연장"),
    Action.RESUME: lazy_gettext("다시 기다림"),
    Action.GIVE_UP: lazy_gettext("찾지 못한 채 마침"),
}
TONES = {Action.LEND: "good", Action.RETURN: "back", Action.STOCK: "good"}
ICONS = {Action.LEND: "cup", Action.RETURN: "return", Action.STOCK: "check"}


def beep_out(answer: BeepAnswer, names: Mapping[str, str]) -> dict[str, Any]:
    """A beep's answer for the till. `result` waiting: nothing stored, a person is asked for; looked:
    nothing stored, it is a crate that stands there. `names`: of kinds by their codes."""
    receipt = answer.receipt
    words = crate_words(answer, answer.crate, names) if answer.crate else _words_of(answer)
    item = receipt.item if receipt else None
    looked = answer.crate is not None and receipt is None
    return {
        "id": answer.id,
        "code": item.code if item and item.code else answer.code,
        "kind": answer.kind,
        "action": answer.action,
        "result": receipt.result if receipt else "looked" if looked else "waiting",
        "crate": answer.crate is not None,
        "error": receipt.error if receipt else None,
        "due": write_day(item.due_at, district().timezone) if item and item.due_at else None,
        "label": receipt.borrower if receipt else None,
        "open": receipt.open_loans if receipt else None,
        "recorded": answer.recorded,
        "late": answer.late,
        **asdict(words),
    }


def receipt_out(id: uuid.UUID, code: str, error: Code) -> dict[str, Any]:
    """The answer to a text that is no item's code."""
    words = _refused(error)
    return {
        "id": id, "code": code, "kind": None, "action": None, "result": "refused", "error": error,
        "due": None, "label": None, "open": None, "recorded": [], "late": False, "crate": False,
        **asdict(words),
    }  # fmt: skip


def _words_of(answer: BeepAnswer) -> Words:
    receipt = answer.receipt
    if receipt is None:
        return Words(
            _("누구에게 빌려줄까요?"), "wait", "person", _("깨끗한 컵이에요"),
            _("60초 안에 회원 QR을 찍거나 번호를 입력해 주세요."),
        )  # fmt: skip
    if receipt.result is Result.REFUSED:
        noted = answer.seen is not None
        if receipt.error is Code.HELD and receipt.item and is_recall(receipt.item.hold):
            return _recalled(_("따로 두세요 (위생 확인 중)"), "bad", noted=noted)
        return _refused(receipt.error or Code.INVALID, noted=noted)
    if answer.action is Action.LEND:
        return _lent(receipt)
    if answer.action is Action.RETURN:
        return _returned(answer, receipt)
    doubt = Gap.NOT_CLEAN in receipt.gaps
    word = ACTION_WORDS[answer.action] if answer.action else ""
    return Words(
        str(word),
        "care" if doubt else "good",
        "warning" if doubt else "check",
        _("세척을 확인할 수 없는 컵이에요") if doubt else _("여기 도착했어요"),
        _("따로 두었다가 세척장으로 보내 주세요.") if doubt else "",
    )


def _lent(receipt: Receipt) -> Words:
    gaps = set(receipt.gaps)
    if gaps & {Gap.UNCLEAN_LEND, Gap.HELD_LEND}:
        return Words(
            _("대여 완료"), "care", "warning", _("세척을 확인할 수 없는 컵이었어요"),
            _("가능하면 다른 컵으로 바꿔 주세요."),
        )  # fmt: skip
    if Gap.BORROWER_UNRESOLVED in gaps:
        return Words(
            _("대여 완료"), "care", "person", _("누구인지 확인하지 못했어요. 담당자가 살펴볼게요.")
        )
    return Words(_("대여 완료"), "good", "cup", _("빌려드렸어요"))


def _returned(answer: BeepAnswer, receipt: Receipt) -> Words:
    before = answer.before
    if receipt.item is None:
        return Words(
            _("처음 보는 컵"), "care", "warning", _("여기 들어온 것으로 적어 두었어요"),
            _("따로 두고 담당자에게 알려 주세요."),
        )  # fmt: skip
    if Gap.RETIRED_SEEN in receipt.gaps:
        return Words(
            _("폐기된 컵"), "care", "warning", _("여기 들어온 것으로 적어 두었어요"),
            _("세척장으로 보내 주세요."),
        )  # fmt: skip
    if is_recall(receipt.item.hold):
        return _recalled(_("반납 완료"), "care", line=_("위생 확인 중인 컵이에요"))
    if receipt.item.hold is not None:
        return Words(
            _("반납 완료"), "care", "warning", _("사용을 중지한 컵이에요"),
            _("쓰지 말고 따로 두어 주세요."),
        )  # fmt: skip
    if answer.was_just_returned and before and before.last_return_at:
        at = write_clock(before.last_return_at, district().timezone)
        return Words(_("이미 반납됨"), "calm", "check", _("%(at)s에 여기서 반납했어요", at=at))
    if answer.was_out:
        return Words(
            _("반납 완료"), "back", "return", _("고맙습니다"), _("세척 바구니에 넣어 주세요.")
        )
    return Words(
        _("반납 완료"), "back", "return", _("고맙습니다. 여기 들어온 것으로 적었어요"),
        _("세척 바구니에 넣어 주세요."),
    )  # fmt: skip


def _recalled(word: str, tone: str, *, line: str = "", noted: bool = False) -> Words:
    """Of a cup that a recall holds: staff are told what to do with it, and no more."""
    if noted:
        line = _("반납으로 적어 두었어요")
    return Words(word, tone, "warning", line, _("빌려주지 말고 한곳에 모아 주세요."))


def _refused(code: Code, *, noted: bool = False) -> Words:
    message, next_step = explain(code)
    soft = code in (Code.BORROWER_PAUSED, Code.TOO_MANY_OPEN)
    if code is Code.NOT_CLEAN:
        message = _("이 컵은 빌려줄 수 없어요")
        next_step = _("다른 컵을 집어 주세요. 이 컵은 세척 바구니에 넣어 주세요.")
    if code is Code.BORROWER_PAUSED:
        message = _("오늘은 빌려드릴 수 없어요")
        next_step = _("자세한 내용은 휴대폰에서 볼 수 있어요.")
    if code is Code.BAD_CHECK_DIGIT:
        message = _("번호 한 자리가 틀려요")
    return Words(
        message.rstrip("."), "soft" if soft else "bad", "info" if soft else "warning",
        _("반납으로 적어 두었어요") if noted else "", next_step,
    )  # fmt: skip
