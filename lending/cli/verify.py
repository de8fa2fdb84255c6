"""`lending verify`: proves that everything stored is what the scans say."""

from itertools import chain

import click
from sqlalchemy.engine import Engine

from config import Config
from lending.cli.words import Failed, database, show_progress, words
from lending.db import reading
from lending.events.verify import verify_events
from lending.loop.verify import verify
from lending.wares.verify import verify_counts


@click.command("verify")
@click.pass_obj
def command(config: Config) -> None:
    """Replay every item's scans, add up all counted ware and name each difference; beside a running
    server too."""
    with database(config) as engine:
        verify_all(engine)


def verify_all(engine: Engine) -> None:
    """Says what differs, one line each, and fails if anything does."""
    differences = 0
    for difference in verify(engine, show_progress(words("확인한 용기", "Items replayed"))):
        differences += 1
        click.echo(str(difference))
    with reading(engine) as session:
        for wrong in chain(verify_counts(session), verify_events(session)):
            differences += 1
            click.echo(str(wrong))
    if differences:
        raise Failed(
            words(
                f"기록과 다른 곳이 {differences}건 있습니다. lending rebuild로 고칠 수 있습니다.",
                f"{differences} differences; lending rebuild repairs them from the scans.",
            )
        )
    click.echo(words("모두 기록과 같습니다.", "Everything stored is what the scans say."))
