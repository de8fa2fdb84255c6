"""`lending serve`: the web server with the worker beside it."""

import click

from config import Config


@click.command("serve")
@click.pass_obj
def command(config: Config) -> None:
    """Serve the pages and the API, with the worker running, until SIGINT or SIGTERM."""
    from lending.serve import run_server

    raise SystemExit(run_server(config))
