"""What every command shares: sentences in Korean or English, the database, progress."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from config import Config
from lending.db import make_engine
from lending.errors import Code, LendingError
from lending.ops.migrate import schema_is_current
from lending.places.districts import DistrictView


class Failed(click.ClickException):
    """One sentence on stderr and exit code 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file or sys.stderr)


def words(korean: str, english: str) -> str:
    """The sentence in the language of the environment: Korean where it says so, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return korean if value.startswith("ko") else english
    return english


@contextmanager
def database(config: Config) -> Iterator[Engine]:
    """The configured database at the newest schema, with refusals said in one sentence."""
    url = sa.make_url(config.database_url)
    missing = url.get_backend_name() == "sqlite" and not Path(url.database or "").exists()
    engine = make_engine(config.database_url)
    try:
        if missing or not schema_is_current(engine):
            raise Failed(
                words(
                    "데이터베이스가 아직 준비되지 않았습니다. scripts/serve를 한 번 실행해 주세요.",
                    "The database is not ready yet: run scripts/serve once.",
                )
            )
        yield engine
    except LendingError as error:
        raise Failed(describe(error)) from error
    except OperationalError as error:
        cause = str(error.orig).strip().splitlines()[0]
        raise Failed(
            words(f"데이터베이스에 연결할 수 없습니다: {cause}", f"The database fails: {cause}")
        ) from error
    finally:
        engine.dispose()


def describe(error: LendingError) -> str:
    """A refusal of the services as one sentence."""
    field = error.field or ""
    detail = f" ({error.detail})" if error.detail else ""
    match error.code:
        case Code.NOT_FOUND:
            return words(
                f"찾을 수 없습니다: {field}{detail}.", f"There is no such {field}{detail}."
            )
        case Code.CONFLICT:
            return words(
                f"이미 쓰이고 있습니다: {field}{detail}.", f"The {field} cannot be taken{detail}."
            )
        case Code.INVALID:
            return words(
                f"값이 올바르지 않습니다: {field}{detail}.", f"The {field} is not valid{detail}."
            )
    return str(error)


def choose_district(districts: list[DistrictView], wanted: int | None) -> DistrictView:
    """The district with this number, or the only one there is."""
    if wanted is None and len(districts) == 1:
        return districts[0]
    found = next((one for one in districts if one.id == wanted), None)
    if found is not None:
        return found
    if not districts:
        raise Failed(
            words(
                "구가 아직 없습니다. lending district create 이름 으로 만들어 주세요.",
                "There is no district yet: make one with lending district create NAME.",
            )
        )
    raise Failed(
        words(
            "어느 구인지 --district 번호로 알려 주세요 (lending district list).",
            "Say which district with --district NUMBER (see lending district list).",
        )
    )


district_option = click.option(
    "--district", "district_id", type=int, help="Number of the district, where there are several."
)


def now() -> datetime:
    """The moment a command acts at."""
    return datetime.now(UTC)


def show_progress(label: str) -> Callable[[int, int], None]:
    """A function (done, in all) that says on stderr how far it is, once a second at most."""
    said_at = time.monotonic()

    def say(done: int, total: int) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= 1 or (total and done >= total):
            said_at = time.monotonic()
            share = f" ({done * 100 // total} %)" if total else ""
            click.echo(f"{label}: {done:,}{share}", err=True)

    return say
