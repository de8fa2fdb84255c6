"""A washing centre in the middle of a shift, for tests that look at every page."""

import uuid
from dataclasses import dataclass

from lending.washing.batches.machines import ProgrammeIn, add_programme
from lending.washing.batches.tables import Measure
from tests.personas import Loop
from tests.washing.centre import Centre


@dataclass(frozen=True)
class WashingMade:
    """Batches of the centre: one that runs, with more in it than its machine takes, one finished."""

    running: uuid.UUID
    finished: uuid.UUID


def fill_washing(loop: Loop) -> WashingMade:
    """Machines, a programme, a batch that runs and one whose pieces are half inspected."""
    centre = Centre(loop)
    steps = ProgrammeIn("표준", ["wash", "rinse", "dry"], "80")
    programme = centre.write(add_programme, steps, actor=centre.jun)
    machines = {"1호기": 2, "2호기": 400}
    for name, capacity in machines.items():
        centre.machine(name, capacity)
    cups = loop.new_cups(4)
    finished = centre.washed(*cups, machine="2호기")
    loop.pass_(cups[0])
    loop.rewash(cups[1], reason="lipstick")
    running = centre.begin("1호기", programme_id=programme.id)
    centre.put(running, *loop.new_cups(3))
    centre.read(running, "71.5", Measure.TEMPERATURE)
    return WashingMade(running, finished)
