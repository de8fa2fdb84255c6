"""`lending restore FILE`: database and keys out of a backup; verifies them afterwards."""

from pathlib import Path

import click

from config import Config
from lending.cli.verify import verify_all
from lending.cli.words import Failed, database, show_progress, words
from lending.ops.archive import BadArchive
from lending.ops.migrate import migrate_database
from lending.ops.restore import NotEmpty, OtherSchema, restore


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Throw away what the database holds now.")
@click.pass_obj
def command(config: Config, file: Path, *, replace: bool) -> None:
    """Put the database and the keys of FILE in place; stop the server before."""
    migrate_database(config)
    with database(config) as engine:
        try:
            header = restore(
                engine,
                keys_file=config.instance / "keys.json",
                source=file,
                replace=replace,
                progress=show_progress(words("되살린 행", "Rows restored")),
            )
        except NotEmpty as error:
            raise Failed(
                words(
                    "데이터베이스가 비어 있지 않습니다. 지금 내용을 버리려면 --replace 를 붙이세요.",
                    "The database is not empty: --replace throws away what it holds now.",
                )
            ) from error
        except OtherSchema as error:
            theirs, ours = error.args
            raise Failed(
                words(
                    f"다른 버전의 백업입니다 (백업 {theirs}, 여기 {ours}).",
                    f"The backup is of another version (schema {theirs}, here {ours}).",
                )
            ) from error
        except OSError as error:
            raise Failed(f"{file}: {error.strerror or error}") from error
        except BadArchive as error:
            raise Failed(
                words(
                    f"{file}은(는) 온전한 백업이 아닙니다: {error}.",
                    f"{file} is no whole backup: {error}.",
                )
            ) from error
        click.echo(
            words(
                f"{header.made_at:%Y-%m-%d %H:%M}Z 백업을 되살렸습니다.",
                f"Restored the backup of {header.made_at:%Y-%m-%d %H:%M}Z.",
            )
        )
        verify_all(engine)
