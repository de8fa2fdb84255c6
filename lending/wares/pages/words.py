"""What pages of counted ware call things: conditions, what happened, where ware comes from and goes."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString, gettext, ngettext
from flask_babel import lazy_gettext as _

from lending.loop.care.decisions import Decision
from lending.loop.steps import Action, State
from lending.people.tables import Role
from lending.wares.names import Names
from lending.wares.stocktaking.tables import Verdict
from lending.wares.ways import Account, Condition, Outside, Why
from lending.web.i18n import Named, group_code, name_of

CONDITIONS: dict[Condition, LazyString] = {
    Condition.DIRTY: _("세척 전"),
    Condition.WASHED: _("세척됨"),
    Condition.CLEAN: _("깨끗함"),
    Condition.HELD: _("사용 중지"),
}
OUTSIDE: dict[Outside, LazyString] = {
    Outside.BOUGHT: _("새로 산 곳"),
    Outside.BROKEN: _("깨짐"),
    Outside.RETIRED: _("폐기"),
    Outside.DIFFERENCE: _("세어 보니 다름"),
    Outside.SET: _("용기에 덮인 뚜껑"),
    Outside.MISSING: _("못 찾은 뚜껑"),
    Outside.LENT: _("행사에 나가 있음"),
    Outside.SHORT: _("행사에서 돌아오지 않음"),
}
WHYS: dict[Why, LazyString] = {
    Why.COUNTED: _("세어 보니 다름"),
    Why.BOUGHT: _("새로 들어옴"),
    Why.PACKED: _("상자에 담음"),
    Why.UNPACKED: _("상자에서 꺼냄"),
    Why.MOVED: _("다른 곳으로 옮김"),
    Why.USED: _("사용함"),
    Why.WASHED: _("세척함"),
    Why.PASSED: _("검사 통과"),
    Why.REWASHED: _("다시 세척"),
    Why.HELD: _("사용 중지"),
    Why.RELEASED: _("사용 중지 풀기"),
    Why.BROKEN: _("깨짐"),
    Why.RETIRED: _("폐기"),
    Why.JOINED: _("뚜껑을 덮음"),
    Why.PARTED: _("뚜껑을 뗌"),
    Why.MISSED: _("뚜껑이 없음"),
    Why.FOUND: _("뚜껑을 찾음"),
    Why.TAKEN_BACK: _("사용함을 되돌림"),
    Why.HANDED: _("상자째 행사에 내줌"),
    Why.UNOPENED: _("뜯지 않고 돌아옴"),
    Why.CAME_BACK: _("행사에서 돌아옴"),
    Why.SHORT: _("행사에서 돌아오지 않음"),
    Why.TURNED_UP: _("행사 뒤에 찾음"),
    Why.NOT_BROKEN: _("깨지지 않은 것으로 바로잡음"),
}
ROLES: dict[Role, LazyString] = {
    Role.CAFE: _("매장"),
    Role.WASH: _("세척장"),
    Role.COURIER: _("수거 기사"),
    Role.MACHINE: _("기계"),
    Role.OFFICER: _("구 담당자"),
}
ACTIONS: dict[Action, LazyString] = {
    Action.REGISTER: _("등록"),
    Action.WASH: _("세척"),
    Action.PASS: _("검사 통과"),
    Action.REWASH: _("다시 세척"),
    Action.SHIP: _("보내기"),
    Action.STOCK: _("받기"),
    Action.RETURN: _("반납"),
    Action.COLLECT: _("수거"),
    Action.RECEIVE: _("세척장 도착"),
    Action.RETIRE: _("폐기"),
    Action.LOSE: _("못 찾음"),
    Action.HOLD: _("사용 중지"),
    Action.RELEASE: _("다시 사용"),
    Action.VOID: _("되돌리기"),
    Action.RELABEL: _("라벨 바꾸기"),
    Action.CLAIM: _("라벨 쓰기 시작"),
    Action.PACK: _("상자에 담음"),
    Action.UNPACK: _("상자에서 꺼냄"),
}
STATES: dict[State, LazyString] = {
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
VERDICTS: dict[Verdict, LazyString] = {
    Verdict.MISSING: _("없는 것"),
    Verdict.UNEXPECTED: _("뜻밖에 있는 것"),
    Verdict.UNKNOWN: _("모르는 코드"),
    Verdict.PRESENT: _("맞는 것"),
}
SETTLED: dict[str, LazyString] = {
    Decision.REPAIR: _("찾은 것을 기록해 맞췄어요"),
    Decision.NOTED: _("확인만 하고 그대로 두었어요"),
    "automatic": _("기한이 되어 그대로 정리됐어요"),
}


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that is told of counted ware: its words, what to know, and its icon."""

    words: LazyString
    lead: LazyString
    icon: str


