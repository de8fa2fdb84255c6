"""The demo's passwords, kept beside its database so that every start can print them."""

import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lending.db import reading, transaction
from lending.demo.found import LOGINS
from lending.loop.tables import Label
from lending.people.passwords import check_password
from lending.people.staff import reset_password
from lending.people.tables import Staff
from lending.places.tables import District


@dataclass(frozen=True, slots=True)
class SignIn:
    """An account of the demo; `password` None once somebody has set another one."""

    login: str
    password: str | None


def keep_passwords(
    engine: Engine, *, district_id: int, instance: Path, passwords: dict[str, str]
) -> None:
    """Writes the passwords of this database's demo into `instance` (mode 0600)."""
    with reading(engine) as session:
        path = _path(session, district_id, instance)
    instance.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(passwords, file, indent=1)
    fresh.replace(path)


def load_sign_ins(engine: Engine, *, district_id: int, instance: Path) -> list[SignIn]:
    """The accounts of the demo with their passwords; where the file is lost, new ones are set."""
    with reading(engine) as session:
        path = _path(session, district_id, instance)
        query = sa.select(Staff.login, Staff.id, Staff.password_hash).where(
            Staff.district_id == district_id, Staff.login.in_(LOGINS)
        )
        staff = {row.login: row for row in session.execute(query)}
    passwords = _read(path)
    if passwords is None:
        with transaction(engine) as session:
            passwords = {
                login: reset_password(session, district_id=district_id, staff_id=staff[login].id)
                for login in LOGINS
                if login in staff
            }
        keep_passwords(engine, district_id=district_id, instance=instance, passwords=passwords)
        return [SignIn(login, password) for login, password in passwords.items()]
    return [
        SignIn(
            login,
            password if check_password(staff[login].password_hash, password) else None,
        )
        for login, password in passwords.items()
        if login in staff
    ]


def _path(session: Session, district_id: int, instance: Path) -> Path:
    """A name of this one database: its first cups' codes are random and stay."""
    code = session.scalar(
        sa.select(sa.func.min(Label.code))
        .join(District, District.id == Label.district_id)
        .where(District.id == district_id, Label.created_at == District.created_at)
    )
    return instance / f"demo-{hashlib.sha256(str(code).encode()).hexdigest()[:12]}.json"


def _read(path: Path) -> dict[str, str] | None:
    try:
        stored = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return {str(login): str(password) for login, password in stored.items()}
