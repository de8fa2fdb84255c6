"""One run of chaos: a truth, its stations, a storm with blows, and what is left of it all."""

import random
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.chaos.checks import check_all
from tests.chaos.errand_checks import check_errands
from tests.chaos.errands import Deliveries, Errand, Hall, Machine
from tests.chaos.findings import Finding
from tests.chaos.oracle import tell_story
from tests.chaos.places import Errands, found_errands
from tests.chaos.servers import Installation, installed
from tests.chaos.stations import PATIENCE, Station, Storm
from tests.chaos.tablets import Tablet
from tests.chaos.truth import Act, make_truth
from tests.chaos.world import WASH, World, found_world
from tests.delivery.platforms.receiver import Receiver

IN_HAND = 0.6  # of the cups that stand ready or are out
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything. `blow_every` is in seconds."""

    backend: str
    port: int
    seed: int
    stations: int = 40
    seconds: float = 300.0
    cups: int = 600
    live_each: int = 6
    blow_every: float = 12.0
    bags: int = 24  # of containers, each for one order
    crates: int = 12  # of the funeral hall
    dropped: int = 40  # pieces put into return machines


def quick_plan(backend: str, port: int, seed: int) -> Plan:
    """The form that runs in the tests: about half a minute with its checks."""
    return Plan(
        backend, port, seed, stations=12, seconds=20.0, cups=150, live_each=4, blow_every=3.0,
        bags=8, crates=6, dropped=24,
    )  # fmt: skip


@dataclass
class Outcome:
    """What came of a run; `findings` are the checks, each with what is wrong."""

    plan: Plan
    stations: list[Station]
    blows: dict[str, int]
    findings: list[Finding]
    truth: int  # scans of the past
    seconds: float
    said: list[str] = field(default_factory=list)
    errands: list[Errand] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return all(not finding.wrong for finding in self.findings)


def run_chaos(plan: Plan, say: Say = lambda line: None) -> Outcome:
    """The whole of it; the same seed makes the same truth, faults and blows (not their timing)."""
    began = time.monotonic()
    rng = random.Random(plan.seed)
    with installed(plan.backend, plan.port) as place:
        world = found_world(
            place.engine, place.keys, rng,
            stations=plan.stations, cups=plan.cups, live_each=plan.live_each,
        )  # fmt: skip
        truth = make_truth(rng, world.stage, world.cups)
        receiver = Receiver()
        receiver.start()
        errands_place = found_errands(
            place.engine, place.keys, receiver, bags=plan.bags, crates=plan.crates,
            dropped=plan.dropped,
        )  # fmt: skip
        place.engine.dispose()  # no connection of ours is to see the database killed
        place.start()
        say(f"{len(truth):,} scans of {plan.cups} cups by {plan.stations} stations; it blows …")
        stations = _man_stations(world, truth, plan)
        errands = _send_out(errands_place, plan, stations[0].storm)
        _blow(place, stations, plan, rng)
        say("The storm is over; the queues are emptied and everything is compared …")
        for station in stations:
            station.join(PATIENCE + 30)
        for errand in errands:
            errand.join(PATIENCE + 30)
        findings = check_errands(errands_place, errands)
        findings += check_all(place, world, truth, stations)
        receiver.stop()
        return Outcome(
            plan, stations, dict(place.blows), findings, len(truth), time.monotonic() - began,
            list(place.said), errands,
        )  # fmt: skip


def _man_stations(world: World, truth: list[Act], plan: Plan) -> list[Station]:
    storm = Storm(plan.seconds)
    stations = []
    for post in world.stage.posts:
        acts = [act for act in truth if act.by == post.number]
        make = Tablet if post.kind == "tablet" else Station
        seed = plan.seed * 1000 + post.number
        stations.append(make(world, post, acts, plan.port, storm, seed))
    _share_out(world, truth, [one for one in stations if isinstance(one, Tablet)], plan)
    for station in stations:
        station.start()
    return stations


def _send_out(place: Errands, plan: Plan, storm: Storm) -> list[Errand]:
    """Two who see orders through, the hall, two machines."""
    common = (place, plan.port, storm)
    half, middle = len(place.bags) // 2, len(place.dropped) // 2
    seed = plan.seed * 1000 + 500
    errands: list[Errand] = [
        Deliveries("orders A", *common, seed, bags=place.bags[:half]),
        Deliveries("orders B", *common, seed + 1, bags=place.bags[half:]),
        Hall("hall", *common, seed + 2),
        Machine("machine box", *common, seed + 3, token=place.tokens["box"],
                dropped=place.dropped[:middle]),
        Machine("machine corner", *common, seed + 4, token=place.tokens["corner"],
                dropped=place.dropped[middle:]),
    ]  # fmt: skip
    for errand in errands:
        errand.start()
    return errands


def _share_out(world: World, truth: list[Act], tablets: list[Tablet], plan: Plan) -> None:
    """Some cups whose past is still in the stations' queues are at a till when the run begins:
    clean ones on their shelf, and some that guests have out and will bring anywhere."""
    rng = random.Random(plan.seed)
    acts: defaultdict[str, list[Act]] = defaultdict(list)
    for act in truth:
        acts[act.cup].append(act)
    for cup in world.cups:
        now = tell_story(WASH, [*world.begun(cup), *acts[cup]])
        here = [one for one in tablets if one.post.site == now.place]
        if rng.random() > IN_HAND:
            continue
        if now.state == "ready" and now.clean and here:
            rng.choice(here).inside[cup] = "clean"
        elif now.state == "lent":
            # Rinsed at the counter and taken for clean: the server will think it comes back.
            rng.choice(tablets).inside[cup] = rng.choice(("out", "clean"))


def _blow(place: Installation, stations: list[Station], plan: Plan, rng: random.Random) -> None:
    """Blows until the time is over and every kind of blow was struck; here and in no other thread,
    for what the database's process is told to do when its parent ends means the thread that
    started it."""
    storm = stations[0].storm
    struck = 0
    while storm.share < 1 or struck < place.kinds_of_blows:
        time.sleep(plan.blow_every * rng.uniform(0.5, 1.5))
        place.strike(rng)
        struck += 1
    storm.over = True
