"""The simulated machine against a live server: retries, a cut line, a power cut, a wrong clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from lending.loop.codes import make_code
from lending.loop.tables import ClockStop
from lending.loop.verify import verify
from lending.machines.tables import BottleDeposit, MachineRefusal, Why
from lending.places.opening import announce_closures, withdraw_closure
from lending.requests.tables import MachineStatus, ReturnCredit
from tests.boxes.test_credits import member_of
from tests.machine.buffer import Buffer
from tests.machine.line import Line, NoLine
from tests.machine.machine import Machine
from tests.machines.conftest import ROBO, Machines
from tests.machines.simulated import robo as robo
from tests.machines.simulated import server as server
from tests.machines.simulated import token as token
from tests.personas import DANA, MINJI, SORA


def test_a_day_at_the_machine(today: Machines, robo: Machine) -> None:
    loop = today.loop
    today.set_up(ROBO, accepts=("cup-355",))
    cup, other, large = loop.lent_cup(), loop.lent_cup(), loop.clean_cup(kind="cup-473")
    assert robo.beat() and robo.settings["accepts"] == ["cup-355"]
    robo.holds = 1
    assert robo.put_in(cup, "cup-355")
    assert loop.loans(cup)[0].closed_at is not None
    assert not robo.put_in(large, "cup-473")  # of a kind it was told not to take
    assert "가까운 곳에 돌려주세요" in robo.screen[-2] and "near here" in robo.screen[-1]
    assert not robo.put_in(other, "cup-355")  # full
    assert loop.loans(other)[0].closed_at is None
    [stop] = today.all(ClockStop)
    assert stop.lend_id == loop.loans(other)[0].id
    robo.bottles(12, MINJI)
    robo.bottles(25, MINJI)
    assert robo.beat()
    [status] = today.all(MachineStatus)
    assert (status.full, status.settings_seen) == (True, robo.version)
    assert [one.granted for one in today.all(BottleDeposit)] == [12, 18]
    assert len(robo.buffer) == 0 and not robo.refused_for_good
    loop.check()
    assert not list(verify(loop.engine))


def test_a_member_qr_beside_a_return_is_noted_hours_late(
    today: Machines, robo: Machine, tmp_path: Path
) -> None:
    """Sealed in the machine, noted once for who showed it; a contact that anybody can type proves
    nothing, and the return is recorded all the same."""
    loop = today.loop
    cups = [loop.lent_cup() for _ in range(4)]
    robo.beat()
    robo.line.plugged = False
    shown = (member_of(loop), member_of(loop, DANA), MINJI, None)
    for cup, member in zip(cups, shown, strict=True):
        robo.put_in(cup, "cup-355", member)
    assert b"6789" not in (tmp_path / "robo").read_bytes()
    robo.line.plugged = True
    assert robo.beat() and len(robo.buffer) == 0 and not robo.refused_for_good
    whose = {row.scan_id: row.resident_id for row in today.all(ReturnCredit)}
    returns = [loop.loans(cup)[0].closed_by for cup in cups]
    residents = loop.town.residents
    assert whose == {returns[0]: residents[MINJI], returns[1]: residents[DANA]}
    loop.check()


def test_nothing_is_put_in_while_the_machine_is_closed(today: Machines, robo: Machine) -> None:
    loop, robo_id = today.loop, today.sites[ROBO].id
    cup = loop.lent_cup()
    local = datetime.now(ZoneInfo("Asia/Seoul")).date()
    days = [local, local + timedelta(days=1)]  # whatever the hour
    today.write(
        lambda s: announce_closures(
            s, site_id=robo_id, days=days, today=local, now=datetime.now(UTC)
        )
    )
    assert robo.beat() and not robo.put_in(cup, "cup-355")
    [refusal] = today.all(MachineRefusal)
    assert refusal.why is Why.CLOSED and loop.loans(cup)[0].closed_at is None
    for day in days:
        today.write(
            lambda s, day=day: withdraw_closure(s, site_id=robo_id, day=day, now=datetime.now(UTC))
        )
    assert robo.beat() and robo.put_in(cup, "cup-355")


def test_what_happens_without_a_line_is_told_later_and_once(
    today: Machines, robo: Machine, tmp_path: Path
) -> None:
    loop = today.loop
    cups = loop.clean_cups(3)
    for cup in cups:
        loop.lend(cup)
    robo.beat()
    robo.line.plugged = False
    robo.put_in(cups[0])
    robo.put_in(make_code())
    robo.bottles(7, SORA)
    robo.refuse(cups[1], "unreadable")
    assert "카페나 다른 반납함" in robo.screen[-2]  # nobody is left alone
    assert not robo.beat() and len(robo.buffer) == 4
    kept = (tmp_path / "robo").read_bytes()
    assert b"8765" not in kept  # whose bottles they are is sealed in the machine
    # The power fails; it comes up again with the same buffer, and nothing in its memory.
    again = Machine(Line(robo.line.url, robo.line.token), Buffer(tmp_path / "robo"))
    assert again.beat() and len(again.buffer) == 0 and not again.refused_for_good
    assert loop.loans(cups[0])[0].closed_at is not None
    assert [one.granted for one in today.all(BottleDeposit)] == [7]
    assert len(today.all(MachineRefusal)) == len(today.all(ClockStop)) == 1
    again.buffer.close()
    loop.check()


def test_answers_that_were_lost_change_nothing(today: Machines, robo: Machine) -> None:
    """The server heard everything, the machine none of its answers: all is told again."""
    loop = today.loop
    cup = loop.lent_cup()

    class Deaf(Line):
        def post(self, path: str, body: dict) -> tuple[int, object]:
            super().post(path, body)
            raise NoLine("the answer was lost")

    hearing, robo.line = robo.line, Deaf(robo.line.url, robo.line.token)
    robo.put_in(cup)
    robo.bottles(20, MINJI)
    robo.bottles(20, MINJI)
    robo.refuse(cup, "other")
    for _ in range(3):
        robo.flush()
    assert len(robo.buffer) == 4
    robo.line = hearing
    assert robo.flush() == 4 and len(robo.buffer) == 0 and not robo.refused_for_good
    assert [one.granted for one in today.all(BottleDeposit)] == [20, 10]
    assert len(today.all(MachineRefusal)) == 1
    assert len(loop.loans(cup)) == 1
    loop.check()


def test_a_wrong_clock_is_corrected_by_the_last_heartbeat(today: Machines, robo: Machine) -> None:
    loop = today.loop
    cup = loop.lent_cup()
    robo.clock = lambda: datetime.now(UTC) + timedelta(days=3)
    robo.beat()
    robo.put_in(cup)
    robo.bottles(1, MINJI)
    closed = loop.loans(cup)[0].closed_at
    assert closed and abs(closed - datetime.now(UTC)) < timedelta(minutes=1)
    [deposit] = today.all(BottleDeposit)
    assert abs(deposit.at - datetime.now(UTC)) < timedelta(minutes=1)
    assert not loop.gaps(cup)
