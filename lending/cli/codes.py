"""`lending codes`: the codes of a kind of ware as CSV."""

from pathlib import Path

import click

from config import Config
from lending.cli.words import database, words
from lending.ops.export_codes import export_codes


@click.group("codes")
def command() -> None:
    """Codes for engraving or for a printer of one's own."""


@command.command("export")
@click.option("--kind", required=True, help="Code of the kind, for example cup-355.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def export(config: Config, kind: str, out: Path) -> None:
    """Write code, printed form and address of every piece and unclaimed label of a kind."""
    with database(config) as engine:
        count = export_codes(engine, kind=kind, out=out, public_url=config.public_url)
    click.echo(words(f"코드 {count}개: {out}", f"{count} codes in {out}"))
