"""Counted ware, a crate and two stocktakings, for tests that look at every page."""

from dataclasses import dataclass

from lending.db import transaction
from lending.loop.codes import make_code
from tests.personas import HARU, NABI, WASH, Loop
from tests.wares.conftest import CLEAN, Wares, add_counted, in_crate
from tests.wares.stocktaking import Stocktaking


@dataclass(frozen=True)
class WaresMade:
    """What has an address of its own."""

    crate: str
    counting: str  # an open session at Mina's café
    counted: str  # an ended one, not all right


def fill_wares(loop: Loop) -> WaresMade:
    """Two kinds of counted ware, a set with a lid, a packed crate, differences of every sort."""
    with transaction(loop.engine) as session:
        bowl, plate = add_counted(session, loop, ["bowl", "plate"])
    wares = Wares(loop, bowl, plate)
    wares.buy(50, wares.at(HARU))
    wares.buy(80, wares.at(WASH), kind_id=plate)
    crate, cups = loop.new_crate(), loop.passed_cups(2)
    loop.pack(crate, *cups)
    wares.buy(20, in_crate(loop.item_id(crate), CLEAN))
    [stray] = loop.clean_cups(1, at=NABI)
    ended = Stocktaking(wares)
    ended.note(stray, make_code())
    ended.type(47)
    ended.end()
    return WaresMade(crate, str(Stocktaking(wares).view.id), str(ended.view.id))
