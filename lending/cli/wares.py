"""`lending wares`: counted ware as the ledger has it."""

import click

from config import Config
from lending.cli.words import choose_district, database, district_option, words
from lending.db import reading
from lending.places.districts import list_districts
from lending.places.sites import find_site, load_sites
from lending.wares.balances import place_totals


@click.group("wares")
def command() -> None:
    """Show counted ware."""


@command.command("balances")
@click.option("--site", "code", help="Only of this site.")
@district_option
@click.pass_obj
def balances(config: Config, code: str | None, district_id: int | None) -> None:
    """What every place has, one line per kind and condition: loose, in crates there, on its way."""
    with database(config) as engine, reading(engine) as session:
        district = choose_district(list_districts(session), district_id)
        site = find_site(session, code=code.upper(), district_id=district.id) if code else None
        rows = place_totals(session, district_id=district.id, site_id=site.id if site else None)
        names = load_sites(session, site_ids={row.site_id for row in rows})
    for row in rows:
        click.echo(
            f"{names[row.site_id].code:<20} {row.kind:<20} {row.condition.value:<8}"
            f"{row.loose:>10}{row.in_crates:>10}{row.coming:>10}"
        )
    if not rows:
        click.echo(words("수량으로 센 그릇이 없습니다.", "There is no counted ware."))
