"""A worn label replaced: the new one goes on, the old one resolves for ever."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from lending.errors import LendingError
from lending.loop.codes import read_code
from lending.loop.read.pieces import find_item
from lending.loop.record import record_scans
from lending.loop.scans import Result, ScanIn
from lending.loop.steps import Action
from lending.people.actors import Actor
from lending.people.keys import Keys


def replace_label(
    session: Session, *, old: str, new: str, actor: Actor, keys: Keys, now: datetime
) -> str:
    """Puts the label `new` on the piece of the label `old`; the new code.

    Errors name the field `old` or `new`: INVALID, BAD_CHECK_DIGIT, NOT_FOUND; INVALID (new) for a
    label that belongs to another piece.
    """
    try:
        item = find_item(session, code=old, actor=actor).view
    except LendingError as error:
        raise LendingError(error.code, field="old") from error
    try:
        code = read_code(new)
    except LendingError as error:
        raise LendingError(error.code, field="new") from error
    scan = ScanIn(uuid.uuid4(), Action.RELABEL, item.code, now, ask=True, site=item.site, to=code)
    receipt = record_scans(session, [scan], actor=actor, keys=keys, now=now)[0]
    if receipt.result is Result.REFUSED and receipt.error is not None:
        raise LendingError(receipt.error, field="new")
    return code
