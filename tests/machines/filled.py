"""Machines in every state they can be in, for tests that look at every page."""

from dataclasses import dataclass
from datetime import UTC, datetime

from lending.machines.tables import Why
from lending.photos.pictures import clean_picture
from tests.machines.conftest import GLAS, ROBO, add_machines
from tests.personas import HARU, MINJI, MINUTE, Loop
from tests.photos.pictures import picture, sent_as


@dataclass(frozen=True)
class MachinesMade:
    """The place of the machine that has something of everything, and a cup it did not take."""

    site: int
    refused: str


def fill_machines(loop: Loop) -> MachinesMade:
    """Robo, full and faulty, refused a cup; Glas, which took bottles, says nothing any more. Both
    are Haru's."""
    machines = add_machines(loop)
    cup = loop.clean_cup()
    loop.now = datetime.now(UTC) - 40 * MINUTE
    machines.set_up(ROBO, model="Eco-3", keeper=HARU, accepts=("cup-355",))
    machines.set_up(GLAS, keeper=HARU, takes_bottles=True)
    machines.beat(GLAS, fullness=10)
    machines.take(machines.deposit(12, MINJI), machines.deposit(40))
    loop.now = datetime.now(UTC) - 2 * MINUTE
    machines.beat(ROBO, fullness=30, temperature=21.5, software="1.0")
    machines.beat(ROBO, fullness=97, temperature=71.0, software="1.1", errors=("E12 belt",))
    jpeg = clean_picture(sent_as(picture(40, 30), "JPEG"))
    machines.refuse(machines.refused(cup), jpeg=jpeg)
    machines.refuse(machines.refused("", Why.UNREADABLE))
    loop.now = datetime.now(UTC)
    machines.watch()
    return MachinesMade(machines.sites[ROBO].id, cup)
