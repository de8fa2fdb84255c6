"""Drives a stocktaking session as tablets do."""

import uuid
from typing import Any

import pytest

from lending.errors import LendingError
from lending.loop.care.decisions import STOCKTAKING
from lending.loop.read.review_queue import ReviewView, list_reviews
from lending.loop.scans import Result
from lending.people.actors import Actor
from lending.wares.stocktaking.end import end_session
from lending.wares.stocktaking.notes import (
    LineIn,
    NotedPiece,
    note_pieces,
    note_quantity,
)
from lending.wares.stocktaking.repair import Repaired, repair_stocktaking
from lending.wares.stocktaking.result import (
    Progress,
    StocktakeResult,
    list_pieces,
    load_progress,
)
from lending.wares.stocktaking.sessions import (
    SessionView,
    begin_session,
)
from lending.wares.stocktaking.tables import Verdict
from tests.personas import HARU, MINUTE
from tests.wares.conftest import CLEAN, Wares


class Stocktaking:
    """A session at a place; every step commits and takes a minute."""

    def __init__(self, wares: Wares, site: str = HARU, by: Actor | None = None) -> None:
        self.wares, self.loop = wares, wares.loop
        self.by = by or self.loop.town.mina
        self.site = self.loop.town.sites[site]
        self.view: SessionView = self.write(begin_session, id=uuid.uuid4(), site_id=self.site)
        self.loop.now += MINUTE

    def write(self, service: Any, **more: Any) -> Any:
        more = {"actor": self.by, "now": self.loop.now} | more
        return self.loop.write(lambda s: service(s, **more))

    def note(self, *codes: str, **more: Any) -> list[NotedPiece]:
        more = {"session_id": self.view.id, "codes": codes, "at": self.loop.now} | more
        noted: list[NotedPiece] = self.write(note_pieces, **more)
        self.loop.now += MINUTE
        return noted

    def type(self, quantity: int, **more: Any) -> LineIn:
        values = {"id": uuid.uuid4(), "kind_id": self.wares.bowl, "condition": CLEAN} | more
        line = LineIn(quantity=quantity, at=self.loop.now, **values)
        assert self.send(line) is Result.RECORDED
        self.loop.now += MINUTE
        return line

    def send(self, line: LineIn) -> Result:
        result: Result = self.write(note_quantity, session_id=self.view.id, line=line)
        return result

    def progress(self) -> Progress:
        return self.wares.read(lambda s: load_progress(s, session_id=self.view.id, actor=self.by))  # type: ignore[no-any-return]

    def end(self) -> StocktakeResult:
        result: StocktakeResult = self.write(end_session, session_id=self.view.id)
        self.loop.now += MINUTE
        return result

    def pieces(self, *verdicts: Verdict) -> set[str]:
        page = self.wares.read(
            lambda s: list_pieces(s, session_id=self.view.id, actor=self.by, verdicts=verdicts)
        )
        return {piece.code for piece in page.items}

    def repair(self, **more: Any) -> Repaired:
        more = {"session_id": self.view.id, "keys": self.loop.keys} | more
        repaired: Repaired = self.write(repair_stocktaking, **more)
        return repaired

    def reviews(self, *, settled: bool = False) -> list[ReviewView]:
        page = self.wares.read(lambda s: list_reviews(s, actor=self.by, settled=settled))
        return [one for one in page.items if one.subject == STOCKTAKING]


def refused(service: Any, *args: Any, **more: Any) -> LendingError:
    with pytest.raises(LendingError) as caught:
        service(*args, **more)
    return caught.value
