"""What the desk calls things: sites, roles, actions, notices, reasons to look, decisions."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from lending.loop.care.decisions import (
    EVENT_DISPUTE,
    SHELF_OLD,
    STOCKTAKING,
    STUCK,
    UNREADABLE_RETURN,
    Decision,
)
from lending.loop.dropped import ClaimOutcome, SaidBy
from lending.loop.pieces.kinds import Sort
from lending.loop.policy.limits import HELD, REVIEW, UNSEEN, LimitOwner
from lending.loop.steps import Action, Gap, State
from lending.loop.washed.recalled import is_recall
from lending.loop.write.reviews import Saying
from lending.notices.tables import NoticeKind, NoticeState
from lending.office.loan_board import Band, Reach
from lending.people.tables import Role
from lending.places.tables import SiteKind

SITE_KINDS: dict[str, LazyString] = {
    SiteKind.CAFE: _("카페"),
    SiteKind.WASH_CENTRE: _("세척장"),
    SiteKind.OFFICE: _("사무실"),
    SiteKind.SHOP: _("가게"),
    SiteKind.HALL: _("행사장"),
    SiteKind.BOX: _("반납함"),
    SiteKind.MACHINE: _("무인회수기"),
}
ROLES: dict[str, LazyString] = {
    Role.CAFE: _("카페 직원"),
    Role.WASH: _("세척장 직원"),
    Role.COURIER: _("수거 기사"),
    Role.MACHINE: _("기계"),
    Role.OFFICER: _("구 담당자"),
    Role.PLATFORM: _("배달 플랫폼의 접속"),
}
STATES: dict[str, LazyString] = {
    State.READY: _("깨끗함"),
    State.LENT: _("대여 중"),
    State.SHIPPED: _("보내는 중"),
    State.RETURNED: _("반납됨"),
    State.COLLECTED: _("수거됨"),
    State.DIRTY: _("세척 전"),
    State.WASHED: _("세척됨"),
    State.LOST: _("못 찾음"),
    State.RETIRED: _("폐기됨"),
}
ACTIONS: dict[str, LazyString] = {
    Action.REGISTER: _("등록"),
    Action.WASH: _("세척"),
    Action.PASS: _("검사 통과"),
    Action.REWASH: _("다시 세척"),
    Action.SHIP: _("보내기"),
    Action.STOCK: _("깨끗한 컵 받기"),
    Action.LEND: _("대여함"),
    Action.RETURN: _("반납"),
    Action.COLLECT: _("수거"),
    Action.RECEIVE: _("세척장 도착"),
    Action.RETIRE: _("폐기"),
    Action.LOSE: _("못 찾음"),
    Action.HOLD: _("사용 중지"),
    Action.RELEASE: _("다시 사용"),
    Action.VOID: _("되돌리기"),
    Action.EXTEND: _("연장"),
    Action.RELABEL: _("라벨 바꾸기"),
    Action.CLAIM: _("라벨 쓰기 시작"),
    Action.RESUME: _("다시 기다림"),
    Action.GIVE_UP: _("찾지 못한 채 마침"),
}
SORTS: dict[str, LazyString] = {
    Sort.TRACKED: _("하나씩 찍는 용기"),
    Sort.COUNTED: _("개수로만 세는 용기"),
    Sort.CRATE: _("나르는 상자·가방"),
}
BANDS: dict[str, LazyString] = {
    Band.ON_TIME: _("기한 안"),
    Band.DAYS_3: _("1~3일 지남"),
    Band.DAYS_7: _("4~7일 지남"),
    Band.DAYS_14: _("8~14일 지남"),
    Band.DAYS_30: _("15~30일 지남"),
    Band.MORE: _("30일 넘게 지남"),
    Band.LOST: _("못 찾음"),
}
REACHES: dict[str, LazyString] = {
    Reach.NOBODY: _("누구인지 모름"),
    Reach.NO_CONTACT: _("연락처 없음"),
    Reach.FAILED: _("알림을 보낼 수 없음"),
    Reach.MAYBE_SENT: _("보냈는지 확실하지 않음"),
}
NOTICES: dict[str, LazyString] = {
    NoticeKind.DUE_TOMORROW: _("하루 전 알림"),
    NoticeKind.DUE_TODAY: _("당일 알림"),
    NoticeKind.LATE_FIRST: _("첫 번째 지남 알림"),
    NoticeKind.LATE_SECOND: _("두 번째 지남 알림"),
    NoticeKind.FINAL: _("마지막 알림"),
    NoticeKind.ON_REQUEST: _("담당자가 보낸 알림"),
    NoticeKind.RESUMED: _("아직 못 찾았다는 알림"),
    NoticeKind.NOT_IN_BAG: _("수거한 가방에 없다는 알림"),
    NoticeKind.RECALLED: _("위생 점검 안내"),
    NoticeKind.CORRECTION: _("바로잡는 알림"),
}
NOTICE_STATES: dict[str, LazyString] = {
    NoticeState.WAITING: _("보낼 예정"),
    NoticeState.SENT: _("보냄"),
    NoticeState.MAYBE_SENT: _("보냈는지 확실하지 않음"),
    NoticeState.FAILED: _("보내지 못함"),
    NoticeState.PASSED_OVER: _("다음 알림으로 대신함"),
    NoticeState.DROPPED: _("보낼 필요가 없어짐"),
}
SUBJECTS: dict[str, LazyString] = {
    Saying.RETURNED: _("빌린 분이 이미 돌려줬다고 해요"),
    Saying.NOT_ME: _("알림을 받은 분이 빌리지 않았다고 해요"),
    Gap.UNCLEAN_LEND: _("세척을 마치지 않은 컵이 나갔어요"),
    Gap.HELD_LEND: _("사용을 중지한 컵이 나갔어요"),
    Gap.NOT_CLEAN: _("세척 기록 없이 깨끗한 컵으로 찍혔어요"),
    Gap.RETIRED_SEEN: _("폐기한 컵이 다시 보였어요"),
    Gap.SUPERSEDED: _("반납 기록 없이 다른 분에게 나갔어요"),
    Gap.BORROWER_UNRESOLVED: _("누가 빌렸는지 알 수 없어요"),
    Gap.CLOCK_SUSPECT: _("기기의 시각이 맞지 않아요"),
    Gap.UNKNOWN_CODE: _("등록되지 않은 컵이에요"),
    UNREADABLE_RETURN: _("코드를 읽을 수 없는 컵이 반납됐어요"),
    STOCKTAKING: _("재고 조사에서 맞지 않는 것이 있어요"),
    EVENT_DISPUTE: _("장례식장이 확인서의 한 줄이 다르다고 해요"),
    SHELF_OLD: _("선반에 너무 오래 있던 용기가 나갔어요"),
    f"{STUCK}{State.SHIPPED}": _("보낸 컵이 도착하지 않았어요"),
    f"{STUCK}{State.RETURNED}": _("반납된 컵이 수거되지 않았어요"),
    f"{STUCK}{State.COLLECTED}": _("수거한 컵이 세척장에 오지 않았어요"),
    f"{STUCK}{State.DIRTY}": _("씻을 컵이 남아 있어요"),
    f"{STUCK}{State.WASHED}": _("검사할 컵이 남아 있어요"),
    f"{STUCK}{State.READY}": _("깨끗한 컵이 오래 쓰이지 않았어요"),
    f"{STUCK}{HELD}": _("사용 중지한 컵이 남아 있어요"),
}
DECISIONS: dict[str, LazyString] = {
    Decision.NOTED: _("확인했어요"),
    Decision.VOID: _("잘못 찍힌 기록이에요"),
    Decision.RETURN: _("반납으로 기록"),
    Decision.FORGIVE: _("빌린 분에게 묻지 않기"),
    Decision.DETACH: _("이 사람과 연결 끊기"),
    Decision.REJECT: _("그대로 두기"),
    Decision.REPAIR: _("빠진 기록 채우기"),
}
# Of a cup said to be back the same choices have names of their own.
CLAIM_DECISIONS: dict[str, LazyString] = {
    Decision.RETURN: _("돌려준 걸로 기록"),
    Decision.FORGIVE: _("믿고 더 묻지 않기"),
    Decision.REJECT: _("못 찾았어요 · 기한 다시 세기"),
}
SAID_BY: dict[str, LazyString] = {
    SaidBy.RESIDENT: _("본인이 앱에서"),
    SaidBy.LINK: _("알림의 링크로"),
    SaidBy.STAFF: _("직원이 대신"),
}
CLAIM_OUTCOMES: dict[str, LazyString] = {
    ClaimOutcome.CONFIRMED: _("찾았어요"),
    ClaimOutcome.BELIEVED: _("돌려준 걸로 믿어요"),
    ClaimOutcome.NOT_FOUND: _("못 찾았어요"),
    ClaimOutcome.UNDECIDED: _("찾지 못한 채 마침"),
    ClaimOutcome.WITHDRAWN: _("본인이 가지고 있었어요"),
}
SETTLED: dict[str, LazyString] = DECISIONS | {
    "vanished": _("저절로 풀림"),
    "automatic": _("기한이 되어 자동으로"),
}
LIMITS: dict[str, LazyString] = {
    **{state: STATES[state] for state in STATES},
    HELD: _("사용 중지"),
    REVIEW: _("확인할 일"),
    UNSEEN: _("아무도 보지 않은 알림"),
}
OWNERS: dict[str, LazyString] = {
    LimitOwner.PLACE: _("그 장소"),
    LimitOwner.DESTINATION: _("받을 장소"),
    LimitOwner.OFFICER: _("구 담당자"),
}
LOOKS: dict[str, LazyString] = {
    "search": _("이용자 찾기"),
    "resident": _("이용자 화면"),
    "erase": _("개인정보 지우기"),
    "card": _("카드 바꾸기"),
    "photo": _("사진 보기"),
    "pick-up address": _("수거할 주소"),
    "month csv": _("월 보고 CSV"),
    "month xlsx": _("월 보고 엑셀"),
    "access log reviewed": _("접속 기록 점검"),
}


def decision(subject: str, choice: str) -> LazyString:
    """What a choice is called for this subject."""
    own = CLAIM_DECISIONS.get(choice) if subject == Saying.RETURNED else None
    return own or DECISIONS[choice]


def reason_words(reason: str | None) -> str:
    """Why something was done, as it is shown: a recall's hold carries its mark, not words."""
    return str(_("위생 검사로 모으는 중")) if is_recall(reason) else reason or ""
