"""The one table of refusals: code → HTTP status, what it means and what to do next.

Every answer that is not a success says `{"error": {"code", "message", "next_step", "field"?}}`
in JSON, or shows the same words on an error page (lending/web/answers.py).
"""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from lending.errors import Code


class EdgeCode(StrEnum):
    """Refusals that only HTTP knows; their codes stand beside the domain's in every answer."""

    METHOD_NOT_ALLOWED = "method_not_allowed"
    UNSUPPORTED_MEDIA = "unsupported_media"
    NOT_ACCEPTABLE = "not_acceptable"
    FORM_EXPIRED = "form_expired"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Words:
    """How one code is answered."""

    status: int
    message: LazyString
    next_step: LazyString


TABLE: dict[Code | EdgeCode, Words] = {
    # the scan itself
    Code.INVALID: Words(
        422, _("입력한 내용을 읽을 수 없어요."), _("표시된 칸을 고쳐서 다시 보내 주세요.")
    ),
    Code.BAD_CHECK_DIGIT: Words(
        422, _("번호 한 자리가 틀렸어요."), _("코드를 다시 찍거나 12자리를 다시 확인해 주세요.")
    ),
    Code.ID_REUSED: Words(
        409, _("이미 다른 기록에 쓰인 번호예요."), _("새 번호로 다시 보내 주세요.")
    ),
    Code.NOT_ALLOWED_HERE: Words(
        403,
        _("이곳에서는 할 수 없는 일이에요."),
        _("이 일을 맡은 곳에서 찍거나 담당자에게 알려 주세요."),
    ),
    # the piece
    Code.UNKNOWN_CODE: Words(
        404,
        _("등록되지 않은 코드예요."),
        _("코드를 다시 찍어 보고, 그대로면 담당자에게 알려 주세요."),
    ),
    Code.NOT_CLEAN: Words(
        409,
        _("아직 세척을 마치지 않은 컵이에요."),
        _("다른 컵을 쓰고, 이 컵은 세척 바구니에 넣어 주세요."),
    ),
    Code.HELD: Words(
        409, _("사용을 중지한 컵이에요."), _("다른 컵을 쓰고, 이 컵은 따로 두어 주세요.")
    ),
    Code.RETIRED: Words(
        409, _("폐기된 컵이에요."), _("다른 컵을 쓰고, 이 컵은 세척장으로 보내 주세요.")
    ),
    Code.ALREADY_LENT: Words(
        409, _("이미 대여 중인 컵이에요."), _("먼저 반납을 찍거나 다른 컵을 써 주세요.")
    ),
    Code.NO_BATCH: Words(
        409,
        _("끝난 세척 배치에 들어 있지 않아요."),
        _("세척 배치를 마치거나 새 배치에 넣어 다시 씻어 주세요."),
    ),
    Code.SHELF_OLD: Words(
        409,
        _("선반에 너무 오래 있던 용기예요."),
        _("다른 용기를 쓰고, 이 용기는 세척장으로 돌려보내 주세요."),
    ),
    Code.AWAITING_RESULT: Words(
        409,
        _("위생 검사 결과를 기다리고 있어요."),
        _("결과가 나오면 보내 주세요. 다른 것을 먼저 보내도 돼요."),
    ),
    # the borrower
    Code.BORROWER_UNKNOWN: Words(
        404,
        _("누구인지 찾지 못했어요."),
        _("회원 QR을 새로 열어 다시 찍거나 번호를 입력해 주세요."),
    ),
    Code.BORROWER_PAUSED: Words(
        409, _("오늘은 빌려 드릴 수 없어요."), _("자세한 내용은 휴대폰에서 볼 수 있어요.")
    ),
    Code.TOO_MANY_OPEN: Words(
        409, _("빌릴 수 있는 컵 수를 다 썼어요."), _("컵을 하나 반납하면 다시 빌릴 수 있어요.")
    ),
    Code.NOT_EXTENDABLE: Words(
        409, _("더 연장할 수 없어요."), _("기한 안에 가까운 곳에 반납해 주세요.")
    ),
    # everything else that can be asked for
    Code.NOT_FOUND: Words(404, _("찾는 것이 없어요."), _("주소나 번호를 확인해 주세요.")),
    Code.CONFLICT: Words(409, _("그 사이에 내용이 바뀌었어요."), _("새로 고친 뒤 다시 해 주세요.")),
    Code.SIGN_IN_NEEDED: Words(401, _("로그인이 필요해요."), _("로그인한 뒤 다시 해 주세요.")),
    Code.WRONG_SIGN_IN: Words(
        401, _("로그인 정보가 맞지 않아요."), _("다시 확인하고 입력해 주세요.")
    ),
    Code.NOT_ALLOWED: Words(
        403,
        _("이 일을 할 권한이 없어요."),
        _("권한이 있는 계정으로 로그인하거나 담당자에게 알려 주세요."),
    ),
    Code.TOO_MANY_TRIES: Words(
        429, _("시도가 너무 많았어요."), _("잠시 기다렸다가 다시 해 주세요.")
    ),
    Code.TOO_LARGE: Words(413, _("한 번에 보내기에는 너무 커요."), _("나누어 보내 주세요.")),
    Code.UNAVAILABLE: Words(503, _("지금은 처리할 수 없어요."), _("잠시 뒤 다시 해 주세요.")),
    # HTTP alone
    EdgeCode.METHOD_NOT_ALLOWED: Words(
        405, _("이 주소에서는 할 수 없는 요청이에요."), _("허용된 방법으로 다시 보내 주세요.")
    ),
    EdgeCode.UNSUPPORTED_MEDIA: Words(
        415, _("읽을 수 없는 형식이에요."), _("JSON으로 다시 보내 주세요.")
    ),
    EdgeCode.NOT_ACCEPTABLE: Words(
        406, _("원하는 형식으로 답할 수 없어요."), _("JSON을 받을 수 있게 다시 요청해 주세요.")
    ),
    EdgeCode.FORM_EXPIRED: Words(
        403, _("화면이 오래되어 보내지 못했어요."), _("새로 고친 뒤 다시 보내 주세요.")
    ),
    EdgeCode.INTERNAL: Words(
        500, _("문제가 생겨 처리하지 못했어요."), _("잠시 뒤 다시 해 보고, 그대로면 알려 주세요.")
    ),
}

