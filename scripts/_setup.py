"""Set-up shared by the scripts: .venv, pinned parts, front end, catalogues."""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / "stamps"
OLDEST = (3, 11)
OLDEST_NODE = 18
PIP = ["-m", "pip", "--disable-pip-version-check", "--no-input"]
APT = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "-y", "--no-install-recommends", "install"]


def set_up(*requirement_files):
    """Makes the installation ready to run; each step is left out when nothing it reads changed."""
    os.chdir(ROOT)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the two commands may be started at once
        _set_up(requirement_files)


def become(module):
    """Turns into `python -m module` with our own arguments, once the tests' parts are there."""
    set_up("requirements.txt", "requirements-dev.txt")
    python = str(VENV / "bin" / "python")
    os.execv(python, [python, "-m", module, *sys.argv[1:]])


def _set_up(requirement_files):
    _make_venv()
    os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    _install_python_parts(requirement_files)
    _install_ourselves()
    _build_front_end()
    _compile_catalogues()


def run(words, command):
    """Runs `command` quietly, saying `words` and the seconds; its output is shown if it fails."""
    began = time.monotonic()
    print(f"{words} …", flush=True)
    with tempfile.TemporaryFile() as output:
        _child[:] = [
            subprocess.Popen(
                command,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        ]
        while True:
            try:
                code = _child[0].wait(10)
                break
            except subprocess.TimeoutExpired:
                print(f"  … {time.monotonic() - began:.0f} s", flush=True)
        _child.clear()
        if code:
            output.seek(0)
            sys.stderr.write(output.read().decode(errors="replace"))
            sys.exit(f"This step failed: {words}.")


def install_debian_packages(packages, purpose):
    """Installs `packages` by apt; where that is not allowed, ends saying what to install."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"{purpose}: run `apt-get install {' '.join(packages)}` as root, then try again.")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    run("Reading Debian's list of packages", ["apt-get", "update"])
    run(f"Installing {' '.join(packages)}", [*APT, *packages])


_child = []


def _stop(number, _frame):
    """Ends what runs at the moment, with everything it started, and then ourselves."""
    for child in _child:
        os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
    os._exit(128 + number)


def _make_venv():
    python = VENV / "bin" / "python"
    if python.exists() and not subprocess.run([python, "-c", ""], check=False).returncode:
        return
    newest = sys.executable
    if sys.version_info < OLDEST:
        found = [shutil.which(f"python3.{minor}") for minor in range(20, OLDEST[1] - 1, -1)]
        newest = next((path for path in found if path), None)
    if newest is None:
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    if subprocess.run([newest, "-c", "import ensurepip"], capture_output=True).returncode:
        install_debian_packages(["python3-venv"], "Python's venv module is missing")
    run("Making .venv", [newest, "-m", "venv", "--clear", str(VENV)])


def _install_python_parts(names):
    for name in names:
        if _changed(name, [ROOT / name]):
            run(
                f"Installing the Python parts of {name} (about a minute)",
                [_python(), *PIP, "install", "--require-hashes", "-r", name],
            )
            _remember(name, [ROOT / name])


def _install_ourselves():
    if _changed("lending", [ROOT / "pyproject.toml"]) or not (VENV / "bin" / "lending").exists():
        run(
            "Installing the command `lending`",
            [_python(), *PIP, "install", "--no-deps", "--no-build-isolation", "-e", "."],
        )
        _remember("lending", [ROOT / "pyproject.toml"])


def _build_front_end():
    named = ("package.json", "package-lock.json", ".npmrc", "scripts/build_static")
    sources = [*(ROOT / name for name in named), *sorted(ROOT.glob("scripts/*.mjs"))]
    sources += [
        path
        for path in sorted((ROOT / "static").rglob("*"))
        if path.is_file() and (ROOT / "static" / "build") not in path.parents
    ]
    if (ROOT / "static" / "build").is_dir() and not _changed("front-end", sources):
        return
    if not _npm_is_usable():
        _install_python_parts(["requirements-node.txt"])
    run("Building the front end (the first time about a minute)", ["scripts/build_static"])
    _remember("front-end", sources)


def _npm_is_usable():
    if not shutil.which("npm") or not shutil.which("node"):
        return False
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().lstrip("v").split(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


def _compile_catalogues():
    catalogues = sorted(ROOT.glob("lending/*/translations/*/LC_MESSAGES/*.po"))
    made = all(path.with_suffix(".mo").exists() for path in catalogues)
    if made and not _changed("catalogues", catalogues):
        return
    for folder in sorted({path.parents[2] for path in catalogues}):
        name = folder.relative_to(ROOT)
        run(
            f"Compiling {name}",
            [_python(), "-m", "babel.messages.frontend", "compile", "-d", str(name)],
        )
    _remember("catalogues", catalogues)


def _python():
    return str(VENV / "bin" / "python")


def _digest(files):
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(path.read_bytes() if path.exists() else b"missing")
    return digest.hexdigest()


def _changed(name, files):
    stamp = STAMPS / name
    return not stamp.exists() or stamp.read_text() != _digest(files)


def _remember(name, files):
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(_digest(files))
