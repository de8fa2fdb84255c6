"""`lending backup FILE`: database and keys in one file, beside a running server."""

from pathlib import Path

import click

from config import Config, load_keys
from lending.cli.words import Failed, database, now, show_progress, words
from lending.ops.backup import back_up


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def command(config: Config, file: Path) -> None:
    """Write the database and the keys into FILE.

    Whoever has the file can read every contact: keep it as safe as the server.
    """
    with database(config) as engine:
        load_keys(config.instance)  # an installation without keys gets them before its backup
        try:
            counts = back_up(
                engine,
                keys_file=config.instance / "keys.json",
                out=file,
                now=now(),
                progress=show_progress(words("백업한 행", "Rows saved")),
            )
        except FileExistsError as error:
            raise Failed(
                words(f"{file} 파일이 이미 있습니다.", f"{file} exists already.")
            ) from error
        except OSError as error:
            raise Failed(f"{file}: {error.strerror}") from error
    click.echo(
        words(
            f"{file}: 스캔 {counts['scan']:,}건을 포함해 {sum(counts.values()):,}행과 키.",
            f"{file}: {sum(counts.values()):,} rows, {counts['scan']:,} scans among them, and keys.",
        )
    )
