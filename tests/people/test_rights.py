"""Who may do what: the sentences of the issue, one by one."""

import pytest

from lending.loop.steps import Action
from lending.people.rights import RIGHTS, at_any_site, may, may_act_at
from lending.people.tables import Role


def allowed(role: Role) -> set[str]:
    return {action.value for action in Action if may(role, action.value)}


def test_an_officer_takes_every_action_at_every_site() -> None:
    # Giving a claimed loan up is the worker's alone: it goes by the calendar.
    assert allowed(Role.OFFICER) == {action.value for action in Action} - {"give_up"}
    assert may_act_at(Role.OFFICER, own_site_id=None, site_id=7)


def test_a_courier_moves_everywhere_and_does_nothing_else() -> None:
    assert allowed(Role.COURIER) == {"ship", "stock", "collect", "receive", "pack", "unpack"}
    assert may_act_at(Role.COURIER, own_site_id=None, site_id=7)


def test_a_machine_takes_returns_at_its_own_site() -> None:
    assert allowed(Role.MACHINE) == {"return"}
    assert may_act_at(Role.MACHINE, own_site_id=7, site_id=7)
    assert not may_act_at(Role.MACHINE, own_site_id=7, site_id=8)


def test_only_a_cafe_lends_and_only_the_centre_washes() -> None:
    assert {role for role in Role if may(role, "lend")} == {Role.CAFE, Role.OFFICER}
    assert {role for role in Role if may(role, "wash")} == {Role.WASH, Role.OFFICER}
    assert {role for role in Role if may(role, "pass")} == {Role.WASH, Role.OFFICER}
    assert allowed(Role.RESIDENT) == set()


@pytest.mark.parametrize("role", list(Role))
def test_every_role_is_listed_with_real_actions_only(role: Role) -> None:
    assert {action.value for action in Action} >= RIGHTS[role]
    assert at_any_site(role) == (role in {Role.OFFICER, Role.COURIER})
