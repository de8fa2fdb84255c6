"""`lending rebuild`: repairs what is stored from the scans."""

import click

from config import Config
from lending.cli.words import database, now, show_progress, words
from lending.loop.verify import rebuild


@click.command("rebuild")
@click.pass_obj
def command(config: Config) -> None:
    """Rewrite every item, loan and gap that differs from its scans; beside a running server too."""
    with database(config) as engine:
        progress = show_progress(words("확인한 용기", "Items replayed"))
        repaired = rebuild(engine, now=now(), progress=progress)
    click.echo(words(f"용기 {repaired}개를 고쳤습니다.", f"{repaired} items repaired."))