# In the order of the buttons.
VERBS: dict[Why, Verb] = {
    Why.COUNTED: Verb(
        _("세어 보기"),
        _("지금 있는 수를 세어 적어요. 기록과 다르면 차이가 누가 언제 셌는지와 함께 남아요."),
        "check",
    ),
    Why.PACKED: Verb(_("상자에 담기"), _("이곳의 그릇을 상자에 담아요."), "tray"),
    Why.UNPACKED: Verb(_("상자에서 꺼내기"), _("상자 안의 그릇을 이곳에 꺼내요."), "out"),
    Why.MOVED: Verb(_("다른 곳으로"), _("상자 없이 다른 곳으로 옮긴 그릇이에요."), "forward"),
    Why.USED: Verb(_("사용함"), _("쓴 그릇은 세척 전이 돼요."), "cup"),
    Why.WASHED: Verb(_("세척함"), _("씻은 그릇은 검사를 기다려요."), "drop"),
    Why.PASSED: Verb(_("검사 통과"), _("씻은 그릇이 깨끗해졌어요."), "check"),
    Why.REWASHED: Verb(_("다시 세척"), _("검사에서 걸린 그릇은 세척 전으로 돌아가요."), "return"),
    Why.BROKEN: Verb(_("깨짐"), _("깨진 그릇을 재고에서 빼요."), "warning"),
    Why.RETIRED: Verb(_("폐기"), _("더 쓰지 않는 그릇을 재고에서 빼요."), "close"),
    Why.BOUGHT: Verb(_("새로 들어옴"), _("새로 산 그릇을 재고에 더해요."), "plus"),
    Why.HELD: Verb(_("사용 중지"), _("따로 두고 쓰지 않을 그릇이에요."), "pin"),
    Why.RELEASED: Verb(_("사용 중지 풀기"), _("다시 씻어서 쓸 그릇이에요."), "undo"),
}
# Only these say where the ware is looked for besides the place itself.
NEEDS_CRATE = frozenset({Why.PACKED, Why.UNPACKED})
LIDS: dict[Why, Verb] = {
    Why.JOINED: Verb(_("뚜껑 덮기"), _("이곳의 뚜껑을 용기에 덮었어요."), "check"),
    Why.PARTED: Verb(_("뚜껑 떼기"), _("따로 씻으려고 용기에서 뗐어요."), "out"),
    Why.FOUND: Verb(_("뚜껑 찾음"), _("없던 뚜껑이 나왔어요."), "plus"),
}


def account_words(account: Account, sites: Mapping[int, Named], names: Names) -> str:
    """Where ware is, in words: `카페 하루 · 깨끗함`, `상자 4821-…`, `깨짐`."""
    if account.outside is not None:
        return str(OUTSIDE[account.outside])
    condition = str(CONDITIONS[account.condition]) if account.condition else ""
    if account.crate_id is not None:
        code = group_code(names.crates.get(account.crate_id, ""))
        return f"{gettext('상자 %(code)s', code=code)} · {condition}"
    site = sites.get(account.site_id or 0)
    return f"{name_of(site) if site else '?'} · {condition}"


def difference_words(difference: int) -> str:
    """`3개 모자람`, `3개 남음` or that it is right."""
    if difference == 0:
        return str(gettext("맞음"))
    if difference < 0:
        return str(ngettext("%(num)s개 모자람", "%(num)s개 모자람", -difference))
    return str(ngettext("%(num)s개 남음", "%(num)s개 남음", difference))
