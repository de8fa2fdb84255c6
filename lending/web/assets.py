"""Built scripts, styles, fonts and wasm: `asset("station/scan.js")` is the address to link.

`scripts/build_static` bundles every `static/<package>/<name>.entry.js` to
`static/build/<package>/<name>-<hash>.js` (the same for `.entry.css`) and writes the names to
`static/build/manifest.json`, which is read again whenever it was built anew.
"""

import json
import mimetypes
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for

from config import Config

YEAR = 365 * 24 * 3600


class NotBuilt(Exception):
    """An asset is missing: scripts/build_static has not run since it was added."""


def set_up_assets(app: Flask, config: Config) -> None:
    """The Jinja global `asset`, and long cache times for what carries a hash in its name."""
    mimetypes.add_type("application/wasm", ".wasm")
    mimetypes.add_type("text/javascript", ".js")
    mimetypes.add_type("font/woff2", ".woff2")
    app.extensions["assets"] = Manifest(config.build / "manifest.json")
    app.jinja_env.globals["asset"] = asset

    @app.after_request
    def keep_long(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 206, 304}:
            built = request.path.startswith("/static/build/")
            response.headers["Cache-Control"] = (
                f"public, max-age={YEAR}, immutable" if built else "public, max-age=300"
            )
        return response


def asset(name: str) -> str:
    """The address of a built file, by its name without hash."""
    return url_for("static", filename=f"build/{_manifest().file_of(name)}")


def built_file(name: str) -> Path:
    """Where a built file lies, by its name without hash."""
    return _manifest().folder / _manifest().file_of(name)


def _manifest() -> "Manifest":
    found = current_app.extensions["assets"]
    assert isinstance(found, Manifest)
    return found


class Manifest:
    """The names of what was built, as fresh as the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.folder = path.parent
        self._read_at = -1
        self._names: dict[str, str] = {}

    def file_of(self, name: str) -> str:
        """The file that was built for a name; raises NotBuilt."""
        names = self.names()
        if name not in names:
            raise NotBuilt(f"{name} is not in static/build: run scripts/build_static")
        return names[name]

    def names(self) -> dict[str, str]:
        """Name without hash → file name; empty before the first build."""
        try:
            changed_at = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return {}
        if changed_at != self._read_at:
            found = json.loads(self._path.read_text())
            self._names = {str(name): str(file) for name, file in found.items()}
            self._read_at = changed_at
        return self._names
