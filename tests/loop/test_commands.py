"""Command codes of the wall sheet: read in either case, never taken for a piece or a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.errors import LendingError
from lending.loop.codes import is_item_code, read_code
from lending.loop.commands import FAULTS, STEPS, Command, command_text, read_command
from lending.people.members import read_card_code, read_member_code


@pytest.mark.parametrize("command", Command)
def test_a_command_is_read_as_itself(command: Command) -> None:
    text = command_text(command)
    assert text == f"CMD:{command}"
    assert read_command(text) is command
    assert read_command(f" {text.upper()}\r\n") is command
    assert read_command(text.lower()) is command


@pytest.mark.parametrize("command", Command)
def test_a_command_is_no_ones_code(command: Command) -> None:
    for text in (command_text(command), command_text(command).upper()):
        assert not is_item_code(text)
        with pytest.raises(LendingError):
            read_code(text)
        assert read_card_code(text) is None
        assert read_member_code(text) is None


@pytest.mark.parametrize(
    "text", ["", "CMD:", "CMD:lend", "wash", "CMD:wash:", "CMD: wash", "CMD:" + "x" * 400, "CMD:\0"]
)
def test_anything_else_is_no_command(text: str) -> None:
    assert read_command(text) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    command = read_command(text)
    assert command is None or command_text(command).lower() == text.strip().lower()


def test_every_command_is_a_step_a_fault_undo_or_finish() -> None:
    assert {*STEPS, *FAULTS, Command.UNDO, Command.FINISH} == set(Command)
    assert not set(STEPS) & set(FAULTS)
