"""What must hold after the storm: all that was acknowledged is stored, once, and says the truth."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.loop.steps import Gap
from lending.loop.tables import Item, Scan, ScanBorrower, ScanGap
from tests.chaos.compare import compare_cups
from tests.chaos.findings import Finding
from tests.chaos.network import Lost
from tests.chaos.servers import Installation
from tests.chaos.stations import MOST_SENT, Station
from tests.chaos.tablets import Tablet
from tests.chaos.truth import Act
from tests.chaos.world import World
from tests.stored import check_items


@dataclass
class Log:
    """What is stored of the run: scans by id, gaps by scan, whose each lend is."""

    scans: dict[uuid.UUID, Any] = field(default_factory=dict)
    gaps: defaultdict[uuid.UUID, set[Gap]] = field(default_factory=lambda: defaultdict(set))
    residents: dict[uuid.UUID, uuid.UUID | None] = field(default_factory=dict)


def check_all(
    place: Installation, world: World, truth: list[Act], stations: list[Station]
) -> list[Finding]:
    """Every finding, the server still running; an empty `wrong` is good."""
    findings = [check_stations(stations)]
    with Session(world.engine) as session:
        log = _read_log(session, world)
        true = [*truth, *_what_was_told(stations, log)]
        lost = {act.id for act in truth if _clock_of(world, act).is_lost}
        touched = {act.cup for act in truth if act.id in lost}
        findings += [
            check_stored(log, true, stations),
            _count_otherwise(log, stations),
            *check_times(log, true, world, lost, touched),
            *compare_cups(session, world, true, _at_tills(stations), touched, log.residents),
            check_replay(session, world),
        ]
    findings.append(check_all_again(world, log, stations))
    clean, words = place.verify()
    verify = Finding("lending verify is clean")
    verify.expect(clean, words)
    return [*findings, verify]


def check_stations(stations: Iterable[Station]) -> Finding:
    """Every queue is empty, no station met what should not happen, only rubbish was refused."""
    found = Finding("queues emptied, nothing refused but rubbish")
    for station in stations:
        waits = station.is_alive() or station.queue
        found.expect(not waits, f"{station.name}: {len(station.queue)} scans still wait")
        found.expect(not station.trouble, f"{station.name}: {station.trouble[:2]}")
        found.expect(
            station.refused == station.rubbish,
            f"{station.name}: refused {station.refused}, rubbish {station.rubbish}",
        )
    return found


def check_all_again(world: World, log: Log, stations: Iterable[Station]) -> Finding:
    """Each scan sent once more is known as the same, and nothing is stored anew."""
    found = Finding("each scan sent once more is known, none is stored")
    for station in stations:
        scans = [one for one in station.sent.values() if one.id not in station.refused]
        for start in range(0, len(scans), MOST_SENT):
            batch = scans[start : start + MOST_SENT]
            bodies = [one.body | station.clock_of(one) for one in batch]
            body = {"sent_at": station.post.clock.now().isoformat(), "scans": bodies}
            try:
                receipts = station.line.post(station.path, body)["receipts"]
            except Lost:
                receipts = [{"id": one.id, "result": "no answer"} for one in batch]
            for one in receipts:
                found.expect(one["result"] == "repeated", f"{station.name}: {one}")
    with Session(world.engine) as session:
        more = _read_log(session, world).scans.keys() - log.scans.keys()
        found.expect(not more, f"stored only now: {more}")
    return found


def check_stored(log: Log, true: list[Act], stations: list[Station]) -> Finding:
    """What was acknowledged is stored as told, and nothing else is: neither more nor twice."""
    found = Finding("acknowledged = stored, nothing twice")
    by_id = {act.id: act for act in true}
    acknowledged = {uuid.UUID(id_) for one in stations for id_ in one.receipts}
    unheard = {id_ for one in stations if isinstance(one, Tablet) for id_ in one.undecided}
    derived = {
        uuid.uuid5(id_, word) for id_ in unheard for word in ("meant", "unmeant", "taken in")
    }
    for id_ in acknowledged:
        found.expect(id_ in log.scans, f"{id_} was acknowledged and is not stored")
    for id_ in log.scans.keys() - acknowledged - unheard - derived:
        found.expect(False, f"{id_} is stored and was told to nobody: {log.scans[id_]}")
    for id_, act in by_id.items():
        row = log.scans.get(id_)
        same = row is not None and (row.action, row.code) == (act.action, act.cup)
        found.expect(same, f"{act} is stored as {row}")
    return found


def check_times(
    log: Log, true: Iterable[Act], world: World, lost: set[uuid.UUID], touched: set[str]
) -> tuple[Finding, Finding]:
    """Scans are filed when they truly happened; where the clock was lost they say so, only there."""
    times = Finding("filed at the time they happened")
    suspects = Finding("lost clocks are marked, no others")
    undone = {act.of for act in true if act.action == "void"}
    for act in true:
        row = log.scans.get(act.id)
        if row is None:
            continue
        # What was taken back shows no gap any more.
        marked = row.clock_suspect and (act.id in undone or Gap.CLOCK_SUSPECT in log.gaps[act.id])
        if act.id in lost:
            suspects.expect(marked, f"{act} is not marked")
            continue
        suspects.expect(not row.clock_suspect, f"{act} is marked")
        off = abs((row.occurred_at - act.at).total_seconds())
        clock = world.stage.posts[act.by].clock
        within = _clock_of(world, act).tolerance + clock.grain
        times.expect(off <= within, f"{act} by {clock.epochs} is filed {off:.1f} s off")
    return times, suspects


def check_replay(session: Session, world: World) -> Finding:
    """Every cached item, loan and gap is what the log says by the product's own replay."""
    found = Finding("stored = replayed from the log")
    ids = session.scalars(sa.select(Item.id).where(Item.district_id == world.district)).all()
    for start in range(0, len(ids), 100):
        try:
            check_items(session, ids[start : start + 100])
            found.count += len(ids[start : start + 100])
        except AssertionError as error:
            found.expect(False, str(error)[:500])
    return found


