"""The shapes of requests about wash batches and of what they are answered."""

from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from lending.washing.batches.story import BatchEvent, BatchPiece
from lending.washing.batches.tables import Measure, Stage
from lending.washing.batches.views import BatchView
from lending.washing.pages.batch_words import (
    STAGE_WORDS,
    tell_event,
    write_age,
    write_moment,
    write_reading,
)
from lending.web.context import district
from lending.web.schemas import FromTablet, Text

NUMBER = validate.Range(1, 2**53)
SHOWN_READINGS = 6


class BatchCall(FromTablet):
    """What every call about a batch carries; `id` is the request's."""

    id = fields.UUID(required=True)
    seq = fields.Integer(load_default=None, allow_none=True, strict=True, validate=NUMBER)


class BeginBody(BatchCall):
    """A batch to be begun: the request's id is the batch's."""

    machine = fields.Integer(load_default=None, allow_none=True, strict=True, validate=NUMBER)
    programme = fields.Integer(load_default=None, allow_none=True, strict=True, validate=NUMBER)
    note = Text(max_length=500, load_default="")


class CodesBody(BatchCall):
    """Pieces and crates put in or taken out."""

    codes = fields.List(
        Text(required=True, max_length=300), required=True, validate=validate.Length(1, 500)
    )


class CountBody(BatchCall):
    """Counted ware put in loose."""

    kind = Text(required=True, max_length=40)
    quantity = fields.Integer(required=True, strict=True, validate=validate.Range(-(2**53), 2**53))


class StageBody(BatchCall):
    """A stage that began."""

    stage = fields.Enum(Stage, by_value=True, required=True)


class ReadingBody(BatchCall):
    """A value as typed, without its unit."""

    measure = fields.Enum(Measure, by_value=True, required=True)
    value = Text(required=True, max_length=40)
    stage = fields.Enum(Stage, by_value=True, load_default=None, allow_none=True)


def batch_out(batch: BatchView, *, now: datetime) -> dict[str, Any]:
    """A batch as the centre's screens show it."""
    zone = district().timezone
    end = batch.ended_at or batch.aborted_at
    loose = sum(batch.counted.values())
    return {
        "id": batch.id,
        "machine_id": batch.machine_id,
        "machine": batch.machine,
        "programme": batch.programme,
        "stages": [
            {
                "stage": stage,
                "words": str(STAGE_WORDS[stage]),
                "began": write_moment(batch.began[stage], now, zone)
                if stage in batch.began
                else None,
            }
            for stage in batch.stages
        ],
        "stage": _stage_now(batch),
        "since": write_moment(batch.started_at, now, zone),
        "age": write_age(batch.started_at, end or now),
        "state": _state(batch),
        "kinds": batch.kinds,
        "counted": batch.counted,
        "crates": batch.crates,
        "pieces": batch.pieces,
        "total": batch.pieces + loose,
        "capacity": batch.capacity,
        "fill": min(100, round(100 * (batch.pieces + loose) / batch.capacity))
        if batch.capacity
        else None,
        "over": batch.over_capacity,
        "too_cold": batch.too_cold,
        "minimum": batch.min_temperature,
        "awaits_result": batch.awaits_result,
        "readings": [
            {
                "words": write_reading(one.measure, one.value),
                "at": write_moment(one.at, now, zone),
            }
            for one in reversed(batch.readings[-SHOWN_READINGS:])
        ],
    }


def piece_out(piece: BatchPiece, *, now: datetime) -> dict[str, Any]:
    """A piece or crate in a batch."""
    return {
        "code": piece.code,
        "kind": piece.kind,
        "crate": piece.crate,
        "state": piece.state,
        "at": write_moment(piece.added_at, now, district().timezone),
    }


def event_out(event: BatchEvent, *, now: datetime) -> dict[str, Any]:
    """A line of a batch's story."""
    at = write_moment(event.at, now, district().timezone)
    return {"at": at, "words": tell_event(event), "by": event.by, "event": event.event}


def _stage_now(batch: BatchView) -> str | None:
    """The words of the stage that began last."""
    if not batch.began:
        return None
    return str(STAGE_WORDS[max(batch.began, key=lambda stage: batch.began[stage])])


def _state(batch: BatchView) -> str:
    if batch.aborted_at is not None:
        return "aborted"
    return "running" if batch.ended_at is None else "finished"
