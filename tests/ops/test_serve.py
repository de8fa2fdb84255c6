"""`lending serve` opens its port when all is ready, keeps its children running and ends them all."""

import contextlib
import os
import signal
import socket
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes import Server, free_port, is_gone, wait_until

Start = Callable[..., Server]
FAMILY = 4  # gunicorn, its two workers and the notice worker


@pytest.fixture
def start(make_database: Callable[[], str], tmp_path: Path) -> Iterator[Start]:
    servers: list[Server] = []

    def start_one(port: int | None = None) -> Server:
        servers.append(Server(make_database(), tmp_path, port or free_port()))
        return servers[-1]

    yield start_one
    for server in servers:
        server.end()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_once_open_and_a_signal_ends_every_child(
    start: Start, number: signal.Signals
) -> None:
    server = start()
    wait_until(server.is_open, 30)
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/", timeout=10) as answer:
        assert answer.status == 200
    server.wait_ready()
    wait_until(lambda: len(server.family()) >= FAMILY, 10)
    family = server.family()

    server.process.send_signal(number)
    assert server.process.wait(15) == 0
    assert all(is_gone(pid) for pid in family)


def test_the_children_end_with_a_killed_supervisor(start: Start) -> None:
    server = start()
    server.wait_ready()
    family = server.family()
    server.process.kill()
    wait_until(lambda: all(is_gone(pid) for pid in family), 15)
    with socket.create_server(("127.0.0.1", server.port)):
        pass  # the port is free again


def test_a_child_that_dies_is_started_again(start: Start) -> None:
    server = start()
    server.wait_ready()
    before = set(server.family())
    for pid in before:
        with contextlib.suppress(ProcessLookupError):  # ended with one killed before
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(set(server.family()) - before) >= FAMILY, 30)
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/", timeout=30) as answer:
        assert answer.status == 200


def test_a_taken_port_is_said_in_one_sentence(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        server = start(other.getsockname()[1])
        said = server.process.communicate(timeout=30)[0]
    assert server.process.returncode == 1
    assert "cannot be used (Address already in use): choose another with PORT=" in said
    assert len(said.splitlines()) == 1