BY_STATUS: dict[int, Code | EdgeCode] = {
    400: Code.INVALID,
    401: Code.SIGN_IN_NEEDED,
    403: Code.NOT_ALLOWED,
    404: Code.NOT_FOUND,
    405: EdgeCode.METHOD_NOT_ALLOWED,
    406: EdgeCode.NOT_ACCEPTABLE,
    409: Code.CONFLICT,
    410: Code.NOT_FOUND,
    413: Code.TOO_LARGE,
    414: Code.TOO_LARGE,
    415: EdgeCode.UNSUPPORTED_MEDIA,
    422: Code.INVALID,
    429: Code.TOO_MANY_TRIES,
    431: Code.TOO_LARGE,
    500: EdgeCode.INTERNAL,
    502: Code.UNAVAILABLE,
    503: Code.UNAVAILABLE,
    504: Code.UNAVAILABLE,
}


def explain(code: Code | EdgeCode) -> tuple[str, str]:
    """(message, next step) of a code in the language of this request."""
    words = TABLE[code]
    return str(words.message), str(words.next_step)


def status_of(code: Code | EdgeCode) -> int:
    """The HTTP status a code is answered with."""
    return TABLE[code].status


def code_of_status(status: int) -> Code | EdgeCode:
    """The code for an HTTP error that no part of ours raised."""
    if status in BY_STATUS:
        return BY_STATUS[status]
    return EdgeCode.INTERNAL if status >= 500 else Code.INVALID


def error_body(code: Code | EdgeCode, *, field: str | None = None) -> dict[str, dict[str, str]]:
    """The one JSON shape of a refusal; `field` is the dotted path of the input at fault."""
    message, next_step = explain(code)
    error = {"code": str(code), "message": message, "next_step": next_step}
    if field:
        error["field"] = field
    return {"error": error}
