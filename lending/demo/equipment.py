"""The demo's machines, programmes, vans and counted ware, and the tests of long ago."""

from datetime import datetime, time, timedelta

from lending.demo.desk import Desk
from lending.demo.plan import BOWL, CENTRE, LID, OFFICE, PLATE, SPOON
from lending.demo.town import Town
from lending.moving.rounds.vehicles import set_vehicle
from lending.wares.ledger import record_moves, require_all
from lending.wares.values import MoveIn
from lending.wares.ways import Condition, Outside, Why, at_place, beyond
from lending.washing.batches.machines import ProgrammeIn, add_machine, add_programme
from lending.washing.hygiene.plan import PlanView, set_plan
from lending.washing.hygiene.results import ResultIn, enter_result, months_later
from lending.washing.hygiene.samples import SampleIn, note_sample

TUNNEL, BUBBLE = "터널식 1호기", "초음파 2호기"
STANDARD, QUICK = "표준", "빠른 세척"
BOUGHT = {BOWL: 600, PLATE: 600, SPOON: 800, LID: 100}
LAB = "인천보건환경연구원"
LAB_DUE_IN = timedelta(days=9)  # the E. coli test
LAB_AGO = timedelta(days=40)  # the salmonella test


def equip_centre(desk: Desk, town: Town, at: datetime) -> None:
    """What stands at the centre from the first day on."""
    washer, centre = desk.actor(CENTRE), desk.site(CENTRE)
    for name, capacity in ((TUNNEL, 1200), (BUBBLE, 300)):
        add_machine(
            desk.session, site_id=centre.id, name=name, capacity=capacity, actor=washer, now=at
        )
    for programme in (
        ProgrammeIn(STANDARD, ["pre_wash", "wash", "rinse", "dry", "sterilise"], 80, 2.5),
        ProgrammeIn(QUICK, ["wash", "rinse", "dry"], 65),
    ):
        add_programme(desk.session, programme, actor=washer, now=at)
    set_vehicle(
        desk.session, district_id=desk.district_id, name="1호차", crates=20,
        leaves=time(9, 30), back=time(18),
    )  # fmt: skip
    set_plan(desk.session, PlanView(sample_every=3), actor=desk.actor(OFFICE), now=at)
    _buy(desk, town, at)
    _test_in_the_laboratory(desk, town, at)


def _buy(desk: Desk, town: Town, at: datetime) -> None:
    """Bowls, plates and spoons come clean; the lids are washed with their containers."""
    centre = desk.site(CENTRE).id
    moves = [
        MoveIn(
            town.make_id(at), desk.kind(kind), quantity, beyond(Outside.BOUGHT),
            at_place(centre, Condition.DIRTY if kind == LID else Condition.CLEAN), Why.BOUGHT, at,
        )
        for kind, quantity in BOUGHT.items()
    ]  # fmt: skip
    require_all(record_moves(desk.session, moves, actor=desk.actor(OFFICE), now=at))


def _test_in_the_laboratory(desk: Desk, town: Town, at: datetime) -> None:
    """Results of the months before, entered from the laboratory's letters; one is due again soon."""
    for kind, sampled in (
        ("e-coli", _half_a_year_before(desk.now + LAB_DUE_IN)),
        ("salmonella", desk.now - LAB_AGO),
    ):
        known = min(max(at, sampled + timedelta(days=4)), desk.now)
        sample = SampleIn(town.make_id(known), kind, min(sampled, known), lab=LAB)
        washer, centre = desk.actor(CENTRE), desk.site(CENTRE)
        note_sample(desk.session, sample, actor=washer, site=centre, now=known)
        result = ResultIn(sample.id, 0, known)
        enter_result(desk.session, result, actor=washer, keys=desk.keys, now=known)


def _half_a_year_before(due: datetime) -> datetime:
    """A moment from which the test is due again on that day or just after."""
    sampled = due - timedelta(days=184)
    while months_later(sampled.date(), 6) < due.date():
        sampled += timedelta(days=1)
    return sampled
