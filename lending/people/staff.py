"""Accounts of staff: added one by one or from a file, changed, deactivated, listed."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.people.passwords import check_password, hash_password, make_password
from lending.people.rights import at_any_site
from lending.people.tables import Role, Staff
from lending.places.sites import SiteView, load_sites, load_sites_by_code
from lending.places.tables import Site
from lending.places.texts import BadRows, Problem, RowError
from lending.places.uploads import Columns, Row

STAFF_ROLES = (Role.CAFE, Role.WASH, Role.COURIER, Role.OFFICER)
LANGUAGES = ("ko", "en")
COLUMNS = Columns(("login", "role", "site"), ("password", "language"))
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,59}")


@dataclass(frozen=True, slots=True)
class NewStaff:
    """An account to be made; `site_id` only for roles that work at one site."""

    login: str
    password: str
    role: Role
    site_id: int | None = None
    language: str = "ko"


@dataclass(frozen=True, slots=True)
class StaffView:
    """An account as officers see it; `site` is the code of its site, if it has one."""

    id: int
    login: str
    role: Role
    site: str | None
    language: str
    active: bool


@dataclass(frozen=True, slots=True)
class StaffAdded:
    """An account made from a file; `password` is shown once, None when the file gave one."""

    id: int
    login: str
    password: str | None


def add_staff(session: Session, *, district_id: int, new: NewStaff, now: datetime) -> int:
    """Makes one account and returns its id; INVALID or CONFLICT name the wrong field."""
    sites = load_sites(session, site_ids=[new.site_id] if new.site_id else [])
    row = _read_new(district_id, new, sites.get(new.site_id or 0), now)
    if _logins_in_use(session, {row.login}):
        raise LendingError(Code.CONFLICT, field="login", detail=Problem.IN_USE)
    session.add(row)
    session.flush()
    return row.id


def add_staff_from_rows(
    session: Session, *, district_id: int, table: Sequence[Row], now: datetime
) -> list[StaffAdded]:
    """All accounts of a file's rows (COLUMNS) — or none. BadRows lists every wrong line. A missing
    password is made up."""
    codes = {values["site"].upper() for _, values in table}
    sites = load_sites_by_code(session, codes=codes, district_id=district_id)
    made: list[tuple[Staff, str | None]] = []
    errors: list[RowError] = []
    lines: dict[str, int] = {}
    for line, values in table:
        password = values.get("password") or make_password()
        try:
            row = _read_line(district_id, values, password, sites, now)
        except LendingError as error:
            errors.append(RowError(line, error.field or "?", Problem(error.detail)))
            continue
        if row.login in lines:
            errors.append(RowError(line, "login", Problem.TWICE))
        lines.setdefault(row.login, line)
        made.append((row, None if values.get("password") else password))
    used = _logins_in_use(session, set(lines))
    errors += [RowError(lines[login], "login", Problem.IN_USE) for login in used]
    if errors:
        raise BadRows(sorted(errors, key=lambda error: error.line))
    session.add_all(row for row, _ in made)
    session.flush()
    return [StaffAdded(row.id, row.login, password) for row, password in made]


def change_password(session: Session, *, staff_id: int, old: str, new: str) -> int:
    """Sets another password and ends all sessions; the epoch for the session that goes on.

    WRONG_SIGN_IN when the old one is wrong, INVALID (field password) for a weak new one.
    """
    staff = session.get(Staff, staff_id)
    if staff is None or not staff.active or not check_password(staff.password_hash, old):
        raise LendingError(Code.WRONG_SIGN_IN, field="old")
    return _set_password(session, staff, new)


def reset_password(session: Session, *, district_id: int, staff_id: int) -> str:
    """A new made-up password, shown once; all sessions end. NOT_FOUND (field staff)."""
    password = make_password()
    _set_password(session, _get(session, district_id, staff_id), password)
    return password


def set_active(session: Session, *, district_id: int, staff_id: int, active: bool) -> None:
    """Deactivates an account at once, or lets it in again; the last officer stays (CONFLICT)."""
    staff = _get(session, district_id, staff_id)
    if not active and staff.role is Role.OFFICER:
        # All officers' rows are locked: two officers cannot deactivate each other at once.
        others = session.scalars(
            sa.select(Staff.id)
            .where(Staff.district_id == district_id, Staff.role == Role.OFFICER, Staff.active)
            .order_by(Staff.id)
            .with_for_update()
        )
        if set(others) <= {staff_id}:
            raise LendingError(Code.CONFLICT, field="staff", detail=Problem.LAST_OFFICER)
    staff.active = active
    staff.session_epoch += 1
    session.flush()


def change_staff_language(session: Session, *, staff_id: int, language: str) -> None:
    """The language of this person's pages."""
    if language not in LANGUAGES:
        raise LendingError(Code.INVALID, field="language", detail=Problem.UNKNOWN_LANGUAGE)
    session.execute(sa.update(Staff).where(Staff.id == staff_id).values(language=language))


