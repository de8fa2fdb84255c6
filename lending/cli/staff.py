"""`lending staff`: accounts added from the command line."""

import click

from config import Config
from lending.cli.words import choose_district, database, district_option, now, words
from lending.db import transaction
from lending.people.passwords import make_password
from lending.people.staff import STAFF_ROLES, NewStaff, add_staff
from lending.people.tables import Role
from lending.places.districts import list_districts
from lending.places.sites import find_site


@click.group("staff")
def command() -> None:
    """Add accounts of staff."""


@command.command("add")
@click.argument("login")
@click.option("--role", required=True, type=click.Choice([role.value for role in STAFF_ROLES]))
@click.option("--site", default=None, help="Code of the site where the person works.")
@click.option("--language", type=click.Choice(["ko", "en"]), default="ko", show_default=True)
@district_option
@click.pass_obj
def add(
    config: Config,
    login: str,
    role: str,
    site: str | None,
    language: str,
    district_id: int | None,
) -> None:
    """Add the account LOGIN; its password is made up and stands alone on the last line."""
    password = make_password()
    with database(config) as engine, transaction(engine) as session:
        district = choose_district(list_districts(session), district_id)
        place = find_site(session, code=site, district_id=district.id) if site else None
        new = NewStaff(login, password, Role(role), place.id if place else None, language)
        add_staff(session, district_id=district.id, new=new, now=now())
    click.echo(
        words(
            f"{login} ({role}). 비밀번호는 지금 한 번만 보입니다:",
            f"{login} ({role}); the password is shown only this once:",
        )
    )
    click.echo(password)
