"""Servers to measure: ours and the bare one, under the same gunicorn."""

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
READY = "BENCH_READY"  # names the pipe into which each worker says that it is ready


@contextmanager
def serving(application: str, environ: dict[str, str]) -> Iterator[int]:
    """gunicorn as scripts/serve starts it (2 workers of 8 threads); yields its port."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", str(WORKERS),
        "--threads", "8", "--no-control-socket", "--config", "python:tests.bench.ready",
        "--bind", f"127.0.0.1:{port}", application,
    ]  # fmt: skip
    ready, said = os.pipe()
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environ | {READY: str(said)}, pass_fds=(said,),
        stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        os.close(said)
        try:
            _wait(ready)
            yield port
        finally:
            os.close(ready)
            process.terminate()
            process.wait(20)


def _wait(ready: int) -> None:
    """Until every worker has loaded the application; the pipe's end is the server's."""
    for _ in range(WORKERS):
        if not select.select([ready], [], [], 30)[0]:
            raise RuntimeError("the server does not answer")
        if not os.read(ready, 1):
            raise RuntimeError("the server did not start")
