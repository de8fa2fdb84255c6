"""Kinds of ware: added one by one or from a file, and changed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.tables import Item, ItemKind
from lending.places.texts import BadRows, Problem, RowError, read_text
from lending.places.uploads import Columns, Row

MOST_USES = 100_000
COLUMNS = Columns(("code", "name"), ("name_en", "design_uses", "break_even_uses", "sort", "part"))
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


def add_kinds_from_rows(
    session: Session, *, district_id: int, table: Sequence[Row], now: datetime
) -> int:
    """All kinds of a file's rows (COLUMNS) — or none; how many. A part may stand in the same file.
    BadRows lists every wrong line."""
    kinds: dict[str, ItemKind] = {}
    errors: list[RowError] = []
    lines: dict[str, int] = {}
    parts: list[tuple[int, ItemKind, str]] = []
    for line, values in table:
        try:
            row = _read_kind(district_id, _read_line(values), now)
        except LendingError as error:
            errors.append(RowError(line, error.field or "?", Problem(error.detail)))
            continue
        if row.code in lines:
            errors.append(RowError(line, "code", Problem.TWICE))
        lines.setdefault(row.code, line)
        kinds.setdefault(row.code, row)
        if part := values.get("part", "").lower():
            parts.append((line, row, part))
    used = _codes_in_use(session, district_id, set(lines))
    errors += [RowError(lines[code], "code", Problem.IN_USE) for code in used]
    known = _counted_kinds(session, district_id, {part for *_, part in parts})
    of_file = {code for code, kind in kinds.items() if kind.counted}
    errors += [
        RowError(line, "part", Problem.PART_KIND)
        for line, kind, part in parts
        if not _has_parts(kind) or part not in known.keys() | of_file
    ]
    if errors:
        raise BadRows(sorted(errors, key=lambda error: error.line))
    session.add_all(kinds.values())
    session.flush()
    for _, kind, part in parts:
        kind.part_id = known[part] if part in known else kinds[part].id
    session.flush()
    return len(kinds)


def change_kind(session: Session, *, district_id: int, kind_id: int, new: NewKind) -> None:
    """Changes everything but the code and the sort; NOT_FOUND, INVALID names the wrong field.

    A part may be given to a kind that has none, but once there are pieces it is neither changed nor
    taken away (CONFLICT, field part): its lids are counted as sets with them.
    """
    kind = session.get(ItemKind, kind_id)
    if kind is None or kind.district_id != district_id:
        raise LendingError(Code.NOT_FOUND, field="kind")
    read = _read_kind(district_id, new, kind.created_at)
    kind.name, kind.name_en = read.name, read.name_en
    kind.design_uses, kind.break_even_uses = read.design_uses, read.break_even_uses
    if new.part is not None:
        part_id = _read_part(session, district_id, kind, new.part)
        if kind.part_id not in (None, part_id) and has_pieces(session, kind_id=kind.id):
            raise LendingError(Code.CONFLICT, field="part", detail=Problem.HAS_PIECES)
        kind.part_id = part_id
    session.flush()


def has_pieces(session: Session, *, kind_id: int) -> bool:
    """Whether any piece of this kind was ever registered."""
    return session.scalar(sa.select(sa.exists().where(Item.kind_id == kind_id))) is True


def _read_line(values: dict[str, str]) -> NewKind:
    return NewKind(
        code=values["code"],
        name=values["name"],
        name_en=values.get("name_en", ""),
        design_uses=_read_uses(values.get("design_uses") or "200", "design_uses"),
        break_even_uses=_read_uses(values.get("break_even_uses") or "6", "break_even_uses"),
        sort=values.get("sort", "").lower() or Sort.TRACKED,
    )


def _read_kind(district_id: int, new: NewKind, now: datetime) -> ItemKind:
    code = new.code.strip().lower()
    if not _CODE.fullmatch(code):
        raise LendingError(Code.INVALID, field="code", detail=Problem.BAD_KIND_CODE)
    if new.sort not in list(Sort):
        raise LendingError(Code.INVALID, field="sort", detail=Problem.UNKNOWN_SORT)
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
    found = _counted_kinds(session, district_id, {part}).get(part)
    if found is None or not _has_parts(kind):
        raise LendingError(Code.INVALID, field="part", detail=Problem.PART_KIND)
    return found


def _has_parts(kind: ItemKind) -> bool:
    return not kind.carrier and not kind.counted


def _counted_kinds(session: Session, district_id: int, codes: set[str]) -> dict[str, int]:
    query = sa.select(ItemKind.code, ItemKind.id).where(
        ItemKind.district_id == district_id, ItemKind.code.in_(codes), ItemKind.counted
    )
    return {row.code: row.id for row in session.execute(query)}


def _read_uses(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise LendingError(Code.INVALID, field=field, detail=Problem.OUT_OF_RANGE)
    return int(text)


def _codes_in_use(session: Session, district_id: int, codes: set[str]) -> list[str]:
    query = sa.select(ItemKind.code).where(
        ItemKind.district_id == district_id, ItemKind.code.in_(codes)
    )
    return list(session.scalars(query))
