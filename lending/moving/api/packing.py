"""What a packer's tablet tells as JSON: crates and pieces scanned, counts typed, crates sealed."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify
from sqlalchemy.orm import Session

from lending.errors import LendingError
from lending.loop.clock import moment_told
from lending.moving.api.shapes import (
    CodesBody,
    CountedBody,
    CrateBody,
    ListBody,
    Told,
    state_out,
)
from lending.moving.packing.closing import ListAct, act_on_list
from lending.moving.packing.counted import CountedPacking, pack_counted_ware
from lending.moving.packing.pieces import Packed, Packing, pack_pieces
from lending.moving.packing.sealing import dissolve_crate, reopen_crate, seal_crate
from lending.moving.packing.sight import (
    CrateSight,
    PackerView,
    crate_in_hand,
    sight_crate,
    view_packer,
)
from lending.moving.packing.unpacking import Unpacking, unpack_counted_ware, unpack_pieces
from lending.moving.pages import packing_words as words
from lending.people.actors import Actor
from lending.people.tables import Role
from lending.web.access import current_actor, station
from lending.web.i18n import name_of
from lending.web.services import now, reading, services, write
from lending.web.stations import Words, read_body

blueprint = Blueprint("moving_packing_api", __name__)
OF_THE_TABLE = {
    "code",
    "crate",
    "quantities",
    "quantity",
    "loaded",
}  # faults the packer mends at the table


@blueprint.get("/moving/packing/<uuid:list_id>/state")
@station(Role.WASH)
def get_state(list_id: UUID) -> Response:
    """The list, its crates, and what to take next."""
    with reading() as session:
        packer = view_packer(session, list_id=list_id, actor=current_actor())
        return jsonify(state_out(packer) | {"now": now()})


@blueprint.post("/moving/packing/<uuid:list_id>/codes")
@station(Role.WASH)
def post_codes(list_id: UUID) -> Response:
    """CodesBody → what it came to in words, the crate in hand, and the list; 200 for what is
    refused at the table too."""
    values = read_body(CodesBody())

    def take(session: Session, actor: Actor, at: datetime) -> dict[str, Any]:
        codes = values["codes"]
        if len(codes) == 1 and (sight := sight_crate(
            session, code=codes[0], list_id=list_id, actor=actor
        )):  # fmt: skip
            return _crate_seen(session, sight, list_id, actor)
        crate = _hand(session, values, actor)
        if values["out"]:
            out = Unpacking(values["id"], list_id, codes, at)
            pieces = unpack_pieces(
                session, out, actor=actor, keys=services().keys, now=now()
            )  # fmt: skip
            return _pieces_out(session, list_id, actor, pieces, crate, out=True)
        if not crate:
            return _no_crate(session, list_id, actor)
        packing = Packing(values["id"], list_id, crate, codes, at, values["extra"])
        answer = pack_pieces(session, packing, actor=actor, keys=services().keys, now=now())
        return _pieces_out(session, list_id, actor, answer.pieces, answer.crate.code)

    return _answer(list_id, values, take)


@blueprint.post("/moving/packing/<uuid:list_id>/counted")
@station(Role.WASH)
def post_counted(list_id: UUID) -> Response:
    """CountedBody → as `post_codes`."""
    values = read_body(CountedBody())

    def take(session: Session, actor: Actor, at: datetime) -> dict[str, Any]:
        lines, crate = {values["kind"]: values["quantity"]}, _hand(session, values, actor)
        if not crate:
            return _no_crate(session, list_id, actor)
        packing = CountedPacking(values["id"], list_id, crate, lines, at)
        if values["out"]:
            unpack_counted_ware(session, packing, actor=actor, now=now())
        else:
            pack_counted_ware(session, packing, actor=actor, now=now())
        session.flush()
        packer = view_packer(session, list_id=list_id, actor=actor, kinds=())
        name = name_of(packer.kinds[values["kind"]])
        told = words.words_of_counted(
            values["quantity"], name, packer.packing, out=values["out"]
        )  # fmt: skip
        return _out(packer, told, outcome="counted", kind=values["kind"], hand=crate)

    return _answer(list_id, values, take)


@blueprint.post("/moving/packing/<uuid:list_id>/crate")
@station(Role.WASH)
def post_crate(list_id: UUID) -> Response:
    """CrateBody → the crate is sealed, opened again, or not sent after all."""
    values = read_body(CrateBody())

    def take(session: Session, actor: Actor, at: datetime) -> dict[str, Any]:
        crate, do = _hand(session, values, actor), values["do"]
        if not crate:
            return _no_crate(session, list_id, actor)
        if do == "reopen":
            view = reopen_crate(session, crate=crate, actor=actor, now=at)
        elif do == "seal":
            view = seal_crate(session, crate=crate, actor=actor, now=at)
        else:
            view = dissolve_crate(session, crate=crate, actor=actor, now=at)
        session.flush()
        told = words.words_of_done(do, view)
        more = {"hand": None if do == "dissolve" else view.code, "code": view.code}
        return _told(session, list_id, actor, told, outcome=do, **more)

    return _answer(list_id, values, take)


@blueprint.post("/moving/packing/<uuid:list_id>/close")
@station(Role.WASH)
def post_close(list_id: UUID) -> Response:
    """ListBody → nothing more is packed for the list; complete or not."""
    return _act(list_id, ListAct.CLOSE)


@blueprint.post("/moving/packing/<uuid:list_id>/reopen")
@station(Role.WASH)
def post_reopen(list_id: UUID) -> Response:
    """ListBody → more is packed for it after all; refused in words once a crate of it is loaded."""
    return _act(list_id, ListAct.REOPEN)


Take = Callable[[Session, Actor, datetime], dict[str, Any]]


def _act(list_id: UUID, act: ListAct) -> Response:
    def take(session: Session, actor: Actor, at: datetime) -> dict[str, Any]:
        act_on_list(session, act, list_id=list_id, actor=actor, at=at)
        packer = view_packer(session, list_id=list_id, actor=actor, kinds=())
        return _out(packer, words.words_of_list(packer.list_state), outcome=packer.list_state)

    return _answer(list_id, read_body(ListBody()), take)


def _answer(list_id: UUID, values: dict[str, Any], take: Take) -> Response:
    """What `take` came to; a fault the packer can mend at the table is answered in words, and
    nothing of the call is done."""
    actor, moment = current_actor(), now()
    told_at = (values[name] for name in ("at", "sent_at", "clock_error", "clock_lost"))
    at = moment_told(Told(*told_at), now=moment)
    try:
        told = write(lambda session: take(session, actor, at))
    except LendingError as error:
        if error.field not in OF_THE_TABLE:
            raise
        with reading() as session:
            packer = view_packer(session, list_id=list_id, actor=actor, kinds=())
            told = _out(packer, words.words_of_error(error), outcome="refused", error=error.code)
    return jsonify(told | {"id": values["id"], "now": moment})


def _hand(session: Session, values: dict[str, Any], actor: Actor) -> str | None:
    return crate_in_hand(
        session, crate=values["crate"], trail=values["trail"], district_id=actor.district_id
    )  # fmt: skip


def _no_crate(session: Session, list_id: UUID, actor: Actor) -> dict[str, Any]:
    return _told(session, list_id, actor, words.words_of_no_crate(), outcome="no_crate")


def _crate_seen(session: Session, sight: CrateSight, list_id: UUID, actor: Actor) -> dict[str, Any]:
    packer = view_packer(session, list_id=list_id, actor=actor, kinds=())
    told = words.words_of_crate(sight, packer.packing.site_name)
    outcome = "crate" if sight.busy is None else f"crate_{sight.busy}"
    code = sight.crate.code
    return _out(packer, told, outcome=outcome, code=code, hand=code)


def _pieces_out(
    session: Session,
    list_id: UUID,
    actor: Actor,
    pieces: tuple[Packed, ...],
    hand: str | None,
    *,
    out: bool = False,
) -> dict[str, Any]:
    session.flush()
    kinds = {one.kind for one in pieces if one.kind}
    packer = view_packer(session, list_id=list_id, actor=actor, kinds=kinds)

    def told_of(one: Packed) -> Words:
        name = name_of(packer.kinds[one.kind]) if one.kind else ""
        return words.words_of_piece(one, packer.packing, name)

    lines = [
        {"code": one.code, "fate": one.fate, "error": one.error, "kind": one.kind,
         "check": words.is_to_check(one), **asdict(told_of(one))}
        for one in pieces
    ]  # fmt: skip
    single = len(pieces) == 1
    told = told_of(pieces[0]) if single else words.words_of_many(pieces, packer.packing, out=out)
    first = pieces[0]
    return _out(
        packer, told, outcome=first.fate if single else "tray",
        code=first.code if single else None, kind=first.kind if single else None,
        error=first.error if single else None, hand=hand,
        lines=sorted(lines, key=lambda line: not line["check"]),
        check=sum(bool(line["check"]) for line in lines),
    )  # fmt: skip


def _told(
    session: Session, list_id: UUID, actor: Actor, told: Words, **more: Any
) -> dict[str, Any]:
    packer = view_packer(session, list_id=list_id, actor=actor, kinds=())
    return _out(packer, told, **more)


def _out(packer: PackerView, told: Words, **more: Any) -> dict[str, Any]:
    return {"state": state_out(packer), **asdict(told), **more}
