"""Programs of ours as real processes: a server, the processes below it, and their ends."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

LENDING = Path(sys.executable).parent / "lending"


class Server:
    """One running `lending serve` on a port of 127.0.0.1; `more` are further settings."""

    def __init__(self, database_url: str, instance: Path, port: int, **more: str) -> None:
        self.port = port
        self.settings = {
            "LENDING_DATABASE_URL": database_url,
            "LENDING_INSTANCE": str(instance),
            "LENDING_DEMO": "0",
            "PORT": str(port),
        } | more
        self.process = subprocess.Popen(
            [LENDING, "serve"],
            env=os.environ | self.settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def is_open(self) -> bool:
        if self.process.poll() is not None and self.process.stdout is not None:
            pytest.fail(f"it ended: {self.process.stdout.read()}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def wait_ready(self) -> list[str]:
        """The lines printed up to the one that says it serves."""
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line.startswith("Serving on "):
                return lines
        pytest.fail("".join(lines))

    def family(self) -> list[int]:
        """Every process below the supervisor."""
        return descendants(self.process.pid)

    def worker(self) -> int | None:
        """The process that sends notices, if it runs at the moment."""
        return next(
            (pid for pid in children(self.process.pid) if _words(pid)[-1:] == ["worker"]), None
        )

    def web(self) -> int | None:
        """gunicorn's master, if it runs at the moment."""
        return next((pid for pid in children(self.process.pid) if "gunicorn" in _words(pid)), None)

    def end(self) -> None:
        """Ends it and everything below it, if that has not happened yet."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(15)
        assert self.process.stdout is not None
        self.process.stdout.close()


def children(pid: int) -> list[int]:
    """The processes that a process has started and that still run."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def descendants(pid: int) -> list[int]:
    """The same with the children's children, the nearest first."""
    found = [pid]
    for one in found:
        found += children(one)
    return found[1:]


def is_gone(pid: int) -> bool:
    """Whether a process runs no more; one that nobody has waited for yet counts as gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(true: Callable[[], bool], seconds: float) -> None:
    """Returns once `true()`; fails after `seconds`."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.02)


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []
