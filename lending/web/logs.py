"""Request logs as JSON lines: route, status, time and kind of caller, never what was sent."""

import logging
import time

import structlog
from flask import Flask, Response, g, request

from config import Config

QUIET = {"static", "web.healthz", "web.metrics"}


def set_up_logs(app: Flask, config: Config) -> None:
    """JSON lines on standard output, and one line per request.

    A line holds the route's pattern instead of the address asked for: codes, contacts, query
    strings and bodies never reach a log.
    """
    level = logging.getLevelNamesMapping().get(config.log_level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    log = structlog.get_logger("lending.web")

    @app.before_request
    def start_clock() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def log_request(response: Response) -> Response:
        if request.endpoint in QUIET and response.status_code < 500:
            return response
        actor = g.get("actor")
        log.info(
            "request",
            method=request.method,
            route=request.url_rule.rule if request.url_rule else "-",
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
            actor=f"{actor.kind}:{actor.id}"
            if actor and actor.id
            else (actor.kind if actor else "-"),
        )
        return response
