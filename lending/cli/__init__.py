"""The command line: `lending <noun> <verb>`, one module per noun."""

import os
from importlib import import_module

import click

from config import Config

# Every module with a `command`. A new noun: add a line.
NOUNS = (
    "lending.cli.serve",
    "lending.cli.worker",
    "lending.cli.demo",
    "lending.cli.districts",
    "lending.cli.sites",
    "lending.cli.staff",
    "lending.cli.tokens",
    "lending.cli.codes",
    "lending.cli.verify",
    "lending.cli.wares",
    "lending.cli.forecast",
    "lending.cli.rebuild",
    "lending.cli.backup",
    "lending.cli.restore",
)


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """리플컵: lends reusable cups in a city district."""
    try:
        context.obj = Config.from_environ(os.environ)
    except ValueError as error:
        raise click.ClickException(str(error)) from error


for _name in NOUNS:
    main.add_command(import_module(_name).command)
