"""The command codes of the washing centre's wall sheet: work done without touching a screen."""

from enum import StrEnum

from lending.loop.steps import Action

PREFIX = "CMD:"  # no item's code, no person's code and no address begins like this
LONGEST = 32  # characters


class Command(StrEnum):
    """What a scan of the wall sheet says; a fault belongs to the piece scanned next to it."""

    RECEIVE = "receive"
    WASH = "wash"
    PASS = "pass"  # noqa: S105
    UNDO = "undo"
    FINISH = "finish"
    LIPSTICK = "lipstick"
    FOREIGN_MATTER = "foreign_matter"
    WATER_SPOTS = "water_spots"
    STAIN = "stain"
    SCRATCH = "scratch"
    HEAT = "heat"
    BREAK = "break"


STEPS = {
    Command.RECEIVE: Action.RECEIVE,
    Command.WASH: Action.WASH,
    Command.PASS: Action.PASS,
}
# What a fault leads to (domain.md §4); the command's value is the scan's reason.
FAULTS = {
    Command.LIPSTICK: Action.REWASH,
    Command.FOREIGN_MATTER: Action.REWASH,
    Command.WATER_SPOTS: Action.REWASH,
    Command.STAIN: Action.RETIRE,
    Command.SCRATCH: Action.RETIRE,
    Command.HEAT: Action.RETIRE,
    Command.BREAK: Action.RETIRE,
}


def command_text(command: Command) -> str:
    """What the QR of a command holds, for example `CMD:wash`."""
    return f"{PREFIX}{command.value}"


def read_command(text: str) -> Command | None:
    """The command a reader sent, in either case; None for anything else."""
    if len(text) > LONGEST:
        return None
    text = text.strip(" \t\r\n")
    if text[: len(PREFIX)].upper() != PREFIX:
        return None
    try:
        return Command(text[len(PREFIX) :].lower())
    except ValueError:
        return None