def list_staff(
    session: Session, *, district_id: int, after: str | None = None, limit: int = 100
) -> list[StaffView]:
    """At most `limit` accounts in the order of their logins, from the first after `after` on."""
    query = (
        sa.select(Staff, Site.code)
        .outerjoin(Site, Site.id == Staff.site_id)
        .where(Staff.district_id == district_id)
        .order_by(Staff.login)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Staff.login > after)
    return [
        StaffView(staff.id, staff.login, staff.role, code, staff.language, staff.active)
        for staff, code in session.execute(query)
    ]


def staff_at(
    session: Session, *, staff_ids: Collection[int], district_id: int, site_id: int
) -> set[int]:
    """Those of these accounts that are active and work at this site or in the whole district."""
    if not staff_ids:
        return set()
    query = sa.select(Staff.id).where(
        Staff.id.in_(staff_ids),
        Staff.active,
        Staff.district_id == district_id,
        Staff.site_id.is_(None) | (Staff.site_id == site_id),
    )
    return set(session.scalars(query))


def _read_line(
    district_id: int,
    values: Mapping[str, str],
    password: str,
    sites: Mapping[str, SiteView],
    now: datetime,
) -> Staff:
    if values["role"] not in [role.value for role in STAFF_ROLES]:
        raise LendingError(Code.INVALID, field="role", detail=Problem.UNKNOWN_ROLE)
    site = sites.get(values["site"].upper())
    if values["site"] and site is None:
        raise LendingError(Code.INVALID, field="site", detail=Problem.NO_SUCH_SITE)
    new = NewStaff(
        login=values["login"],
        password=password,
        role=Role(values["role"]),
        site_id=site.id if site else None,
        language=values.get("language") or "ko",
    )
    return _read_new(district_id, new, site, now)


def _read_new(district_id: int, new: NewStaff, site: SiteView | None, now: datetime) -> Staff:
    login = new.login.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise LendingError(Code.INVALID, field="login", detail=Problem.BAD_LOGIN)
    if new.role not in STAFF_ROLES:
        raise LendingError(Code.INVALID, field="role", detail=Problem.UNKNOWN_ROLE)
    if new.language not in LANGUAGES:
        raise LendingError(Code.INVALID, field="language", detail=Problem.UNKNOWN_LANGUAGE)
    if site is not None and site.district_id != district_id:
        raise LendingError(Code.INVALID, field="site", detail=Problem.NO_SUCH_SITE)
    if not at_any_site(new.role) and site is None:
        raise LendingError(Code.INVALID, field="site", detail=Problem.SITE_NEEDED)
    return Staff(
        district_id=district_id,
        site_id=site.id if site and not at_any_site(new.role) else None,
        login=login,
        password_hash=hash_password(new.password, login=login),
        role=new.role,
        language=new.language,
        created_at=now,
    )


def _set_password(session: Session, staff: Staff, password: str) -> int:
    staff.password_hash = hash_password(password, login=staff.login)
    staff.session_epoch += 1
    session.flush()
    return staff.session_epoch


def _logins_in_use(session: Session, logins: set[str]) -> list[str]:
    return list(session.scalars(sa.select(Staff.login).where(Staff.login.in_(logins))))


def _get(session: Session, district_id: int, staff_id: int) -> Staff:
    staff = session.get(Staff, staff_id)
    if staff is None or staff.district_id != district_id:
        raise LendingError(Code.NOT_FOUND, field="staff")
    return staff
