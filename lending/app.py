"""Puts the web application together: configuration, edge pieces and every package's routes."""

import os
from functools import partial
from importlib import import_module

from flask import Flask

from config import ROOT, Config, load_keys
from lending import db
from lending.web import access, answers, assets, context, health, i18n, identity, logs, security
from lending.web.addresses import RowNumber
from lending.web.json_text import FastJson
from lending.web.openapi import make_api
from lending.web.services import Services, now

# Every module with a `blueprint`, in the order of the menu. A new page or endpoint: add a line.
PAGES = (
    "lending.web.pages",
    "lending.people.pages",
    "lending.reminders.pages",
    "lending.residents.pages",
    "lending.loop.pages",
    "lending.station.pages",
    "lending.station.api.till",
    "lending.station.api.tablet",
    "lending.station.api.install",
    "lending.boxes.pages",
    "lending.boxes.api",
    "lending.washing.pages",
    "lending.washing.pages.batches",
    "lending.washing.pages.machines",
    "lending.washing.pages.inspection",
    "lending.washing.pages.shift",
    "lending.washing.api.shift",
    "lending.washing.api.batches",
    "lending.washing.api.table",
    "lending.washing.api.aside",
    "lending.washing.pages.hygiene",
    "lending.wares.pages",
    "lending.moving.pages.proposals",
    "lending.moving.pages.ask",
    "lending.moving.pages.ask_rules",
    "lending.moving.pages.packing",
    "lending.moving.api.packing",
    "lending.moving.pages.crates",
    "lending.moving.api.crates",
    "lending.moving.pages.settings",
    "lending.moving.pages.rounds",
    "lending.moving.pages.round_plan",
    "lending.moving.pages.round_pickups",
    "lending.moving.pages.driver",
    "lending.moving.api.driver",
    "lending.delivery.pages.board",
    "lending.delivery.pages.orders",
    "lending.delivery.pages.shops",
    "lending.delivery.pages.platforms",
    "lending.delivery.api.tablet",
    "lending.pickups.pages",
    "lending.events.pages",
    "lending.machines.pages",
    "lending.offices.pages",
    "lending.labels.pages.wall",
    "lending.labels.pages",
    "lending.office.pages",
    "lending.photos.pages",
    "lending.reports.pages",
)
ENDPOINTS: tuple[str, ...] = (
    "lending.loop.api",
    "lending.wares.api",
    "lending.washing.api.readings",
    "lending.moving.api.moves",
    "lending.events.api",
    "lending.machines.api",
    "lending.delivery.api.platforms",
)


def make_application(config: Config | None = None) -> Flask:
    """The application, refusing to start when a route declares no access rule."""
    config = config or Config.from_environ(os.environ)
    app = Flask(
        "lending",
        root_path=str(ROOT / "lending"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.url_map.converters["int"] = RowNumber
    app.json = FastJson(app)
    _add_services(app, config)
    security.secure_application(app, config)
    logs.set_up_logs(app, config)
    i18n.set_up_languages(app)
    assets.set_up_assets(app, config)
    context.set_up_templates(app)
    identity.make_login_manager().init_app(app)
    app.before_request(access.guard)
    app.after_request(identity.send_cookies)
    _add_routes(app)
    answers.register_error_handlers(app)  # after the API: its own error handler is replaced
    health.count_requests(app)
    access.refuse_undeclared(app)
    return app


def _add_services(app: Flask, config: Config) -> None:
    keys = load_keys(config.instance)
    app.secret_key = keys.session
    engine = db.make_engine(config.database_url)
    app.extensions["lending"] = Services(config, keys, engine, started=now())


def _add_routes(app: Flask) -> None:
    api = make_api(app)
    for name in ENDPOINTS:
        api.register_blueprint(import_module(name).blueprint)
    for name in PAGES:
        app.register_blueprint(import_module(name).blueprint)
    for endpoint in ("static", "api-docs.openapi_json"):
        # Not views of ours (a bound method takes no mark): wrapped, then marked.
        app.view_functions[endpoint] = access.public(partial(app.view_functions[endpoint]))
