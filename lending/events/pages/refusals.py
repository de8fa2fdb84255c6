"""Scans of crates that were refused, in words for who holds the crate."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from lending.errors import Code, LendingError
from lending.web.errors import explain
from lending.web.stations import Words

_ASIDE = lazy_gettext("다른 상자를 쓰고, 이 상자는 세척장으로 갈 자리에 놓아 주세요.")
_CONFLICTS = {
    "out": (lazy_gettext("이미 나가 있는 상자예요"), lazy_gettext("돌아온 것이면 ‘돌아옴’을 누르고 찍어 주세요.")),
    "not_out": (lazy_gettext("나가 있지 않은 상자예요"), lazy_gettext("방에 줄 것이면 ‘방에 주기’를 누르고 찍어 주세요.")),
    "not_here": (lazy_gettext("이 장례식장에 있는 상자가 아니에요"), lazy_gettext("상자 번호를 다시 봐 주세요.")),
    "other_event": (lazy_gettext("다른 방의 몫인 상자예요"), lazy_gettext("창고의 다른 상자를 찍어 주세요.")),
}  # fmt: skip
# What a till says of a cup; here it is a crate or a piece in it.
_UNFIT = {
    Code.ALREADY_LENT: _CONFLICTS["out"],
    Code.NOT_CLEAN: (lazy_gettext("깨끗하지 않은 상자예요"), _ASIDE),
    Code.HELD: (lazy_gettext("쓰지 않기로 한 것이 든 상자예요"), _ASIDE),
    Code.RETIRED: (lazy_gettext("폐기한 것이 든 상자예요"), _ASIDE),
}


def words_of_refusal(error: LendingError) -> Words:
    """A scan that was refused, in words for who holds the crate."""
    if error.code is Code.CONFLICT and error.detail in _CONFLICTS:
        word, next_step = _CONFLICTS[error.detail]
        return Words(str(word), "bad", "warning", "", str(next_step))
    if error.code in _UNFIT:
        word, next_step = _UNFIT[error.code]
        return Words(str(word), "bad", "warning", "", str(next_step))
    if error.field == "seal":
        return Words(
            _("봉인 번호가 달라요"), "bad", "warning", "",
            _("뜯었다가 다시 막은 상자일 수 있어요. ‘쓰고 돌아옴’으로 찍어 주세요."),
        )  # fmt: skip
    if error.code is Code.CONFLICT and error.field == "event":
        return Words(
            _("이 행사에는 이제 줄 수 없어요"), "bad", "warning", "", _("방을 다시 골라 주세요.")
        )
    if error.field == "crate" and error.code in (Code.NOT_FOUND, Code.INVALID):
        return Words(
            _("상자 코드가 아니에요"), "bad", "warning", "", _("상자에 붙은 QR을 찍어 주세요.")
        )
    message, next_words = explain(error.code)
    return Words(message.rstrip("."), "bad", "warning", "", next_words)


def words_of_pack_refusal(error: LendingError) -> Words:
    """A crate that was not packed, in words for who stands before it."""
    if error.field == "codes":
        return Words(
            _("담을 수 없는 그릇이 있어요"), "bad", "warning", error.detail,
            _("그 그릇을 빼고 다시 봉인해 주세요."),
        )  # fmt: skip
    if error.field == "seal":
        return Words(
            _("봉인 번호를 다시 봐 주세요"), "bad", "warning", "",
            _("다른 상자에 쓴 번호이거나 비어 있어요."),
        )  # fmt: skip
    if error.code is Code.CONFLICT and error.field == "crate":
        return Words(
            _("지금 담을 수 없는 상자예요"), "bad", "warning", "",
            _("이미 봉인했거나 다른 곳에 있는 상자예요. 빈 상자를 찍어 주세요."),
        )  # fmt: skip
    return words_of_refusal(error)
