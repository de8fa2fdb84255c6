"""A random id in the asker's browser: bounds how often it asks, and shows it its own request again."""

import re
import uuid

from flask import Response, current_app, request

COOKIE = "asker"
NINETY_DAYS = 90 * 24 * 3600
_FORM = re.compile(r"[0-9a-f]{32}")


def browser_id() -> str:
    """The id this browser keeps; "" where it keeps none yet."""
    found = request.cookies.get(COOKIE, "")
    return found if _FORM.fullmatch(found) else ""


def with_browser_id(answer: Response) -> Response:
    """The answer, which gives a browser without an id one."""
    if not browser_id():
        answer.set_cookie(
            COOKIE,
            uuid.uuid4().hex,
            max_age=NINETY_DAYS,
            httponly=True,
            samesite="Lax",
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        )
    return answer
