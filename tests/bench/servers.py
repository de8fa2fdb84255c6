"""Servers to measure: ours and the bare one, under the same gunicorn."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def serving(application: str, environ: dict[str, str]) -> Iterator[int]:
    """gunicorn as scripts/serve starts it (2 workers of 8 threads); yields its port."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", "2",
        "--threads", "8", "--no-control-socket", "--bind", f"127.0.0.1:{port}", application,
    ]  # fmt: skip
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environ, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("the server did not start")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(1)  # both workers
            return
    raise RuntimeError("the server does not answer")
