"""What a till says of a crate: it has come with all that is in it, or what is in it."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import ngettext

from lending.loop.scans import Result
from lending.loop.steps import State
from lending.station.beep import BeepAnswer
from lending.station.crates import Contents
from lending.web.stations import Words

MOST_NAMED = 3  # kinds; more are told as a number of pieces


def crate_words(answer: BeepAnswer, inside: Contents, names: Mapping[str, str]) -> Words:
    """`names`: of kinds by their codes."""
    told = _told(inside, names)
    if answer.receipt is not None:
        again = answer.receipt.result is Result.REPEATED
        return _with_doubt(
            Words(
                _("상자 도착"), "calm" if again else "good", "check", told,
                _("컵은 하나씩 찍어 빌려주면 돼요.") if inside.count else "",
            ),
            inside,
        )  # fmt: skip
    before = answer.before
    if before is not None and before.state is State.RETIRED:
        return Words(_("폐기된 상자"), "care", "warning", told, _("세척장으로 보내 주세요."))
    if before is not None and before.state is State.COLLECTED:
        return Words(
            _("수거된 상자"), "calm", "info", told,
            _("아직 여기 있다면 수거하는 분께 알려 주세요."),
        )  # fmt: skip
    looked = Words(
        _("여기 있는 상자"), "calm", "info", told,
        _("빌려주거나 돌려받을 때는 컵을 하나씩 찍어 주세요."),
    )  # fmt: skip
    return _with_doubt(looked, inside)


def _told(inside: Contents, names: Mapping[str, str]) -> str:
    if not inside.count:
        return str(_("비어 있어요"))
    if len(inside.kinds) > MOST_NAMED:
        return str(ngettext("모두 %(num)s개", "모두 %(num)s개", inside.count))
    one = str(_("%(kind)s %(count)s개"))
    return " · ".join(
        one % {"kind": names.get(kind, kind), "count": count} for kind, count in inside.kinds
    )


def _with_doubt(words: Words, inside: Contents) -> Words:
    """What is not clean or put out of use comes and goes with its crate, but must not be lent."""
    if not inside.unfit:
        return words
    return Words(
        words.word, "care", "warning", words.line,
        ngettext(
            "이 가운데 %(num)s개는 빌려줄 수 없어요. 하나씩 찍어 보고 따로 두어 주세요.",
            "이 가운데 %(num)s개는 빌려줄 수 없어요. 하나씩 찍어 보고 따로 두어 주세요.",
            inside.unfit,
        ),
    )  # fmt: skip
