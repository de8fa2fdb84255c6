"""The simulated machine as a command: typed lines, and what it says where it cannot go on."""

import subprocess
import sys
from pathlib import Path

from lending.machines.tables import BottleDeposit, MachineChange, MachineRefusal
from lending.requests.tables import MachineStatus
from tests.browser.live import ROOT, LiveServer, free_port
from tests.machine.buffer import Buffer
from tests.machine.line import Line
from tests.machine.machine import Machine
from tests.machines.conftest import Machines
from tests.machines.simulated import robo as robo
from tests.machines.simulated import server as server
from tests.machines.simulated import token as token


def typed(url: str, token: str, lines: list[str], *more: str) -> "subprocess.CompletedProcess[str]":
    """The command with these lines typed at it."""
    command = [sys.executable, "-m", "tests.machine", "--url", url, "--token", token, *more]
    return subprocess.run(
        command, input="\n".join(lines), cwd=ROOT, capture_output=True, text=True, timeout=60
    )


def test_the_command_takes_typed_lines(
    today: Machines, server: LiveServer, token: str, tmp_path: Path
) -> None:
    cup, other = today.loop.lent_cup(), today.loop.lent_cup()
    lines = [
        f"return {cup} cup-355", "unplug", f"refuse {other} damaged", "plug", "nonsense", "",
        "bottles 3 010-2345-6789", "bottles three", "fault door", "well", "hot 75", "fault belt", "beat", "state",
        "quit",
    ]  # fmt: skip
    ran = typed(server.url, token, lines, "--fast", "--buffer", str(tmp_path / "typed"))
    assert ran.returncode == 0, ran.stderr
    assert "고마워요. 반납했어요." in ran.stdout and "? nonsense" in ran.stdout
    assert "? bottles three" in ran.stdout and "0 to tell" in ran.stdout
    assert ran.stdout.count("return CODE [KIND [QR]]") == 2 and "Error" not in ran.stdout
    assert today.loop.loans(cup)[0].closed_at is not None
    assert len(today.all(MachineRefusal)) == len(today.all(BottleDeposit)) == 1
    [status] = today.all(MachineStatus)
    assert (status.hot, status.errors) == (True, "fault belt")
    assert {str(one.event) for one in today.all(MachineChange)} == {"online"}  # within a minute


def test_a_first_contact_that_fails_says_what_to_do(server: LiveServer, token: str) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    wrong = [
        (server.url, "reuse_nothing", "check --token"), (nowhere, token, nowhere),
        ("nonsense", token, "check --url"), (f"{server.url}/elsewhere", token, "check --url"),
    ]  # fmt: skip
    for url, key, said in wrong:
        ran = typed(url, key, ["state"])
        assert ran.returncode == 1 and said in ran.stderr and not ran.stdout, ran
        assert "Traceback" not in ran.stderr


def test_a_wrong_digit_is_refused_at_once(today: Machines, robo: Machine) -> None:
    cup = today.loop.lent_cup()
    wrong = cup[:-1] + str((int(cup[-1]) + 1) % 10)
    robo.line.plugged = False
    assert not robo.put_in(wrong) and "cannot be read" in robo.screen[-1]
    assert robo.pieces == len(robo.buffer) == 0
    assert robo.put_in(f"http://anywhere/i/{cup}") and len(robo.buffer) == 1
    robo.line.plugged = True
    assert robo.flush() == 1 and not robo.refused_for_good
    assert today.loop.loans(cup)[0].closed_at is not None


def test_a_stranger_is_told_so(server: LiveServer, today: Machines) -> None:
    machine = Machine(Line(server.url, "reuse_nothing"), Buffer(":memory:"))
    assert not machine.beat() and machine.refused_for_good[0]["error"]["code"] == "sign_in_needed"
    machine.buffer.close()
