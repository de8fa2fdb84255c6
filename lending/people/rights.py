"""Which role may do which action, and whether only at its own site; pure."""

from collections.abc import Mapping

from lending.people.actors import Actor, ActorKind
from lending.people.tables import Role

_SHARED = frozenset(
    {
        "ship",
        "stock",
        "return",
        "collect",
        "retire",
        "lose",
        "hold",
        "void",
        "relabel",
        "claim",
        "pack",
        "unpack",
    }
)
_CAFE = _SHARED | {"lend", "extend"}
_WASH = _SHARED | {"register", "wash", "pass", "rewash", "receive", "release"}

RIGHTS: Mapping[Role, frozenset[str]] = {
    Role.OFFICER: _CAFE | _WASH | {"resume"},
    Role.COURIER: frozenset({"ship", "stock", "collect", "receive", "pack", "unpack"}),
    Role.CAFE: _CAFE,
    Role.WASH: _WASH,
    Role.MACHINE: frozenset({"return"}),
    Role.RESIDENT: frozenset(),  # residents act through pages of their own, at a place's side
    Role.PLATFORM: frozenset(),  # tells of orders and is told; it never scans
}


SYSTEM = frozenset({"give_up"})  # what only the worker does


def may(role: Role, action: str) -> bool:
    """Whether the role takes this action at all (a value of loop.steps.Action)."""
    return action in RIGHTS[role]


def allows(actor: Actor, action: str) -> bool:
    """Whether the actor takes this action at all; the worker has an officer's rights and more."""
    return may(actor.role, action) or (actor.kind is ActorKind.SYSTEM and action in SYSTEM)


def at_any_site(role: Role) -> bool:
    """Whether the role acts at every site of its district, naming it, instead of at its own."""
    return role in {Role.OFFICER, Role.COURIER}


def may_act_at(role: Role, *, own_site_id: int | None, site_id: int) -> bool:
    """Whether the role may act at this site of its district."""
    return at_any_site(role) or own_site_id == site_id
