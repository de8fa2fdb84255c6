"""`lending token`: bearer tokens of the API."""

import click

from config import Config
from lending.cli.words import Failed, database, now, words
from lending.db import reading, transaction
from lending.errors import Code, LendingError
from lending.people.tables import Role
from lending.people.tokens import create_token, list_tokens, revoke_token
from lending.places.districts import list_districts

ROLES = [role.value for role in Role if role not in {Role.RESIDENT, Role.PLATFORM}]


@click.group("token")
def command() -> None:
    """Make, list and revoke tokens of the API."""


@command.command("create")
@click.option("--site", required=True, help="Code of the site, see lending site list.")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--name", default="", help="What it is for, as officers see it.")
@click.pass_obj
def create(config: Config, site: str, role: str, name: str) -> None:
    """Make a token; it stands alone on the last line and is shown only now."""
    with database(config) as engine:
        try:
            with transaction(engine) as session:
                made = create_token(session, site=site, role=Role(role), name=name, now=now())
        except LendingError as error:
            if error.code is not Code.NOT_FOUND:
                raise
            raise Failed(
                words(
                    f"{site}라는 장소가 없습니다. lending site list로 확인해 주세요.",
                    f"There is no site {site}: see lending site list.",
                )
            ) from error
    click.echo(
        words(
            f"토큰 {made.id}번 ({role}, {site.upper()}). 지금 한 번만 보입니다:",
            f"Token {made.id} ({role}, {site.upper()}), shown only this once:",
        )
    )
    click.echo(made.token)


@command.command("list")
@click.pass_obj
def show(config: Config) -> None:
    """All tokens, the newest first: number, role, site, state, name."""
    with database(config) as engine, reading(engine) as session:
        for district in list_districts(session):
            before = None
            while page := list_tokens(session, district_id=district.id, before=before):
                before = page[-1].id
                for token in page:
                    used = f"{token.last_used_at:%Y-%m-%d %H:%M}Z" if token.last_used_at else "-"
                    state = "revoked" if token.revoked_at else "in force"
                    click.echo(
                        f"{token.id:>6}  {token.role.value:<8} {token.site or '*':<20} {state:<9} "
                        f"last used {used:<17} {token.name}".rstrip()
                    )


@command.command("revoke")
@click.argument("number", type=int)
@click.pass_obj
def revoke(config: Config, number: int) -> None:
    """End the token NUMBER for ever."""
    with database(config) as engine, transaction(engine) as session:
        for district in list_districts(session):
            try:
                revoke_token(session, district_id=district.id, token_id=number, now=now())
            except LendingError:
                continue
            click.echo(words(f"토큰 {number}번을 없앴습니다.", f"Token {number} is revoked."))
            return
        raise Failed(
            words(f"유효한 토큰 {number}번이 없습니다.", f"There is no token {number} in force.")
        )
