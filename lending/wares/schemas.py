"""The shapes of what stocktaking tablets send and get."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from marshmallow import fields, validate

from lending.wares.pages.words import CONDITIONS
from lending.wares.stocktaking.notes import MOST_CODES, Noted, NotedPiece
from lending.wares.stocktaking.result import Progress
from lending.wares.values import MOST_PIECES
from lending.wares.ways import Condition
from lending.web.context import district
from lending.web.i18n import group_code, write_clock
from lending.web.schemas import FromTablet, Text


class PiecesBody(FromTablet):
    """Codes as readers sent them, one or a tray of them; `sealed`: crates are counted closed."""

    id = fields.UUID(required=True)
    seq = fields.Integer(load_default=None, allow_none=True)
    codes = fields.List(
        Text(required=True, max_length=300), required=True, validate=validate.Length(1, MOST_CODES)
    )
    sealed = fields.Boolean(load_default=True)


class LineBody(FromTablet):
    """A quantity typed; `crate`: the code of the opened crate that it lies in."""

    id = fields.UUID(required=True)
    seq = fields.Integer(load_default=None, allow_none=True)
    kind = Text(required=True, max_length=40)
    condition = fields.Enum(Condition, by_value=True, required=True)
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(0, MOST_PIECES))
    crate = Text(max_length=300, load_default=None, allow_none=True)


class BackBody(FromTablet):
    """A line taken back."""

    id = fields.UUID(required=True)
    seq = fields.Integer(load_default=None, allow_none=True)
    line = fields.UUID(required=True)


def piece_out(piece: NotedPiece) -> dict[str, Any]:
    """What became of a code, with its words: a big one, its colour and icon, a line below."""
    word, tone, icon, line = _words(piece)
    return {
        "code": piece.code,
        "outcome": piece.outcome,
        "kind": piece.kind,
        "expected": piece.expected,
        "inside": piece.inside,
        "check": tone in {"care", "bad"},
        "word": word,
        "tone": tone,
        "icon": icon,
        "line": line,
    }


def pieces_out(pieces: list[NotedPiece]) -> dict[str, Any]:
    """The answer to one call: each code, those to look at first, and the whole in one line."""
    lines = sorted(map(piece_out, pieces), key=lambda line: not line["check"])
    check = sum(line["check"] for line in lines)
    count = ngettext("%(num)s개 셌어요", "%(num)s개 셌어요", len(lines))
    more = (
        ngettext("%(num)s개는 살펴봐 주세요", "%(num)s개는 살펴봐 주세요", check) if check else ""
    )
    return {
        "lines": lines,
        "word": count,
        "next_step": more,
        "tone": "care" if check else "good",
        "icon": "warning" if check else "check",
    }


def progress_out(progress: Progress) -> dict[str, Any]:
    """An open session for a tablet."""
    zone = district().timezone
    return {
        "open": progress.session.is_open,
        "tallies": [
            {"kind": one.kind, "expected": one.expected, "noted": one.noted}
            for one in progress.tallies
        ],
        "unknown": progress.unknown,
        "lines": [
            {
                "id": line.id,
                "kind": line.kind,
                "condition": str(CONDITIONS[line.condition]),
                "crate": line.crate and group_code(line.crate),
                "quantity": line.quantity,
                "at": write_clock(line.at, zone),
            }
            for line in progress.lines
        ],
        "not_counted": [
            {
                "kind": one.kind,
                "condition": one.condition,
                "words": str(CONDITIONS[one.condition]),
                "expected": one.expected,
            }
            for one in progress.not_counted
        ],
    }


def _words(piece: NotedPiece) -> tuple[str, str, str, str]:
    inside = (
        ngettext("안에 든 %(num)s개도 함께", "안에 든 %(num)s개도 함께", piece.inside)
        if piece.inside
        else ""
    )
    if piece.outcome is Noted.AGAIN:
        return _("이미 셌어요"), "calm", "info", inside
    if piece.outcome is Noted.UNKNOWN:
        return _("모르는 코드예요"), "care", "warning", _("등록되지 않았지만 적어 두었어요.")
    if piece.outcome is Noted.UNREADABLE:
        return _("읽을 수 없어요"), "bad", "warning", _("다시 찍거나 번호를 넣어 주세요.")
    if not piece.expected:
        return _("뜻밖에 있어요"), "care", "info", _("기록에는 다른 곳에 있어요. 적어 두었어요.")
    return _("있어요"), "good", "check", inside