def _what_was_told(stations: list[Station], log: Log) -> list[Act]:
    """What the tablets told their guests, under the ids the server keeps it by.

    Where it had decided a question otherwise, the told action stands under a derived id; a return
    that it had recorded is kept beside, for the cup was at the counter.
    """
    acts = []
    for station in stations:
        acts += [_as_kept(station, act, log) for act in station.told]
        undecided = station.undecided if isinstance(station, Tablet) else {}
        told = {act.id: act for act in acts}
        for id_, act in undecided.items():
            before = replace(
                act, action="return", person=None, at=act.at - timedelta(microseconds=1)
            )
            row, taken_in = log.scans.get(id_), uuid.uuid5(id_, "taken in")
            if row is not None and row.action == "return" and id_ not in told:
                acts.append(before)
            if taken_in in log.scans:
                acts.append(replace(before, id=taken_in))
    return acts


def _as_kept(station: Station, act: Act, log: Log) -> Act:
    row = log.scans.get(act.id)
    decided = isinstance(station, Tablet) and act.id in station.undecided
    if decided and row is not None and row.action != act.action:
        return replace(act, id=uuid.uuid5(act.id, "meant"))
    return act


def _count_otherwise(log: Log, stations: list[Station]) -> Finding:
    """How often the server had decided a question otherwise than its tablet told; for the table."""
    found = Finding("(questions the server had decided otherwise)")
    unheard = [id_ for one in stations if isinstance(one, Tablet) for id_ in one.undecided]
    found.count = sum(uuid.uuid5(id_, "meant") in log.scans for id_ in unheard)
    return found


def _at_tills(stations: list[Station]) -> set[str]:
    return {cup for one in stations if isinstance(one, Tablet) for cup in one.inside}


def _clock_of(world: World, act: Act) -> Any:
    return world.stage.posts[act.by].clock.epoch_at(act.at)


def _read_log(session: Session, world: World) -> Log:
    log = Log()
    columns = (Scan.id, Scan.code, Scan.action, Scan.occurred_at, Scan.clock_suspect)
    run: Any = sa.and_(Scan.district_id == world.district, Scan.recorded_at > _run_began(world))
    for row in session.execute(sa.select(*columns).where(run)):
        log.scans[row.id] = row
    for scan, gap in session.execute(sa.select(ScanGap.scan_id, ScanGap.gap)):
        log.gaps[scan].add(gap)
    whose = sa.select(ScanBorrower.scan_id, ScanBorrower.resident_id)
    log.residents = dict(session.execute(whose).all())
    return log


def _run_began(world: World) -> datetime:
    return world.stage.end
