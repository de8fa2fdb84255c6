"""`lending rebuild`: repairs what is stored from the scans."""

import click

from config import Config
from lending.cli.words import database, now, show_progress, words
from lending.db import run_transaction
from lending.loop.verify import rebuild
from lending.wares.verify import rebuild_counts


@click.command("rebuild")
@click.pass_obj
def command(config: Config) -> None:
    """Rewrite every item, loan and gap that differs from its scans, and every balance of counted
    ware that is not the sum of its moves; add the scans that pieces should have got with their
    crates. Beside a running server too."""
    with database(config) as engine:
        progress = show_progress(words("확인한 용기", "Items replayed"))
        repaired = rebuild(engine, now=now(), progress=progress)
        balances = run_transaction(engine, rebuild_counts)
    click.echo(words(f"용기 {repaired}개를 고쳤습니다.", f"{repaired} items repaired."))
    if balances:
        said = f"수량 {balances}건을 고쳤습니다.", f"{balances} balances of counted ware repaired."
        click.echo(words(*said))
