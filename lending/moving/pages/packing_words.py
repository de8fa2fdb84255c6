"""The words of the packing table: what each beep came to, and what to do next."""

from collections.abc import Sequence
from dataclasses import replace

from flask_babel import gettext as _

from lending.errors import Code, LendingError
from lending.moving.packing.closing import ListState
from lending.moving.packing.crates import Busy, CrateView
from lending.moving.packing.judging import Fate
from lending.moving.packing.lists import PackingLine, PackingView
from lending.moving.packing.pieces import Packed
from lending.moving.packing.sight import CrateSight
from lending.web.errors import explain
from lending.web.i18n import group_code
from lending.web.stations import Words

TAKEN = (Fate.PACKED, Fate.MOVED, Fate.SURPLUS)
SHOWN_CODES = 3


def words_of_piece(piece: Packed, view: PackingView, kind_name: str) -> Words:
    """One piece that was packed, taken out, or not."""
    line = next((one for one in view.lines if one.kind == piece.kind), None)
    return replace(_words_of_fate(piece, line), line=_line(piece, line, kind_name))


def words_of_many(pieces: Sequence[Packed], view: PackingView, *, out: bool) -> Words:
    """Pieces read together in one line."""
    done = sum(one.fate in ((Fate.OUT,) if out else TAKEN) for one in pieces)
    wrong = [one for one in pieces if is_to_check(one)]
    word = (
        _("%(count)s개 뺐어요", count=done) if out else _("%(count)s개 담았어요", count=done)
    )  # fmt: skip
    if not wrong:
        return Words(word, "back" if out else "good", "check", "", _what_next(view))
    codes = ", ".join(group_code(one.code) for one in wrong[:SHOWN_CODES])
    if len(wrong) > SHOWN_CODES:
        codes = _("%(codes)s 밖에 %(count)s개", codes=codes, count=len(wrong) - SHOWN_CODES)
    return Words(
        word, "care", "warning", _("%(count)s개는 담지 않았어요", count=len(wrong)),
        _("따로 빼 주세요: %(codes)s", codes=codes),
    )  # fmt: skip


def is_to_check(piece: Packed) -> bool:
    """Whether somebody is to look at it."""
    return piece.fate in (Fate.REFUSED, Fate.UNLISTED)


def words_of_crate(sight: CrateSight, place: str) -> Words:
    """A crate was scanned: it is in hand from now on, or cannot be."""
    if sight.busy is not None:
        return words_of_busy(sight.busy, sight.crate.to_name or "")
    count = sum(sight.crate.pieces.values())
    step = _("담을 것을 찍어 주세요.")
    if sight.left_over:
        left = _("안에 %(count)s개가 남아 있는 것으로 적혀 있어요", count=sight.left_over)
        return Words(_("상자"), "care", "warning", left, _("상자를 비우고 담아 주세요."))
    if count:
        line = _("%(count)s개 담긴 상자예요", count=count)
        return Words(_("이어서 담기"), "wait", "tray", line, step)
    return Words(_("새 상자"), "wait", "tray", _("%(place)s로 보낼 상자예요", place=place), step)


def words_of_busy(busy: Busy, place: str) -> Words:
    """Why a crate cannot be filled or loaded now; `place`: where it goes."""
    other = _("다른 상자를 찍어 주세요.")
    words = {
        Busy.SEALED: Words(
            _("봉인한 상자예요"), "calm", "check", place,
            _("더 담거나 빼려면 봉인 열기를 눌러 주세요."),
        ),
        Busy.OTHER_LIST: Words(_("다른 곳으로 가는 상자예요"), "bad", "warning", place, other),
        Busy.ON_ITS_WAY: Words(_("이미 나간 상자예요"), "bad", "warning", place, other),
        Busy.EMPTY: Words(
            _("빈 상자예요"), "care", "warning", "", _("담은 뒤에 봉인해 주세요.")
        ),
        Busy.CHANGED: Words(
            _("그 사이 담거나 뺀 상자예요"), "care", "warning", place,
            _("담긴 것을 확인하고 다시 봉인해 주세요."),
        ),
        Busy.NO_LIST: Words(
            _("담은 것이 없는 상자예요"), "care", "warning", "", _("담은 뒤에 다시 해 주세요.")
        ),
        Busy.LOADED: Words(
            _("이미 실은 상자예요"), "care", "warning", place,
            _("다른 곳으로 보내려면 먼저 세척장에 들여 주세요."),
        ),
    }  # fmt: skip
    return words[busy]


def words_of_error(error: LendingError, place: str = "") -> Words:
    """A refusal of the whole call."""
    if error.code is Code.CONFLICT and error.field == "crate":
        if error.detail in set(Busy):
            return words_of_busy(Busy(error.detail), place)
        if error.detail:  # what may not be sent
            codes = ", ".join(group_code(code) for code in error.detail.split()[:SHOWN_CODES])
            return Words(
                _("보낼 수 없는 것이 들어 있어요"), "bad", "warning", codes,
                _("꺼내서 빼기로 찍고 다시 봉인해 주세요."),
            )  # fmt: skip
    if error.code is Code.CONFLICT and error.field == "loaded":
        return Words(
            _("다시 열 수 없어요"), "care", "warning", _("이미 실은 상자가 있는 목록이에요"),
            _("더 보낼 것은 다음 날 목록에 담아 주세요."),
        )  # fmt: skip
    if error.code is Code.INVALID and error.field in ("quantities", "quantity"):
        return Words(
            _("그만큼 들어 있지 않아요"), "bad", "warning", "", _("담긴 수를 확인해 주세요.")
        )  # fmt: skip
    return refusal_words(error.code)


