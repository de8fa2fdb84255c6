"""`lending forecast`: how well tomorrow's need is foretold, measured on this database's own past."""

import click

from config import Config
from lending.cli.words import choose_district, database, district_option, now, words
from lending.db import reading
from lending.moving.supply.demand import MEASURED_DAYS, measure_forecast
from lending.moving.supply.forecast import Errors
from lending.places.districts import list_districts


@click.command("forecast")
@district_option
@click.option("--days", type=click.IntRange(1, 365), default=MEASURED_DAYS, show_default=True)
@click.pass_obj
def command(config: Config, district_id: int | None, days: int) -> None:
    """Print the forecast's error beside that of "as on the same day last week".

    Every day is foretold only from the days before it. Pieces a day, and as a share of the need.
    """
    with database(config) as engine, reading(engine) as session:
        district = choose_district(list_districts(session), district_id)
        measured = measure_forecast(session, district_id=district.id, now=now(), days=days)
    click.echo(f"{'':<16}{'days':>8}{'needed':>9}{'forecast':>18}{'last week':>18}{'gain':>8}")
    for name, errors in measured.items():
        click.echo(_line(name, errors))
    if not any(errors.days for errors in measured.values()):
        click.echo(words("아직 비교할 기록이 없습니다.", "There is no past to measure on yet."))


def _line(name: str, errors: Errors) -> str:
    gain = f"{errors.gain:+.0%}" if errors.gain is not None else "-"
    return (
        f"{name:<16}{errors.days:>8}{errors.needed:>9}"
        f"{_error(errors.ours, errors.ours_share):>18}"
        f"{_error(errors.naive, errors.naive_share):>18}{gain:>8}"
    )


def _error(pieces: float, share: float | None) -> str:
    return f"{pieces:.2f}" if share is None else f"{pieces:.2f} ({share:.0%})"
