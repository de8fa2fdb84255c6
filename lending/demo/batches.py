"""The demo's wash batches: begun, their stages and readings noted, finished, some of them sampled."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lending.demo.desk import Desk
from lending.demo.equipment import STANDARD
from lending.demo.plan import CENTRE
from lending.demo.town import Town
from lending.washing.batches.counts import CountIn, add_counted
from lending.washing.batches.lifecycle import (
    BatchIn,
    Ending,
    ReadingIn,
    begin_batch,
    finish_batch,
    note_reading,
    note_stage,
)
from lending.washing.batches.machines import list_machines, list_programmes
from lending.washing.batches.pieces import PutIn, add_to_batch
from lending.washing.batches.tables import Measure, Stage
from lending.washing.hygiene.plan import ATP
from lending.washing.hygiene.results import ResultIn, enter_result
from lending.washing.hygiene.samples import SampleIn, note_sample
from lending.washing.hygiene.tested import TestView

TAKES = timedelta(minutes=70)
STAGES = {  # minutes after the begin
    Stage.PRE_WASH: 0, Stage.WASH: 8, Stage.RINSE: 30, Stage.DRY: 42, Stage.STERILISE: 58,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Load:
    """What goes into one run of a machine."""

    id: uuid.UUID
    machine: str
    begins: datetime
    codes: Sequence[str] = ()
    counted: Mapping[str, int] = field(default_factory=dict)


def plan_batch(town: Town, load: Load) -> datetime:
    """Plans a whole batch; when it ends."""
    town.happen(load.begins, lambda desk, at: begin(desk, town, load, at))
    town.happen(load.begins + TAKES, lambda desk, at: finish(desk, town, load, at))
    return load.begins + TAKES


def begin(desk: Desk, town: Town, load: Load, now: datetime) -> None:
    """The machine is filled and started."""
    washer, centre = desk.actor(CENTRE), desk.site(CENTRE)
    machines = list_machines(desk.session, site_id=centre.id)
    programmes = list_programmes(desk.session, district_id=desk.district_id)
    standard = next(one for one in programmes if one.name == STANDARD)
    machine = next(one for one in machines if one.name == load.machine)
    batch = BatchIn(load.id, load.begins, machine.id, standard.id)
    begin_batch(desk.session, batch, actor=washer, site=centre, now=now)
    if load.codes:
        put = PutIn(town.make_id(now), load.id, load.codes, load.begins)
        add_to_batch(desk.session, put, actor=washer, keys=desk.keys, now=now)
    for kind, quantity in load.counted.items():
        count = CountIn(town.make_id(now), load.id, kind, quantity, load.begins)
        add_counted(desk.session, count, actor=washer, now=now)
    note_stages(desk, town, load, now, until=now)


def note_stages(desk: Desk, town: Town, load: Load, now: datetime, *, until: datetime) -> None:
    """The stages that began by then, and what was read off the machine."""
    washer = desk.actor(CENTRE)
    for stage, minutes in STAGES.items():
        at = load.begins + timedelta(minutes=minutes)
        if at <= until:
            note_stage(desk.session, batch_id=load.id, stage=stage, at=at, actor=washer, now=now)
    heat, detergent = town.rng.uniform(81, 86), town.rng.uniform(2.3, 2.8)
    for measure, value in ((Measure.TEMPERATURE, heat), (Measure.DETERGENT, detergent)):
        at = load.begins + timedelta(minutes=15)
        if at <= until:
            reading = ReadingIn(town.make_id(at), load.id, measure, round(value, 1), at, Stage.WASH)
            note_reading(desk.session, reading, actor=washer, now=now)


def finish(desk: Desk, town: Town, load: Load, now: datetime) -> None:
    """The machine stops; a batch that the plan picks is sampled at once, and good."""
    washer = desk.actor(CENTRE)
    note_stages(desk, town, load, now, until=now)
    end = Ending(town.make_id(now), load.id, now)
    view = finish_batch(desk.session, end, actor=washer, keys=desk.keys, now=now)
    if view.awaits_result:
        swab(desk, town, load.id, town.rng.randint(6, 120), now + timedelta(minutes=1))


def swab(
    desk: Desk,
    town: Town,
    batch_id: uuid.UUID,
    value: int,
    at: datetime,
    *,
    now: datetime | None = None,
    retest_of: uuid.UUID | None = None,
) -> TestView:
    """A swab of a batch taken at `at` and read one minute later, told `now`."""
    read = at + timedelta(minutes=1)
    told = now or min(read, desk.now)
    sample = SampleIn(town.make_id(at), ATP, min(at, told), batch_id, retest_of=retest_of)
    washer, centre = desk.actor(CENTRE), desk.site(CENTRE)
    note_sample(desk.session, sample, actor=washer, site=centre, now=told)
    result = ResultIn(sample.id, value, min(read, told))
    return enter_result(desk.session, result, actor=washer, keys=desk.keys, now=told)
