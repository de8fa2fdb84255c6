"""Kinds of ware: added one by one or from a file, and changed."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.tables import ItemKind
from lending.places.texts import BadRows, Problem, RowError, read_csv, read_text

MOST_USES = 100_000
_CODE = re.compile(r"[a-z][a-z0-9-]{1,29}")


class Sort(StrEnum):
    """How pieces of a kind are known: each by its code, by quantities only, or as what carries."""

    TRACKED = "tracked"
    COUNTED = "counted"
    CRATE = "crate"  # or a bag: it has a code, carries ware and is none


@dataclass(frozen=True, slots=True)
class NewKind:
    """A kind to be made; its code stands in files and on labels and never changes, nor does its
    sort. `part`: the code of the counted kind that makes a set with it, such as a lid ("" for none;
    None leaves it as it is)."""

    code: str
    name: str
    name_en: str = ""
    design_uses: int = 200
    break_even_uses: int = 6
    sort: str = Sort.TRACKED
    part: str | None = None


def add_kind(session: Session, *, district_id: int, new: NewKind, now: datetime) -> None:
    """A new kind; INVALID names the wrong field, CONFLICT (field code) a code in use."""
    row = _read_kind(district_id, new, now)
    if _codes_in_use(session, district_id, {row.code}):
        raise LendingError(Code.CONFLICT, field="code", detail=Problem.IN_USE)
    row.part_id = _read_part(session, district_id, row, new.part)
    session.add(row)
    session.flush()


def add_kinds_from_csv(session: Session, *, district_id: int, text: str, now: datetime) -> int:
    """All kinds of a file with the columns code, name and, if wished, name_en, design_uses,
    break_even_uses and sort — or none; how many. BadRows lists every wrong line."""
    optional = ("name_en", "design_uses", "break_even_uses", "sort")
    rows: list[ItemKind] = []
    errors: list[RowError] = []
    lines: dict[str, int] = {}
    for line, values in read_csv(text, required=("code", "name"), optional=optional):
        try:
            row = _read_kind(district_id, _read_line(values), now)
        except LendingError as error:
            errors.append(RowError(line, error.field or "?", Problem(error.detail)))
            continue
        if row.code in lines:
            errors.append(RowError(line, "code", Problem.TWICE))
        lines.setdefault(row.code, line)
        rows.append(row)
    used = _codes_in_use(session, district_id, set(lines))
    errors += [RowError(lines[code], "code", Problem.IN_USE) for code in used]
    if errors:
        raise BadRows(sorted(errors, key=lambda error: error.line))
    session.add_all(rows)
    session.flush()
    return len(rows)


def change_kind(session: Session, *, district_id: int, kind_id: int, new: NewKind) -> None:
    """Changes everything but the code and the sort; NOT_FOUND, INVALID names the wrong field."""
    kind = session.get(ItemKind, kind_id)
    if kind is None or kind.district_id != district_id:
        raise LendingError(Code.NOT_FOUND, field="kind")
    read = _read_kind(district_id, new, kind.created_at)
    kind.name, kind.name_en = read.name, read.name_en
    kind.design_uses, kind.break_even_uses = read.design_uses, read.break_even_uses
    if new.part is not None:
        kind.part_id = _read_part(session, district_id, kind, new.part)
    session.flush()


def _read_line(values: dict[str, str]) -> NewKind:
    return NewKind(
        code=values["code"],
        name=values["name"],
        name_en=values.get("name_en", ""),
        design_uses=_read_uses(values.get("design_uses") or "200", "design_uses"),
        break_even_uses=_read_uses(values.get("break_even_uses") or "6", "break_even_uses"),
        sort=values.get("sort") or Sort.TRACKED,
    )


def _read_kind(district_id: int, new: NewKind, now: datetime) -> ItemKind:
    code = new.code.strip().lower()
    if not _CODE.fullmatch(code):
        raise LendingError(Code.INVALID, field="code", detail=Problem.BAD_KIND_CODE)
    if new.sort not in list(Sort):
        raise LendingError(Code.INVALID, field="sort", detail=Problem.UNKNOWN_KIND)
    for field, uses in (
        ("design_uses", new.design_uses),
        ("break_even_uses", new.break_even_uses),
    ):
        if not 1 <= uses <= MOST_USES:
            raise LendingError(Code.INVALID, field=field, detail=Problem.OUT_OF_RANGE)
    return ItemKind(
        district_id=district_id,
        code=code,
        name=read_text(new.name, "name"),
        name_en=read_text(new.name_en, "name_en", empty=True),
        design_uses=new.design_uses,
        break_even_uses=new.break_even_uses,
        carrier=new.sort == Sort.CRATE,
        counted=new.sort == Sort.COUNTED,
        created_at=now,
    )


def _read_part(session: Session, district_id: int, kind: ItemKind, part: str | None) -> int | None:
    """The id of the counted kind that belongs to a tracked one; INVALID (field part)."""
    if not part:
        return None
    query = sa.select(ItemKind.id).where(
        ItemKind.district_id == district_id, ItemKind.code == part, ItemKind.counted
    )
    found = session.scalar(query)
    if found is None or kind.carrier or kind.counted:
        raise LendingError(Code.INVALID, field="part", detail=Problem.UNKNOWN_KIND)
    return found


def _read_uses(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise LendingError(Code.INVALID, field=field, detail=Problem.OUT_OF_RANGE)
    return int(text)


def _codes_in_use(session: Session, district_id: int, codes: set[str]) -> list[str]:
    query = sa.select(ItemKind.code).where(
        ItemKind.district_id == district_id, ItemKind.code.in_(codes)
    )
    return list(session.scalars(query))
