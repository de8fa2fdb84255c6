"""`lending demo`: makes the demo district now."""

import click

from config import Config
from lending.cli.words import Failed, database, words
from lending.ops.migrate import migrate_database
from lending.ops.start import demo_lines, find_demo, make_demo_now, refuse_public_address


@click.command("demo")
@click.pass_obj
def command(config: Config) -> None:
    """Make the demo district in an empty database, or show its sign-ins again."""
    refuse_public_address(config)
    migrate_database(config)
    with database(config) as engine:
        demo = find_demo(engine) or make_demo_now(engine, config, click.echo)
        if demo is None:
            raise Failed(
                words(
                    "이 데이터베이스에는 이미 실제 구가 있어 데모를 만들지 않습니다.",
                    "This database holds a real district already, so no demo is made in it.",
                )
            )
        for line in demo_lines(engine, config, demo):
            click.echo(line)
