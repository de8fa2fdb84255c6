"""A simulated return machine to try the API out; scripts/machine calls it."""

import argparse
import queue
import sys
import threading
import time
from pathlib import Path

from tests.machine.buffer import Buffer
from tests.machine.line import Line
from tests.machine.machine import Machine

COMMANDS = """\
    return CODE [KIND [QR]]   a piece is put in, a member QR shown beside it
    refuse CODE WHY [PHOTO]   one is not taken (full, not_accepted, unreadable, damaged, …)
    bottles COUNT [PERSON]    bottles, of a member QR, card or telephone number
    hold COUNT | empty        how many pieces fit in; somebody empties it
    hot DEGREES | fault WORDS | well
    unplug | plug             the line; what waits is told later
    beat | wait SECONDS | state | quit"""
ABOUT = f"""A simulated return machine to try the API out.

Once a minute (with --fast once a second) it sends a heartbeat. Lines typed, or read from a file:

{COMMANDS}
"""


def main() -> int:
    """Exit code 1 when the first heartbeat did not get through or something was refused for good."""
    parser = argparse.ArgumentParser(
        prog="scripts/machine", description=ABOUT, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="default: %(default)s")
    parser.add_argument("--token", required=True, help="from /office/machines or lending token")
    parser.add_argument("--buffer", type=Path, help="file for what waits; default: in memory")
    parser.add_argument("--fast", action="store_true", help="a heartbeat every second")
    chosen = parser.parse_args()
    machine = Machine(Line(chosen.url, chosen.token), Buffer(chosen.buffer or ":memory:"))
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read, args=(lines,), daemon=True).start()
    if not machine.beat():
        print(machine.silence, file=sys.stderr)
        return 1
    print("heartbeat", flush=True)
    run(machine, lines, every=1.0 if chosen.fast else 60.0)
    for one in machine.refused_for_good:
        print(f"refused: {one.get('error', one)}", file=sys.stderr)
    return 1 if machine.refused_for_good else 0


def run(machine: Machine, lines: "queue.Queue[str]", *, every: float) -> None:
    """Beats every so many seconds (just now, before) and does what the lines say, until `quit`."""
    due, shown = time.monotonic() + every, 0
    while True:
        if time.monotonic() >= due:
            print("heartbeat" if machine.beat() else machine.silence, flush=True)
            due = time.monotonic() + every
        try:
            line = lines.get(timeout=max(0.01, min(0.2, due - time.monotonic())))
        except queue.Empty:
            continue
        words = line.split()
        if words[:1] == ["quit"]:
            machine.flush()
            return
        try:
            obey(machine, words)
        except (IndexError, ValueError, OSError) as error:
            print(f"? {line.strip()}\n{_why(error)}", flush=True)
        for text in machine.screen[shown:]:
            print(f"  {text}", flush=True)
        shown = len(machine.screen)


def _why(error: Exception) -> str:
    """What was wrong with a line: a photo that is not there, or no command of these."""
    return f"  {error}" if isinstance(error, OSError) else COMMANDS


def obey(machine: Machine, words: list[str]) -> None:
    """One typed line; IndexError or ValueError for what is none."""
    match words:
        case ["return", code, *more]:
            machine.put_in(code, *more[:2])
        case ["refuse", code, why, *photo]:
            machine.refuse(code, why, Path(photo[0]).read_bytes() if photo else None)
        case ["bottles", count, *person]:
            machine.bottles(int(count), " ".join(person) or None)
        case ["hold", count]:
            machine.holds = max(1, int(count))
        case ["empty"]:
            machine.empty()
        case _:
            meet(machine, words)


def meet(machine: Machine, words: list[str]) -> None:
    """What befalls a machine by itself, and what is asked of it."""
    match words:
        case ["hot", degrees]:
            machine.temperature = float(degrees)
        case ["fault", *said]:
            machine.errors = ["fault " + " ".join(said)]
        case ["well"]:
            machine.errors, machine.temperature = [], 20.0
        case ["unplug" | "plug" as how]:
            machine.line.plugged = how == "plug"
        case ["beat"]:
            machine.beat()
        case ["wait", seconds]:
            time.sleep(float(seconds))
        case ["state"]:
            print(
                f"  {machine.pieces}/{machine.holds}, {len(machine.buffer)} to tell, {machine.settings}"
            )
        case []:
            pass
        case _:
            raise ValueError("unknown")


def _read(lines: "queue.Queue[str]") -> None:
    for line in sys.stdin:
        lines.put(line)
    lines.put("quit")


if __name__ == "__main__":
    sys.exit(main())