def words_of_counted(count: int, kind_name: str, view: PackingView, *, out: bool) -> Words:
    """So many pieces without codes went in or came out."""
    line = _("%(kind)s %(count)s개", kind=kind_name, count=count)
    if out:
        return Words(_("뺐어요"), "back", "undo", line)
    return Words(_("담았어요"), "good", "check", line, _what_next(view))


def words_of_done(do: str, crate: CrateView) -> Words:
    """A crate was sealed, opened again (unless it was sealed once more since) or given up."""
    if do == "reopen" and crate.sealed_at is not None:
        return words_of_busy(Busy.SEALED, crate.to_name or "")
    pieces = _("%(count)s개", count=sum(crate.pieces.values()))
    return {
        "seal": Words(_("봉인했어요"), "good", "check", pieces, _("다음 상자를 찍어 주세요.")),
        "reopen": Words(_("봉인을 열었어요"), "back", "undo", pieces, _("더 담거나 빼 주세요.")),
        "dissolve": Words(
            _("보내지 않기로 했어요"), "calm", "undo", pieces, _("담긴 것을 꺼내 주세요.")
        ),
    }[do]  # fmt: skip


def words_of_list(state: ListState) -> Words:
    """The list was closed or opened again, and is so now."""
    if state is ListState.OPEN:
        return Words(
            _("목록을 다시 열었어요"), "back", "undo", _("봉인한 상자는 그대로예요"),
            _("더 담을 상자를 찍어 주세요."),
        )  # fmt: skip
    return Words(
        _("포장을 마쳤어요"), "good", "check", "", _("봉인한 상자를 실을 곳에 모아 주세요.")
    )  # fmt: skip


def words_of_no_crate() -> Words:
    return Words(
        _("상자를 먼저 찍어 주세요"), "care", "warning", _("아직 아무것도 담지 않았어요")
    )  # fmt: skip


def refusal_words(code: Code) -> Words:
    """A refusal with a way on that fits the packing table."""
    basket = _("세척 바구니에 넣어 주세요.")
    aside = _("따로 두고 담당자에게 알려 주세요.")
    own = {
        Code.NOT_CLEAN: (_("깨끗하지 않은 컵"), basket),
        Code.HELD: (_("사용 중지된 컵"), aside),
        Code.RETIRED: (_("폐기된 컵"), _("폐기함에 넣어 주세요.")),
        Code.UNKNOWN_CODE: (_("처음 보는 컵"), aside),
        Code.NOT_ALLOWED_HERE: (_("여기에 없는 컵"), aside),
    }
    word, step = own.get(code) or explain(code)
    return Words(word.rstrip("."), "bad", "warning", "", step)


def _words_of_fate(piece: Packed, line: PackingLine | None) -> Words:
    done = _("이 종류는 다 담았어요.") if line is not None and not line.left else ""
    take_out = _("빼려면 빼기를 누르고 찍어 주세요.")
    words = {
        Fate.PACKED: Words(_("담았어요"), "good", "check", "", done),
        Fate.SURPLUS: Words(_("더 담았어요"), "care", "warning", "", take_out),
        Fate.MOVED: Words(_("이 상자로 옮겼어요"), "back", "check", "", done),
        Fate.AGAIN: Words(_("이미 이 상자에 있어요"), "calm", "check"),
        Fate.UNLISTED: Words(
            _("목록에 없는 종류예요"), "bad", "warning", "",
            _("제자리에 두세요. 꼭 보내야 하면 목록 밖도 담기를 켜 주세요."),
        ),
        Fate.OUT: Words(_("뺐어요"), "back", "undo"),
        Fate.LOOSE: Words(_("담겨 있지 않은 컵이에요"), "calm", "info"),
    }  # fmt: skip
    if piece.fate is Fate.REFUSED and piece.error is Code.INVALID and piece.kind is not None:
        step = _("상자 안에는 컵과 그릇만 담아요. 다른 상자면 따로 두세요.")
        return Words(_("상자는 상자에 담지 않아요"), "bad", "warning", "", step)
    return words.get(piece.fate) or refusal_words(piece.error or Code.INVALID)


def _line(piece: Packed, line: PackingLine | None, kind_name: str) -> str:
    if line is None or piece.fate in (Fate.REFUSED, Fate.UNLISTED):
        return kind_name
    told = f"{kind_name} {line.packed} / {line.pieces}"
    if piece.fate is Fate.SURPLUS:
        more = _("목록보다 %(count)s개 많아요", count=line.packed - line.pieces)
        return f"{told} · {more}"
    return told


def _what_next(view: PackingView) -> str:
    return "" if view.left else _("다 담았어요. 상자를 봉인해 주세요.")
