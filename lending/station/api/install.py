"""What makes a station installable: its service worker and its web app manifest; for everybody."""

from typing import Any

from flask import Blueprint, Response, current_app, json, request
from flask_babel import gettext as _

from lending.web.access import public
from lending.web.assets import asset, built_file
from lending.web.i18n import language

blueprint = Blueprint("station_install", __name__)

PAPER = "#ffffff"


@blueprint.get("/station/worker.js")
@public
def get_worker() -> Response:
    """The service worker of `/scan`, `/return`, `/drive` and `/delivery/pack`.

    Its address never changes and its scope is the whole site, so it is asked for anew each time:
    a station takes up a new version of the app within a day at most.
    """
    script = built_file("station/worker.js").read_bytes()
    answer = current_app.response_class(script, mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = "/"
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


@blueprint.get("/station/manifest.webmanifest")
@public
def get_manifest() -> Response:
    """The app as it is put on a home screen; `?for=return`: a tablet above a box; `?for=drive`: a
    driver's phone; `?for=pass`: a delivery shop's tablet."""
    wanted = request.args.get("for")
    start, name, short_name = {
        "return": ("/return", _("컵 반납"), _("반납")),
        "drive": ("/drive", _("컵 운행"), _("운행")),
        "pass": ("/delivery/pack", _("배달 포장"), _("포장")),
    }.get(wanted or "", ("/scan", _("컵 스캔"), _("스캔")))
    text = json.dumps(
        {
            "id": start,
            "name": name,
            "short_name": short_name,
            "lang": language(),
            "start_url": start,
            "scope": "/",
            "display": "fullscreen" if wanted == "return" else "standalone",
            "orientation": "any",
            "background_color": PAPER,
            "theme_color": PAPER,
            "icons": [
                _icon("station/icon-192.png", 192),
                _icon("station/icon-512.png", 512),
                _icon("station/icon-maskable-512.png", 512, purpose="maskable"),
            ],
        }
    )
    answer = current_app.response_class(text, mimetype="application/manifest+json")
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Vary"] = "Cookie, Accept-Language"
    return answer


def _icon(name: str, size: int, *, purpose: str = "any") -> dict[str, Any]:
    return {
        "src": asset(name),
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }
