"""Panels: what one package shows on a page of another, which never learns who offered it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

ITEM = "item"  # a piece's public page, /i/<code>
PLACE = "place"  # every page of a place's own people: notices only


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page: `template` is included with the panel as `panel`, which reads its `values`.

    `notice`: a template of the same kind for the head of the page, where there is something that
    nobody may miss; `action`: one for what can be done with the thing, beside the page's own
    buttons. A panel may have any of them; "" is none.
    """

    template: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    notice: str | None = None
    action: str | None = None


Maker = Callable[[Session, int, datetime], Panel | None]

_makers: dict[str, list[Maker]] = {}


def offer(slot: str, maker: Maker) -> None:
    """Adds a maker to a slot, once, when its package's pages are imported.

    `maker(session, subject's id, now)` → its panel, or None where it has nothing to say. A slot may
    lie on a page that the public opens: one short statement each, and never a person.
    """
    makers = _makers.setdefault(slot, [])
    if maker not in makers:
        makers.append(maker)


def panels_of(session: Session, slot: str, subject_id: int, *, now: datetime) -> list[Panel]:
    """The panels of a slot for one subject, in the order they were offered."""
    made = (maker(session, subject_id, now) for maker in _makers.get(slot, ()))
    return [panel for panel in made if panel is not None]
