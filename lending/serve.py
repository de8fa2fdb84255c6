"""Serves the district: makes everything ready, then keeps the web server and the worker running."""

import contextlib
import ctypes
import importlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from types import FrameType

from config import Config
from lending.ops.migrate import migrate_database

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 8.0  # an orderly end; what still runs then is killed
LONGEST_PAUSE = 30.0  # between restarts of a child that keeps dying
MEMORY = "/dev/shm"  # noqa: S108 (gunicorn makes its files there safely)
STEADY_SECONDS = 60.0  # a child that ran this long starts again without a pause


class Stopped(BaseException):
    """SIGINT or SIGTERM came; carries the signal's number."""


@dataclass
class Child:
    """One program kept running; it leads a process group, so that its own children end with it."""

    name: str
    command: list[str]
    files: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0
    start_at: float = field(default=0.0)

    def start(self) -> None:
        """Starts the program; it is told to end when this process dies, even by SIGKILL."""
        parent = os.getpid()

        def die_with_parent() -> None:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            pass_fds=self.files,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )

    def look_after(self, now: float) -> None:
        """Starts the program when it is due, and plans a new start when it has ended."""
        if self.process is None:
            if now >= self.start_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self._signal(signal.SIGKILL)  # whatever it left behind
        self.process = None
        steady = now - self.started > STEADY_SECONDS
        self.pause = 0.0 if steady else min(max(1.0, self.pause * 2), LONGEST_PAUSE)
        self.start_at = now + self.pause
        _say(f"The {self.name} ended ({code}); it starts again in {self.pause:.0f} s.")

    def ask_to_end(self) -> None:
        """The orderly way, for the program and everything it started."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, until: float) -> bool:
        """Waits until `until`, then kills what is left; whether it ended by itself."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
            return True
        except subprocess.TimeoutExpired:
            return False
        finally:
            self._signal(signal.SIGKILL)
            self.process.wait()

    def _signal(self, number: int) -> None:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):  # nothing of it may be left
            os.killpg(self.process.pid, number)


def run_server(config: Config) -> int:
    """Serves until SIGINT or SIGTERM; the exit code: 0 after an orderly end, else what went wrong."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        listener = _reserve_port(config)
    except OSError as error:
        _say(f"Port {config.port} cannot be used ({error.strerror}): choose another with PORT=….")
        return 1
    try:
        migrate_database(config)
        ready_lines = _prepare(config)
        children = [_web(config, listener), Child("worker", [*_lending(), "worker"])]
        return _keep_running(config, listener, children, ready_lines)
    except Stopped as stopped:
        return 128 + int(stopped.args[0])
    finally:
        listener.close()


def _keep_running(
    config: Config, listener: socket.socket, children: list[Child], ready_lines: list[str]
) -> int:
    """Looks after the children until a signal comes, then ends them."""
    ready = False
    web = children[0]
    try:
        while True:
            now = time.monotonic()
            for child in children:
                child.look_after(now)
            if not ready:
                if web.process is None:
                    _say("The web server did not start; its own words stand above.")
                    return _end(children) or 1
                ready = bool(listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
                if ready:
                    for line in [*ready_lines, f"Serving on {_address(config)} (Ctrl-C ends it)"]:
                        _say(line)
            time.sleep(0.2 if ready else 0.05)
    except Stopped:
        return _end(children)
    except BaseException:
        _end(children)
        raise


def _end(children: list[Child]) -> int:
    """Ends every child: 0 when all did so by themselves, 1 when one had to be killed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    until = time.monotonic() + GRACE_SECONDS
    for child in children:
        child.ask_to_end()
    orderly = [child.end(until) for child in children]
    return 0 if all(orderly) else 1


def _web(config: Config, listener: socket.socket) -> Child:
    """gunicorn on the reserved port: it listens only once the application is loaded."""
    options = {
        "--bind": f"fd://{listener.fileno()}",
        "--worker-class": "gthread",
        "--workers": str(config.workers),
        "--threads": str(config.threads),
        "--graceful-timeout": "6",
        "--keep-alive": "15",
        "--log-level": "warning",
    }
    if os.path.isdir(MEMORY):
        options["--worker-tmp-dir"] = MEMORY  # a slow disk must not look like a hung worker
    words = [word for pair in options.items() for word in pair]
    return Child(
        "web server",
        [sys.executable, "-m", "gunicorn", "--preload", "--no-control-socket", *words]
        + ["lending.wsgi:make_server_application()"],
        files=(listener.fileno(),),
    )


def _lending() -> list[str]:
    return [sys.executable, "-c", "import sys; from lending.cli import main; sys.exit(main())"]


def _prepare(config: Config) -> list[str]:
    """The demo or the first officer's link; the lines to print once the port is open."""
    if importlib.util.find_spec("lending.ops.start") is None:
        return []
    start = importlib.import_module("lending.ops.start")
    lines: list[str] | None = start.prepare(config)
    return lines or []


def _reserve_port(config: Config) -> socket.socket:
    """A bound socket that does not listen yet: the port is ours, and still closed to everybody."""
    family = socket.AF_INET6 if ":" in config.bind else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.bind, config.port))
    except OSError:
        listener.close()
        raise
    return listener


def _address(config: Config) -> str:
    host = "localhost" if config.bind in {"127.0.0.1", "::1"} else config.bind
    return f"http://{host}:{config.port}"


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(number)


def _say(line: str) -> None:
    print(line, flush=True)
