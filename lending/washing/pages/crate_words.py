"""The words of a crate that took its step, and of a stain that retires nothing."""

from flask_babel import gettext as _

from lending.washing.table.outcomes import Load
from lending.web.stations import Words


def words_of_load(load: Load) -> str:
    """What a crate took along: "상자 · 컵 40개"."""
    parts = [_("상자 · 컵 %(count)s개", count=load.pieces)]
    if load.loose:
        parts.append(_("수량 그릇 %(count)s개", count=load.loose))
    return " · ".join(parts)


def kept_words() -> Words:
    """A stain on a piece of a kind that it alone does not retire."""
    return Words(
        _("착색만으로는 폐기하지 않아요"), "calm", "info", _("아무것도 적지 않았어요"),
        _("다른 문제가 없으면 검사 통과로 다시 찍어 주세요."),
    )  # fmt: skip
