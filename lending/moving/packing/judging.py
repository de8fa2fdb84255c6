"""What becomes of each scanned piece: packed, or why not; judged on the locked pieces."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lending.bulk import one_of
from lending.errors import Code, LendingError
from lending.loop.codes import read_code
from lending.loop.steps import State
from lending.loop.tables import Item, ItemKind, Label, Scan


class Fate(StrEnum):
    """What became of one code."""

    PACKED = "packed"
    MOVED = "moved"  # packed; it lay in another crate until now
    SURPLUS = "surplus"  # packed, though the list does not want so many of its kind
    AGAIN = "again"  # it is in this crate already
    UNLISTED = "unlisted"  # not packed: the list wants none of its kind
    REFUSED = "refused"  # not packed, `error` says why
    OUT = "out"  # taken out of its crate
    LOOSE = "loose"  # it is in no crate


@dataclass(frozen=True, slots=True)
class Verdict:
    """One text: the code that was read, its kind, the crate it is in now (item ids), and why it is
    not packed. `known`: this very request has packed it before."""

    code: str
    error: Code | None = None
    kind: str | None = None
    crate_id: int | None = None
    known: bool = False


def judge_pieces(
    session: Session, *, district_id: int, codes: Sequence[str], known: Collection[str]
) -> dict[str, Verdict]:
    """A verdict by text, the pieces locked in the writer's order. What this very request has packed
    before (`known`) is not judged again."""
    read: dict[str, str] = {}
    told: dict[str, Verdict] = {}
    for text in codes:
        try:
            read[text] = read_code(text)
        except LendingError as error:
            told[text] = Verdict(text, error.code)
    found = _load_verdicts(session, district_id, set(read.values()), known)
    for text, code in read.items():
        told[text] = found.get(code, Verdict(code, Code.UNKNOWN_CODE))
    return told


def find_known(session: Session, *, request_id: uuid.UUID, codes: Sequence[str]) -> set[str]:
    """The codes whose scans this request has made before: it was sent again."""
    ids: dict[uuid.UUID, str] = {}
    for text in codes:
        with suppress(LendingError):
            code = read_code(text)
            ids[uuid.uuid5(request_id, code)] = code
    query = sa.select(Scan.id).where(one_of(Scan.id, "ids"))
    return {ids[row.id] for row in session.execute(query, {"ids": list(ids)})}


def _load_verdicts(
    session: Session, district_id: int, codes: Collection[str], known: Collection[str]
) -> Mapping[str, Verdict]:
    query = (
        sa.select(
            Label.code, ItemKind.code, Item.crate_id, Item.clean, Item.hold, Item.state, Item.carrier
        )
        .join(Item, Item.id == Label.item_id)
        .join(ItemKind, ItemKind.id == Item.kind_id)
        .where(one_of(Label.code, "codes"), Item.district_id == district_id)
        .order_by(Item.id)
        .with_for_update(of=Item)
    )  # fmt: skip
    found: dict[str, Verdict] = {}
    for code, kind, crate, clean, hold, state, carrier in session.execute(
        query, {"codes": list(codes)}
    ):
        error = refusal_of(clean=clean, hold=hold, state=state, carrier=carrier)
        again = code in known
        found[code] = Verdict(code, None if again else error, kind, crate, again)
    return found


def refusal_of(*, clean: bool, hold: str | None, state: State, carrier: bool) -> Code | None:
    """Why a piece may not be packed; None where it may."""
    if carrier:
        return Code.INVALID
    if state is State.RETIRED:
        return Code.RETIRED
    if hold is not None:
        return Code.HELD
    return None if clean else Code.NOT_CLEAN
