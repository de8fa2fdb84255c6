"""Counted ware's pages ask who acts for a district which place is meant."""

import pytest

from tests.callers import Caller
from tests.personas import HARU
from tests.wares.conftest import Wares


@pytest.mark.parametrize("page", ["moves", "crates", "lids", "record/broken", "stocktaking"])
def test_who_acts_for_the_district_chooses_a_place_first(
    wares: Wares, doors: dict[str, Caller], page: str
) -> None:
    asked = doors["olga"].open(f"/wares/{page}")
    assert asked.status_code == 200
    code = wares.loop.site(HARU)
    link = f"/wares/{page}?site={code}"
    assert f'href="{link}"' in asked.text
    assert doors["olga"].open(link).status_code == 200
