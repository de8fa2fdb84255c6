"""The public front page, the language switch, health and numbers."""

from flask import Blueprint, Response, jsonify, redirect, render_template
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from lending.people.actors import ActorKind
from lending.people.tables import Role
from lending.web import health
from lending.web.access import Rule, current_actor_or_none, declare, public
from lending.web.forms import local_target
from lending.web.i18n import LANGUAGE_COOKIE, LANGUAGES
from lending.web.security import form_token, has_form_token
from lending.web.services import now

blueprint = Blueprint("web", __name__)

YEAR = 365 * 24 * 3600


@blueprint.get("/")
@public
def landing() -> str:
    """What this is and where to go; 200 without sign-in."""
    return render_template("web/landing.html")


@blueprint.get("/language/<code>")
@public
def choose_language(code: str) -> AnyResponse:
    """Keep the language in a cookie for a year and go back to the page."""
    response = redirect(local_target(default="/"))
    if code in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, code, max_age=YEAR, samesite="Lax", httponly=True)
    return response


@blueprint.get("/form-token")
@public
def fresh_form_token() -> Response:
    """`{"token", "now"}`: a CSRF token for a page that was kept open or came from the cache.

    No token for nobody whom no page gave a session: one made here might arrive after that of a
    sign-in begun meanwhile and take its place. A phone sends what it kept the moment it is back
    on the network, while its driver signs in again.
    """
    is_known = has_form_token() or current_actor_or_none() is not None
    return jsonify(token=form_token() if is_known else None, now=now())


@blueprint.get("/healthz")
@public
def healthz() -> tuple[Response, int]:
    """`{"status": "ok"|"failing", "checks": […]}`, with 200 or 503."""
    try:
        failed = health.failed_checks()
    except SQLAlchemyError:
        failed = ["database"]
    return jsonify(status="failing" if failed else "ok", checks=failed), 503 if failed else 200


@blueprint.get("/metrics")
@declare(Rule((ActorKind.TOKEN, ActorKind.STAFF), frozenset({Role.OFFICER}), loopback=True))
def metrics() -> Response:
    """Prometheus numbers for an officer, an officer's token or this machine itself."""
    return health.metrics_answer()
