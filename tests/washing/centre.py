"""The washing centre in tests: batches, tests and recalls by services, each call a transaction."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import LendingError
from lending.loop.steps import Action
from lending.loop.tables import Item, Scan
from lending.notices.tables import Notice, NoticeKind
from lending.people.actors import Actor
from lending.places.sites import SiteView, load_sites
from lending.places.tables import Site
from lending.washing.batches.lifecycle import (
    BatchIn,
    Ending,
    ReadingIn,
    begin_batch,
    finish_batch,
    note_reading,
)
from lending.washing.batches.machines import add_machine
from lending.washing.batches.pieces import AddedLine, PutIn, add_to_batch
from lending.washing.batches.tables import Measure
from lending.washing.batches.views import BatchView, load_batch
from lending.washing.hygiene.recall_views import RecallView, view_recall
from lending.washing.hygiene.recalls import confirm_recall, release_recall
from lending.washing.hygiene.results import ResultIn, enter_again, enter_result
from lending.washing.hygiene.samples import SampleIn, note_sample
from lending.washing.hygiene.sweep import sweep_recalls
from lending.washing.hygiene.tables import Scope
from lending.washing.hygiene.tested import TestView
from tests.personas import HARU, WASH, Loop


@dataclass
class Centre:
    """Jun at the washing centre; what he does takes no time unless the loop's clock is moved."""

    loop: Loop
    machines: dict[str, int] = field(default_factory=dict)

    @property
    def jun(self) -> Actor:
        return self.loop.town.jun

    def site(self, code: str = WASH) -> SiteView:
        with Session(self.loop.engine) as session:
            id = self.loop.town.sites[code]
            return load_sites(session, site_ids=[id])[id]

    def write(self, work: Any, *args: Any, **more: Any) -> Any:
        """A service called in a transaction of its own, now."""
        now = self.loop.now
        return self.loop.write(lambda session: work(session, *args, now=now, **more))

    def require_batch(self) -> None:
        """Sets the centre's `batch_required`."""
        wash = self.loop.town.sites[WASH]
        self.loop.write(
            lambda session: session.execute(
                sa.update(Site).where(Site.id == wash).values(batch_required=True)
            )
        )

    def machine(self, name: str = "A", capacity: int = 0) -> int:
        if name not in self.machines:
            made = self.write(
                add_machine, site_id=self.loop.town.sites[WASH], name=name, capacity=capacity,
                actor=self.jun,
            )  # fmt: skip
            self.machines[name] = made.id
        return self.machines[name]

    def begin(self, machine: str | None = None, **more: Any) -> uuid.UUID:
        """A batch that begins now."""
        machine_id = self.machine(machine) if machine else None
        batch = BatchIn(uuid.uuid4(), self.loop.now, machine_id=machine_id, **more)
        view: BatchView = self.write(begin_batch, batch, actor=self.jun, site=self.site())
        return view.id

    def put(self, batch: uuid.UUID, *codes: str, at: datetime | None = None) -> list[AddedLine]:
        put = PutIn(uuid.uuid4(), batch, codes, at or self.loop.now)
        lines: list[AddedLine] = self.write(add_to_batch, put, actor=self.jun, keys=self.loop.keys)
        return lines

    def finish(
        self, batch: uuid.UUID, *, id: uuid.UUID | None = None, at: datetime | None = None
    ) -> BatchView:
        """Ends a batch now; then a minute passes."""
        end = Ending(id or uuid.uuid4(), batch, at or self.loop.now)
        view: BatchView = self.write(finish_batch, end, actor=self.jun, keys=self.loop.keys)
        self.loop.now += timedelta(minutes=1)
        return view

    def washed(self, *codes: str, machine: str | None = None) -> uuid.UUID:
        """A batch of these pieces and crates, begun and finished within two minutes."""
        batch = self.begin(machine)
        self.loop.now += timedelta(minutes=1)
        self.put(batch, *codes)
        self.finish(batch)
        return batch

    def passed(self, *codes: str, machine: str | None = None) -> uuid.UUID:
        """The same, and each piece passed."""
        batch = self.washed(*codes, machine=machine)
        scans = [self.loop.scan(Action.PASS, code, ask=True) for code in codes]
        for receipt in self.loop.go(*scans, by=self.jun):
            assert receipt.error is None
        return batch

    def look(self, batch: uuid.UUID) -> BatchView:
        with Session(self.loop.engine) as session:
            return load_batch(session, batch_id=batch, district_id=self.loop.town.id)

    def read(self, batch: uuid.UUID, value: str | float, measure: Measure) -> None:
        reading = ReadingIn(uuid.uuid4(), batch, measure, value, self.loop.now)
        self.write(note_reading, reading, actor=self.jun)

    # -- hygiene ------------------------------------------------------------------------------

    def sample(self, batch: uuid.UUID | None = None, **more: Any) -> uuid.UUID:
        """A sample taken now; then a minute passes."""
        kind = more.pop("kind", "atp")
        taken = SampleIn(uuid.uuid4(), kind, self.loop.now, batch_id=batch, **more)
        self.write(note_sample, taken, actor=self.jun, site=self.site())
        self.loop.now += timedelta(minutes=1)
        return taken.id

    def result(self, test: uuid.UUID, value: str | float, scope: Scope = Scope.BATCH) -> TestView:
        told = ResultIn(test, value, self.loop.now, scope)
        view: TestView = self.write(enter_result, told, actor=self.jun, keys=self.loop.keys)
        return view

    def again(self, test: uuid.UUID, value: str | float) -> TestView:
        """The value entered a second time."""
        view: TestView = self.write(
            enter_again, ResultIn(test, value, self.loop.now), request_id=uuid.uuid4(),
            actor=self.jun, keys=self.loop.keys,
        )  # fmt: skip
        return view

    def fail(
        self, batch: uuid.UUID | None = None, scope: Scope = Scope.BATCH, **more: Any
    ) -> uuid.UUID:
        """A sample over the limit; the id of its recall."""
        view = self.result(self.sample(batch, **more), 2000, scope)
        assert view.recall_id is not None
        self.loop.now += timedelta(minutes=1)
        return view.recall_id

    def confirm(self, recall: uuid.UUID) -> int:
        told: int = self.write(confirm_recall, recall_id=recall, actor=self.loop.town.officer)
        return told

    def release(self, recall: uuid.UUID, reason: str = "retest 90") -> int:
        back: int = self.write(
            release_recall, recall_id=recall, reason=reason, actor=self.jun, keys=self.loop.keys
        )
        return back

    def recall(self, recall: uuid.UUID) -> RecallView:
        with Session(self.loop.engine) as session:
            return view_recall(session, recall_id=recall, district_id=self.loop.town.id)

    # -- the log, read without any service ----------------------------------------------------

    def held(self, recall: uuid.UUID) -> set[str]:
        """The codes of what stands on hold for this recall."""
        query = sa.select(Item.code).where(Item.hold == f"recall:{recall}")
        with Session(self.loop.engine) as session:
            return set(session.scalars(query))

    def last_washed_in(self, *batches: uuid.UUID, required: bool = False) -> set[str]:
        """The pieces whose last wash in the log is one of these batches: one plain statement.
        `required`: a wash without a batch is none."""
        good = "AND l.batch_id IS NOT NULL" if required else ""
        text = sa.text(
            "SELECT item.code FROM item JOIN scan ON scan.item_id = item.id"
            " WHERE scan.action = 'wash' AND NOT item.carrier AND item.state <> 'retired'"
            " AND scan.batch_id IN :batches"
            " AND NOT EXISTS (SELECT 1 FROM scan v WHERE v.of = scan.id AND v.action = 'void')"
            " AND NOT EXISTS (SELECT 1 FROM scan l WHERE l.item_id = item.id AND l.action = 'wash'"
            f"  {good} AND l.occurred_at > scan.occurred_at AND NOT EXISTS"
            "   (SELECT 1 FROM scan v WHERE v.of = l.id AND v.action = 'void'))"
        ).bindparams(sa.bindparam("batches", list(batches), expanding=True, type_=Scan.id.type))
        with Session(self.loop.engine) as session:
            return set(session.scalars(text))


def refused(work: Any, *args: Any, **more: Any) -> LendingError:
    with pytest.raises(LendingError) as caught:
        work(*args, **more)
    return caught.value


def out_to(loop: Loop, cup: str, site: str = HARU) -> None:
    """Ships a passed piece to a café, where it is stocked."""
    loop.ship(cup, to=site)
    loop.stock(cup, by=loop.town.mina if site == HARU else loop.town.yuna)


def told(loop: Loop) -> int:
    query = sa.select(sa.func.count()).where(Notice.kind == NoticeKind.RECALLED)
    with Session(loop.engine) as session:
        return session.scalar(query) or 0


def sweep(centre: Centre) -> Any:
    return centre.write(sweep_recalls, district_id=centre.loop.town.id, keys=centre.loop.keys)


def washes(loop: Loop, batch: uuid.UUID) -> int:
    """Wash scans of a batch in the log."""
    query = sa.select(sa.func.count()).where(Scan.batch_id == batch, Scan.action == Action.WASH)
    with Session(loop.engine) as session:
        return session.scalar(query) or 0
