"""What is wrong with something typed, in words: every Problem of lending/places/texts.py has one."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from lending.places.texts import Problem

WORDS: dict[Problem, LazyString] = {
    Problem.EMPTY: _("이 칸을 채워 주세요."),
    Problem.TOO_LONG: _("너무 길어요."),
    Problem.TOO_SHORT: _("너무 짧아요. 10자 이상으로 써 주세요."),
    Problem.CONTROL_CHARACTER: _("쓸 수 없는 글자가 들어 있어요."),
    Problem.BAD_SITE_CODE: _("영문 대문자로 시작해 대문자, 숫자, 붙임표로 2~20자를 써 주세요."),
    Problem.BAD_KIND_CODE: _("영문 소문자로 시작해 소문자, 숫자, 붙임표로 2~30자를 써 주세요."),
    Problem.BAD_LOGIN: _("영문 소문자, 숫자, . _ @ - 로 2~60자를 써 주세요."),
    Problem.EASY_TO_GUESS: _("짐작하기 쉬워요. 아이디가 들어 있지 않은 다른 말을 써 주세요."),
    Problem.IN_USE: _("이미 쓰고 있어요. 다른 것을 써 주세요."),
    Problem.TWICE: _("앞줄과 같아요."),
    Problem.NO_SUCH_SITE: _("그런 장소가 없어요."),
    Problem.SITE_NEEDED: _("어느 장소인지 골라 주세요."),
    Problem.UNKNOWN_KIND: _("모르는 종류예요."),
    Problem.UNKNOWN_ROLE: _("모르는 역할이에요."),
    Problem.UNKNOWN_LANGUAGE: _("ko 또는 en만 쓸 수 있어요."),
    Problem.UNKNOWN_ZONE: _("모르는 시간대예요."),
    Problem.OUT_OF_RANGE: _("쓸 수 있는 범위를 벗어났어요."),
    Problem.IN_THE_PAST: _("지난 날은 고를 수 없어요."),
    Problem.IN_THE_FUTURE: _("아직 오지 않은 때예요."),
    Problem.BEFORE_START: _("끝난 때가 시작한 때보다 앞서요."),
    Problem.NUMBER_ONLY: _("단위 없이 숫자만 써 주세요. 예: 82.5"),
    Problem.BOTH_OR_NONE: _("둘 다 쓰거나 둘 다 비워 주세요."),
    Problem.LAST_OFFICER: _("마지막 담당자는 멈출 수 없어요. 먼저 다른 담당자를 더해 주세요."),
    Problem.NOBODYS: _("아직 아무에게도 이어지지 않은 카드예요."),
    Problem.A_CONTACT: _("전화번호나 이메일은 여기에 적지 않아요."),
    Problem.NOT_BLANK: _("이미 쓰고 있는 카드예요. 빈 카드를 골라 주세요."),
    Problem.NOT_AN_ADDRESS: _(
        "https로 시작하는 공개 주소를 써 주세요. 내부망 주소와 다른 포트는 쓸 수 없어요."
    ),
    Problem.NOT_A_CODE: _("12자리 코드가 아니에요. 엑셀에서는 칸의 형식을 텍스트로 바꿔 주세요."),
    Problem.BAD_CHECK_DIGIT: _("코드의 한 자리가 틀렸어요. 용기에 적힌 코드와 견주어 주세요."),
    Problem.ALREADY_A_PIECE: _("이미 등록된 코드예요."),
    Problem.OTHER_KIND: _("다른 종류로 인쇄한 라벨이에요."),
    Problem.COUNTED_KIND: _("개수로만 세는 종류라 코드로 등록할 수 없어요."),
    Problem.UNKNOWN_SORT: _("tracked, counted, crate 중 하나를 써 주세요."),
    Problem.HAS_PIECES: _("이미 등록한 용기가 있어 바꿀 수 없어요."),
    Problem.PART_KIND: _("하나씩 찍는 용기에, 개수로만 세는 종류의 코드를 짝으로 써 주세요."),
    Problem.NOT_A_TABLE: _("엑셀(.xlsx)이나 CSV 파일로 읽을 수 없어요. 다시 저장해 올려 주세요."),
    Problem.OLD_OR_LOCKED: _(
        "옛 형식(.xls)이거나 암호가 걸려 있어요. 암호 없이 .xlsx로 저장해 주세요."
    ),
    Problem.TOO_BIG_INSIDE: _("파일 안의 내용이 너무 커요. 필요한 표만 새 파일에 담아 주세요."),
    Problem.COLUMN_MISSING: _("있어야 할 열이 없어요."),
    Problem.COLUMN_UNKNOWN: _("모르는 열이 있어요."),
    Problem.TOO_MANY_VALUES: _("값이 열보다 많아요."),
    Problem.TOO_MANY_ROWS: _("한 번에 1,000줄까지 올릴 수 있어요."),
    Problem.TOO_MANY_PIECES: _("한 번에 10,000줄까지 올릴 수 있어요. 나누어 올려 주세요."),
    Problem.NO_ROWS: _("내용이 없어요."),
}


def explain_problem(detail: str) -> str | None:
    """The words for an error's `detail`; None when it is none of the problems."""
    try:
        return str(WORDS[Problem(detail)])
    except ValueError:
        return None
