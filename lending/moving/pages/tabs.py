"""The tabs of the work area: who looks sees the pages of their own role."""

from typing import Any

from flask import render_template
from flask_babel import gettext as _

from lending.people.tables import Role
from lending.web.access import current_actor

Tab = tuple[str, str]
"""(address, words)."""


def moving_tabs() -> list[Tab]:
    """The pages of moving that the one who looks may open; a new page: add a line."""
    role = current_actor().role
    office = {Role.OFFICER}
    tabs = [
        ("/moving", _("보낼 양"), office),
        ("/moving/packing", _("포장"), office | {Role.WASH}),
        ("/moving/crates", _("상자"), office | {Role.WASH, Role.COURIER}),
        ("/moving/rounds", _("배송 차례"), office),
        ("/office/pickups", _("문 앞 수거"), office),
        ("/supply", _("장소 대신 요청"), office),
        ("/moving/settings", _("배송 설정"), office),
    ]
    return [(address, words) for address, words, roles in tabs if role in roles]


def moving_page(template: str, here: str, **values: Any) -> str:
    """A page in the frame templates/moving/desk.html; `here`: the address of its tab."""
    return render_template(template, here=here, tabs=moving_tabs(), **values)
