"""The words of a crate's way: its stage, and what a scan of it came to."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from lending.errors import Code, LendingError
from lending.moving.packing.crates import Busy, CrateView
from lending.moving.packing.whereabouts import Stage
from lending.moving.pages.packing_words import words_of_busy
from lending.moving.rounds.beeps import Move, MoveAnswer
from lending.people.tables import Role
from lending.web.errors import explain
from lending.web.stations import Words

STAGES = {
    Stage.MISSING: (lazy_gettext("찾는 중"), "danger"),
    Stage.PACKING: (lazy_gettext("담는 중"), "neutral"),
    Stage.SEALED: (lazy_gettext("봉인함"), "info"),
    Stage.LOADED: (lazy_gettext("실음"), "info"),
    Stage.DELIVERED: (lazy_gettext("내려놓음"), "warning"),
    Stage.TAKEN: (lazy_gettext("돌아오는 중"), "info"),
    Stage.STANDING: (lazy_gettext("서 있음"), "neutral"),
}
MOVES = {
    Move.LOAD: (lazy_gettext("싣기"), "forward"),
    Move.DELIVER: (lazy_gettext("내려놓기"), "pin"),
    Move.RECEIVE: (lazy_gettext("장소에서 받기"), "check"),
    Move.TAKE: (lazy_gettext("가져가기"), "return"),
    Move.BRING: (lazy_gettext("세척장에 들이기"), "back"),
}
DONE = {
    Move.LOAD: lazy_gettext("실었어요"),
    Move.DELIVER: lazy_gettext("내려놓았어요"),
    Move.RECEIVE: lazy_gettext("장소에서 받았어요"),
    Move.TAKE: lazy_gettext("가져가요"),
    Move.BRING: lazy_gettext("들어왔어요"),
}


def moves_of(role: Role) -> list[Move]:
    """What somebody with this role may tell of a crate, the most usual first."""
    return [Move.LOAD, Move.BRING] if role is Role.WASH else list(Move)


def words_of_move(answer: MoveAnswer, move: Move, place: str, *, by_piece: bool = False) -> Words:
    """A move that was recorded, now or before; `place`: where the crate goes; `by_piece`: an order's
    bag, of which nobody knows what it holds."""
    count = sum(answer.crate.pieces.values())
    line = _("%(count)s개", count=count)
    if by_piece and not count:
        line = _("수거한 가방이에요. 용기는 하나씩 찍어 주세요.")
    elif place and move is not Move.BRING:
        line = _("%(place)s · %(count)s개", place=place, count=count)
    if answer.again:
        again = _("이미 실은 상자예요") if move is Move.LOAD else _("이미 적었어요")
        return Words(again, "calm", "check", line)
    tone = "good" if move in (Move.LOAD, Move.RECEIVE) else "back"
    return Words(str(DONE[move]), tone, MOVES[move][1], line)


def words_of_refusal(error: LendingError, crate: CrateView | None) -> Words:
    """A move that was not recorded; `crate` as it stands, where there is one."""
    if error.field == "crate" and error.code in (Code.NOT_FOUND, Code.INVALID):
        return Words(
            _("상자의 코드가 아니에요"), "bad", "warning", "", _("상자에 붙은 코드를 찍어 주세요.")
        )  # fmt: skip
    if error.code is Code.CONFLICT and error.detail in set(Busy):
        return words_of_busy(Busy(error.detail), (crate.to_name or "") if crate else "")
    if error.field == "to" or (error.code is Code.CONFLICT and crate and crate.way is None):
        return Words(
            _("어디로 갈 상자인지 몰라요"), "care", "warning", "",
            _("받는 곳을 고르고 다시 찍어 주세요."),
        )  # fmt: skip
    if error.code is Code.CONFLICT and crate and crate.packing_id and not crate.sealed_at:
        return Words(
            _("아직 봉인하지 않은 상자예요"), "bad", "warning", crate.to_name or "",
            _("포장에서 봉인하고 다시 찍어 주세요."),
        )  # fmt: skip
    if error.code is Code.CONFLICT:
        return Words(
            _("지금은 할 수 없어요"), "bad", "warning", (crate.to_name or "") if crate else "",
            _("상자가 어디까지 갔는지 아래에서 확인해 주세요."),
        )  # fmt: skip
    message, next_step = explain(error.code)
    return Words(message.rstrip("."), "bad", "warning", "", next_step)
