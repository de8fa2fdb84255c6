"""`lending district`: made, renamed, listed."""

import click

from config import Config
from lending.cli.words import choose_district, database, district_option, now, words
from lending.db import reading, transaction
from lending.loop.policy.defaults import write_default_terms
from lending.places.districts import create_district, list_districts, rename_district


@click.group("district")
def command() -> None:
    """Make, rename and list districts."""


@command.command("create")
@click.argument("name")
@click.option("--timezone", default="Asia/Seoul", show_default=True)
@click.pass_obj
def create(config: Config, name: str, timezone: str) -> None:
    """Make the district NAME, with the usual loan terms."""
    with database(config) as engine, transaction(engine) as session:
        made = create_district(session, name=name, timezone=timezone, now=now())
        write_default_terms(session, district_id=made.id, now=now())
    click.echo(
        words(f"{made.id}번 구를 만들었습니다: {made.name}", f"District {made.id}: {made.name}")
    )


@command.command("rename")
@click.argument("name")
@click.option("--english", default=None, help="The name on English pages.")
@district_option
@click.pass_obj
def rename(config: Config, name: str, english: str | None, district_id: int | None) -> None:
    """Give the district the name NAME; its labels and records stay as they are."""
    with database(config) as engine, transaction(engine) as session:
        district = choose_district(list_districts(session), district_id)
        name_en = district.name_en if english is None else english
        named = rename_district(session, district_id=district.id, name=name, name_en=name_en)
    click.echo(
        words(f"{named.id}번 구의 이름: {named.name}", f"District {named.id} is now {named.name}.")
    )


@command.command("list")
@click.pass_obj
def show(config: Config) -> None:
    """All districts: number, name."""
    with database(config) as engine, reading(engine) as session:
        for district in list_districts(session):
            click.echo(f"{district.id:>4}  {district.name}{'  (demo)' if district.is_demo else ''}")
