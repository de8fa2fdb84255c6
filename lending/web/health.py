"""Is it alive: checks other packages add, the numbers for Prometheus and the request counter.

A package adds a check with `health_checks.append(check)` at import: `check(session, now)` returns
None when all is well, else one short sentence in the users' words. A failed check makes
`/healthz` answer 503 and shows the sentence as a bar on staff pages.
"""

import time
from collections.abc import Callable
from datetime import datetime

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from lending.web.services import glancing, now

Check = Callable[[Session, datetime], str | None]

health_checks: list[Check] = []

registry = CollectorRegistry()
requests_total = Counter(
    "lending_requests_total", "Requests answered", ["route", "status"], registry=registry
)
request_seconds = Histogram(
    "lending_request_seconds",
    "Time to answer",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=registry,
)


def failed_checks() -> list[str]:
    """One sentence for each check that fails now; raises SQLAlchemyError without a database."""
    with glancing() as session:
        session.connection()  # a pooled connection is tried before it is handed out
        return [words for check in health_checks if (words := check(session, now()))]


def warnings_for_staff() -> list[str]:
    """The same sentences for the bar on staff pages; a page never fails because of a check."""
    try:
        return failed_checks()
    except SQLAlchemyError:
        return []


def metrics_answer() -> Response:
    """The numbers of this process in Prometheus' text form."""
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def count_requests(app: Flask) -> None:
    """Count each answer by route pattern and status, and its time."""

    @app.after_request
    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "-"
        requests_total.labels(route, str(response.status_code)).inc()
        if "started" in g:
            request_seconds.labels(route).observe(time.perf_counter() - g.started)
        return response
