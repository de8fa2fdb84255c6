"""What the centre still has to give: what is packed for another day is spoken for."""

from datetime import timedelta

from lending.moving.supply.ready import ready_at_centres
from tests.moving.conftest import TODAY, Moving
from tests.personas import Loop


def ready(moving: Moving, day) -> int:
    found = moving.read(ready_at_centres, district_id=moving.town.id, day=day)
    return sum(found.values())


def test_what_is_packed_for_another_day_cannot_be_given(loop: Loop, moving: Moving) -> None:
    before = ready(moving, TODAY)
    moving.sealed_crate(count=2)
    loop.passed_cups(3)
    assert ready(moving, TODAY) == before + 5
    assert ready(moving, TODAY + timedelta(days=1)) == before + 3
