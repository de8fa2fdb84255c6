"""`lending site`: listed and added."""

import click

from config import Config
from lending.cli.words import choose_district, database, district_option, now, words
from lending.db import reading, transaction
from lending.places.districts import list_districts
from lending.places.sites import add_site, list_sites
from lending.places.tables import SiteKind


@click.group("site")
def command() -> None:
    """List and add sites."""


@command.command("list")
@click.option("--district", "district_id", type=int, help="Only those of this district.")
@click.pass_obj
def show(config: Config, district_id: int | None) -> None:
    """All sites, one per line: code, kind, name."""
    with database(config) as engine, reading(engine) as session:
        after = None
        while page := list_sites(session, district_id=district_id, after=after):
            after = page[-1].code
            for site in page:
                closed = "" if site.active else "  (closed)"
                click.echo(f"{site.code:<20} {site.kind.value:<12} {site.name}{closed}")


@command.command("add")
@click.argument("code")
@click.argument("name")
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in SiteKind]))
@click.option("--english", default="", help="The name on English pages.")
@district_option
@click.pass_obj
def add(
    config: Config, code: str, name: str, kind: str, english: str, district_id: int | None
) -> None:
    """Add the site CODE with the name NAME."""
    with database(config) as engine, transaction(engine) as session:
        district = choose_district(list_districts(session), district_id)
        site = add_site(
            session,
            district_id=district.id,
            code=code,
            kind=kind,
            name=name,
            name_en=english,
            now=now(),
        )
    click.echo(words(f"장소 {site.code}: {site.name}", f"Site {site.code}: {site.name}"))
