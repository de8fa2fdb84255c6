"""What happened to an event, moment by moment, from its crates and statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from lending.events.pages import words
from lending.events.statements.reading import Version
from lending.events.values import EventCrateView, EventView
from lending.web.i18n import group_code


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened: when, what, a line below."""

    at: datetime
    words: str
    line: str = ""


def moments_of(
    event: EventView, crates: Sequence[EventCrateView], versions: Iterable[Version]
) -> list[Moment]:
    """What is known of an event, the newest first."""
    found = [one for crate in crates for one in _of_crate(crate)]
    for row in versions:
        why = _("확인서 %(version)s판 · %(why)s", version=row.version, why=words.WHYS[row.why])
        found.append(Moment(row.made_at, why))
    if event.settled_at:
        found.append(Moment(event.settled_at, _("정산을 마쳤어요")))
    return sorted(found, key=lambda one: one.at, reverse=True)


def _of_crate(crate: EventCrateView) -> list[Moment]:
    code = group_code(crate.code)
    signed = _("서명 %(signed)s", signed=crate.signed)
    what = _("상자 %(code)s 더 줌", code=code) if crate.top_up else _("상자 %(code)s 줌", code=code)
    found = [Moment(crate.handed_at, what, " · ".join(filter(None, (signed, crate.handed_by))))]
    if crate.back_at and crate.back_how:
        how = words.BACK[crate.back_how]
        line = " · ".join(filter(None, (crate.back_signed, crate.back_by)))
        found.append(Moment(crate.back_at, _("상자 %(code)s · %(how)s", code=code, how=how), line))
    if crate.in_at:
        found.append(Moment(crate.in_at, _("상자 %(code)s 세척장 도착", code=code)))
    return found
