"""What a start does before the port opens: the demo or the first officer's link, and what to print."""

import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy.engine import Engine

from config import Config, load_keys
from lending.db import make_engine, reading, transaction
from lending.demo.found import RESIDENT
from lending.demo.make import make_demo
from lending.demo.sign_ins import keep_passwords, load_sign_ins
from lending.people.first_officer import make_first_officer_link
from lending.people.tables import Role
from lending.people.tokens import create_token, revoke_tokens_named
from lending.places.districts import DistrictView, list_districts

Say = Callable[[str], None]

PRINTED_TOKEN = "printed at start"  # noqa: S105 - the name of a token
ROLES = {
    "mina": "café",
    "jun": "washing centre",
    "officer": "officer",
    "courier": "courier",
    "bora": "delivery shop",
    "haein": "funeral hall",
    "suji": "district office",
}


def prepare(config: Config, say: Say | None = None) -> list[str]:
    """Makes the demo in an empty database when it is wanted; the lines to print once serving.

    Ends the program with one sentence when a demo would stand at a public address.
    """
    say = say or _say
    engine = make_engine(config.database_url)
    try:
        demo = find_demo(engine)
        if demo is None and config.demo and _is_empty(engine):
            refuse_public_address(config)
            say("Making the demo district with two months of history (about half a minute) …")
            demo = make_demo_now(engine, config, say)
        if demo is None:
            return first_officer_lines(engine, config)
        refuse_public_address(config)
        return demo_lines(engine, config, demo)
    finally:
        engine.dispose()


def find_demo(engine: Engine) -> DistrictView | None:
    """The demo district of this database, if it is marked as one."""
    with reading(engine) as session:
        return next((one for one in list_districts(session) if one.is_demo), None)


def make_demo_now(engine: Engine, config: Config, say: Say) -> DistrictView | None:
    """Makes the demo and keeps its passwords; what stands there already is left alone."""
    keys = load_keys(config.instance)
    made = make_demo(engine, keys=keys, now=datetime.now(UTC), say=say)
    if made is not None:
        keep_passwords(
            engine,
            district_id=made.district_id,
            instance=config.instance,
            passwords=made.passwords,
        )
    return find_demo(engine)


def refuse_public_address(config: Config) -> None:
    """Ends the program with one sentence unless everything of this address stays on this machine:
    a demo's one-time codes lie open in its inbox."""
    host = urlsplit(config.public_url).hostname or ""
    for name, value in (("LENDING_PUBLIC_URL", host), ("LENDING_BIND", config.bind)):
        if not _is_loopback(value):
            raise SystemExit(
                f"A demo is for this machine only, and {name} ({value}) is not: for a real "
                "district set LENDING_DEMO=0 and an empty LENDING_DATABASE_URL."
            )


def demo_lines(engine: Engine, config: Config, demo: DistrictView) -> list[str]:
    """Sign-ins, a fresh token (the one printed before is revoked) and where the labels are."""
    sign_ins = load_sign_ins(engine, district_id=demo.id, instance=config.instance)
    base = config.public_url
    lines = [f"Demo sign-ins at {base}/staff/sign-in"]
    for one in sign_ins:
        password = one.password or "(set by yourself)"
        lines.append(f"  {ROLES.get(one.login, one.login):<15} login {one.login:<8} {password}")
    lines += [
        f"  {'resident':<15} {RESIDENT} at {base}/my, the code comes to {base}/demo/inbox",
        "API token (officer; the one printed before is revoked):",
        _fresh_token(engine, demo.id),
        f"Label sheet: {base}/office/labels/sample.pdf",
    ]
    return lines


def first_officer_lines(engine: Engine, config: Config) -> list[str]:
    """The one-time link while nobody is an officer; no lines afterwards."""
    with transaction(engine) as session:
        secret = make_first_officer_link(session, now=datetime.now(UTC))
    if secret is None:
        return []
    return [
        "Nobody is an officer yet. Open this link once, within a week:",
        f"{config.public_url}/first/{secret}",
    ]


def _fresh_token(engine: Engine, district_id: int) -> str:
    now = datetime.now(UTC)
    with transaction(engine) as session:
        revoke_tokens_named(session, district_id=district_id, name=PRINTED_TOKEN, now=now)
        made = create_token(
            session,
            site="OFFICE",
            role=Role.OFFICER,
            now=now,
            name=PRINTED_TOKEN,
            district_id=district_id,
        )
    return made.token


def _is_empty(engine: Engine) -> bool:
    with reading(engine) as session:
        return not list_districts(session)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - progress of a start that takes half a minute
