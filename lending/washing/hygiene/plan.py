"""How a district tests: its kinds of tests with their limits, how often, what waits for a result."""

import re
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.errors import Code, LendingError
from lending.loop.tables import WashBatch
from lending.people.actors import Actor
from lending.people.tables import Role
from lending.people.upserts import insert_or
from lending.places.texts import Problem, read_text
from lending.washing.batches.rights import read_number, signed
from lending.washing.hygiene.tables import HygieneSetting, HygieneTest, TestKind

ATP = "atp"
_CODE = re.compile(r"[a-z][a-z0-9-]{1,29}")
# domain.md §4: industry passes ATP at 200 RLU (Seoul at 20); E. coli and Salmonella twice a year.
FIRST_KINDS = (
    (ATP, "ATP 오염도", "ATP", "RLU", 200.0, 0),
    ("e-coli", "대장균", "E. coli", "CFU", 0.0, 6),
    ("salmonella", "살모넬라", "Salmonella", "CFU", 0.0, 6),
    ("detergent", "잔류 세제", "Detergent left", "mg/L", 0.0, 0),
    ("water", "수질", "Water", "CFU/mL", 100.0, 0),
)


@dataclass(frozen=True, slots=True)
class KindView:
    """A kind of test: good up to `limit` (in `unit`), due every `months` (0: never)."""

    id: int
    code: str
    name: str
    name_en: str
    unit: str
    limit: float
    months: int
    active: bool


@dataclass(frozen=True, slots=True)
class KindIn:
    """A kind as typed; `limit` without its unit."""

    code: str
    name: str
    name_en: str
    unit: str
    limit: str | float
    months: int
    active: bool = True


@dataclass(frozen=True, slots=True)
class PlanView:
    """`sample_every`: each n-th batch of a machine is to be sampled (0: none); `ship_waits`: what
    was sampled is not shipped before its result; `escalate_minutes`: an unconfirmed recall's."""

    sample_every: int = 0
    ship_waits: bool = True
    escalate_minutes: int = 30


def list_kinds(session: Session, *, district_id: int) -> list[KindView]:
    """The district's kinds of tests, in the order they were added; the usual ones (id 0) where it
    has not tested yet."""
    query = sa.select(TestKind).where(TestKind.district_id == district_id).order_by(TestKind.id)
    found = [_view(row) for row in session.scalars(query)]
    return found or [KindView(0, *kind, True) for kind in FIRST_KINDS]


def find_kind(session: Session, *, code: str, district_id: int) -> KindView:
    """A kind of test in use, for a test to be recorded; INVALID (field kind) for another."""
    _add_first(session, district_id)
    for kind in list_kinds(session, district_id=district_id):
        if kind.code == code and kind.active:
            return kind
    raise LendingError(Code.INVALID, field="kind", detail=Problem.UNKNOWN_KIND)


def set_kind(session: Session, kind: KindIn, *, actor: Actor) -> KindView:
    """Adds a kind of test or changes the one with its code; a test keeps the limit it was judged
    by. An officer's; INVALID names the field."""
    _check_officer(actor)
    _add_first(session, actor.district_id)
    if not 0 <= kind.months <= 120:
        raise LendingError(Code.INVALID, field="months", detail=Problem.OUT_OF_RANGE)
    row = {
        "district_id": actor.district_id,
        "code": _read_code(kind.code),
        "name": read_text(kind.name, "name"),
        "name_en": read_text(kind.name_en, "name_en", empty=True),
        "unit": read_text(kind.unit, "unit", empty=True, longest=20),
        "limit": read_number(kind.limit, "limit"),
        "months": kind.months,
        "active": kind.active,
    }
    insert = insert_or(session, TestKind)
    changed = {name: value for name, value in row.items() if name not in ("district_id", "code")}
    upsert = insert.on_conflict_do_update(index_elements=["district_id", "code"], set_=changed)
    session.execute(upsert, [row])
    query = sa.select(TestKind).where(
        TestKind.district_id == actor.district_id, TestKind.code == row["code"]
    )
    return _view(session.scalars(query.execution_options(populate_existing=True)).one())


def load_plan(session: Session, *, district_id: int) -> PlanView:
    """How the district tests; the defaults where it has said nothing."""
    row = session.get(HygieneSetting, district_id, populate_existing=True)
    if row is None:
        return PlanView()
    return PlanView(row.sample_every, row.ship_waits, row.escalate_minutes)


def set_plan(session: Session, plan: PlanView, *, actor: Actor, now: datetime) -> PlanView:
    """Changes how the district tests; an officer's. INVALID names the field out of range."""
    _check_officer(actor)
    for field, value, most in (
        ("sample_every", plan.sample_every, 1000),
        ("escalate_minutes", plan.escalate_minutes, 1440),
    ):
        if not 0 <= value <= most:
            raise LendingError(Code.INVALID, field=field, detail=Problem.OUT_OF_RANGE)
    changed = {
        "sample_every": plan.sample_every,
        "ship_waits": plan.ship_waits,
        "escalate_minutes": plan.escalate_minutes,
        "changed_at": now,
        "changed_by": signed(actor),
    }
    insert = insert_or(session, HygieneSetting)
    upsert = insert.on_conflict_do_update(index_elements=["district_id"], set_=changed)
    session.execute(upsert, [{"district_id": actor.district_id} | changed])
    return load_plan(session, district_id=actor.district_id)


def is_to_be_sampled(session: Session, batch: WashBatch) -> bool:
    """Whether the plan picks this batch, which has just ended: as many of its machine ended since
    the last one that was sampled. What it picks is not shipped before its result."""
    plan = load_plan(session, district_id=batch.district_id)
    if batch.machine_id is None or plan.sample_every == 0 or not plan.ship_waits:
        return batch.awaits_result
    sampled = (
        sa.select(sa.func.max(WashBatch.ended_at))
        .where(WashBatch.machine_id == batch.machine_id, WashBatch.id != batch.id)
        .where(
            sa.or_(
                WashBatch.awaits_result,
                sa.exists().where(HygieneTest.batch_id == WashBatch.id),
            )
        )
    )
    last = session.scalar(sampled)
    since = sa.select(sa.func.count()).where(
        WashBatch.machine_id == batch.machine_id, WashBatch.ended_at <= batch.ended_at,
        WashBatch.id != batch.id,
    )  # fmt: skip
    if last is not None:
        since = since.where(WashBatch.ended_at > last)
    return batch.awaits_result or (session.scalar(since) or 0) + 1 >= plan.sample_every


def _read_code(code: str) -> str:
    code = code.strip().lower()
    if not _CODE.fullmatch(code):
        raise LendingError(Code.INVALID, field="code", detail=Problem.BAD_KIND_CODE)
    return code


def _check_officer(actor: Actor) -> None:
    if actor.role is not Role.OFFICER:
        raise LendingError(Code.NOT_ALLOWED)


def _add_first(session: Session, district_id: int) -> None:
    known = sa.select(TestKind.id).where(TestKind.district_id == district_id).limit(1)
    if session.scalar(known) is not None:
        return
    names = ("code", "name", "name_en", "unit", "limit", "months")
    rows = [
        dict(zip(names, kind, strict=True)) | {"district_id": district_id, "active": True}
        for kind in FIRST_KINDS
    ]
    session.execute(insert_or(session, TestKind).on_conflict_do_nothing(), rows)


def _view(row: TestKind) -> KindView:
    return KindView(
        row.id, row.code, row.name, row.name_en, row.unit, row.limit, row.months, row.active
    )
