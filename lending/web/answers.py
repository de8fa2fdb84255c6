"""Turns every exception into the one error answer: JSON for programs, a page for people."""

import traceback
from pathlib import Path
from urllib.parse import quote

import structlog
from flask import (
    Flask,
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
)
from flask_wtf.csrf import CSRFError
from marshmallow import ValidationError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from config import ROOT
from lending.errors import ChangedMeanwhile, Code, LendingError
from lending.people.actors import ActorKind
from lending.web.access import rule_of
from lending.web.errors import EdgeCode, code_of_status, error_body, explain, status_of

log = structlog.get_logger("lending.web")


def register_error_handlers(app: Flask) -> None:
    """Answer every failure of the application in the one shape."""
    app.register_error_handler(LendingError, _answer_lending_error)
    app.register_error_handler(ValidationError, _answer_validation_error)
    app.register_error_handler(ChangedMeanwhile, _answer_changed_meanwhile)
    app.register_error_handler(CSRFError, _answer_expired_form)
    app.register_error_handler(OperationalError, _answer_database_failure)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _answer_crash)


def wants_json() -> bool:
    """Whether a program asks: the API always, else who sends JSON or does not take HTML."""
    if request.path.startswith("/api/") or request.is_json:
        return True
    accepted = request.accept_mimetypes
    return bool(accepted) and accepted.best_match(["text/html", "application/json"]) != "text/html"


def answer(
    code: Code | EdgeCode,
    *,
    field: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """The error answer for a code, with its status and these extra headers."""
    if wants_json():
        response = jsonify(error_body(code, field=field))
    else:
        response = make_response(_page(code))
    response.status_code = status_of(code)
    if response.status_code == 401 and request.path.startswith("/api/"):
        response.headers["WWW-Authenticate"] = "Bearer"
    response.headers.update(headers or {})
    return response


def with_status(response: Response, error: LendingError) -> Response:
    """A page that shows a refusal itself, given the refusal's status and `Retry-After`."""
    response.status_code = status_of(error.code)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, error.retry_after))
    elif error.code is Code.UNAVAILABLE:
        response.headers["Retry-After"] = "5"
    return response


def _page(code: Code | EdgeCode) -> str:
    message, next_step = explain(code)
    try:
        return render_template("shared/error.html", code=code, message=message, next_step=next_step)
    except Exception as error:  # the layout needs the database, which may be what failed
        log.error("error_page_failed", **_place_of(error))
        return render_template("shared/plain_error.html", message=message, next_step=next_step)


def field_of(messages: object) -> str | None:
    """The dotted path of the first field in marshmallow's or webargs' messages."""
    path: list[str] = []
    while isinstance(messages, dict) and messages:
        key, messages = next(iter(messages.items()))
        if key not in {"json", "form", "query", "_schema", "headers", "files"} or path:
            path.append(str(key))
    return ".".join(part for part in path if part != "_schema") or None


def _answer_lending_error(error: LendingError) -> AnyResponse:
    if error.code is Code.SIGN_IN_NEEDED and request.method == "GET" and not wants_json():
        return redirect(_sign_in_page())
    return with_status(answer(error.code, field=error.field), error)


def _answer_validation_error(error: ValidationError) -> Response:
    return answer(Code.INVALID, field=field_of(error.messages))


def _answer_changed_meanwhile(_error: ChangedMeanwhile) -> Response:
    return answer(Code.UNAVAILABLE, headers={"Retry-After": "1"})


def _answer_expired_form(_error: CSRFError) -> Response:
    return answer(EdgeCode.FORM_EXPIRED)


def _answer_database_failure(error: OperationalError) -> Response:
    log.error("database_failed", route=str(request.url_rule), error=str(error.orig)[:200])
    return answer(Code.UNAVAILABLE, headers={"Retry-After": "5"})


def _answer_http_error(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < 400:
        return error.get_response()  # a redirect
    data = getattr(error, "data", None) or {}
    field = field_of(data.get("messages"))
    # Allow, Retry-After and Range are worth keeping; the body's type and length are not.
    kept = {
        k: v for k, v in error.get_headers() if k.lower() not in {"content-type", "content-length"}
    }
    kept |= dict(data.get("headers") or {})
    if error.code == 429:
        kept.setdefault("Retry-After", "60")
    response = answer(code_of_status(error.code), field=field, headers=kept)
    if error.code in {410, 414, 431} or (error.code == 400 and not wants_json()):
        response.status_code = error.code  # to a program what cannot be read is always a 422
    return response


def _answer_crash(error: Exception) -> Response:
    # Texts of exceptions may hold what somebody typed: only the kind and the place are logged.
    log.error("crash", path_rule=str(request.url_rule), **_place_of(error))
    return answer(EdgeCode.INTERNAL)


def _place_of(error: Exception) -> dict[str, object]:
    """The error's kind and the frames of our own code down to the last frame of all."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        frame
        for frame in frames[:-1]
        if str(ROOT) in frame.filename and ".venv" not in frame.filename
    ]
    places = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in (*ours, *frames[-1:])]
    return {"error": type(error).__name__, "frames": places}


def _sign_in_page() -> str:
    """Where a person signs in for this page, coming back to it afterwards."""
    view = current_app.view_functions[request.url_rule.endpoint] if request.url_rule else None
    rule = rule_of(view, request.method) if view else None
    for_residents = rule is not None and rule.kinds[:1] == (ActorKind.RESIDENT,)
    return ("/my/sign-in" if for_residents else "/staff/sign-in") + f"?next={quote(request.path)}"
