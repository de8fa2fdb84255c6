"""Pieces as they were: what was scanned long ago is not judged on what came after it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from lending.loop.replay import replay
from lending.loop.values import Piece
from lending.loop.write.entry import Entry
from lending.loop.write.load import load_stories


def pieces_at(
    session: Session, wanted: Sequence[tuple[Entry | None, datetime]]
) -> list[Piece | None]:
    """Each piece at its moment, None for an unknown label; the stories needed are read at once."""
    late = {entry.id: entry for entry, moment in wanted if entry and _is_later(entry, moment)}
    load_stories(session, list(late.values()))
    return [_piece_at(entry, moment) for entry, moment in wanted]


def _piece_at(entry: Entry | None, moment: datetime) -> Piece | None:
    if entry is None:
        return None
    if not _is_later(entry, moment):
        return entry.piece
    events = [event for event in entry.events.values() if event.at <= moment]
    return replay(events, carrier=entry.before.carrier).piece


def _is_later(entry: Entry, moment: datetime) -> bool:
    """Whether something is known of the piece that happened after that moment."""
    return entry.before.last_at is not None and entry.before.last_at > moment
