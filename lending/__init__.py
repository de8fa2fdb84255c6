"""An open lending system for reusable cups: `create_app` makes the web application."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Config


def create_app(config: "Config | None" = None) -> "Flask":
    """The web application for one configuration (None: read from the environment, once).

    The imports stand inside so that `lending.errors` and the pure rules can be imported
    without flask.
    """
    from lending.app import make_application

    return make_application(config)
