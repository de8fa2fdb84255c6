"""The worker as an actor: what happens by itself is signed by nobody."""

from lending.people.actors import Actor, ActorKind
from lending.people.tables import Role


def system_actor(district_id: int) -> Actor:
    """The worker, acting in one district with an officer's rights."""
    return Actor(ActorKind.SYSTEM, Role.OFFICER, district_id)
