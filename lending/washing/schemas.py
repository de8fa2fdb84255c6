"""The shapes of the washing table's requests and answers."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext
from marshmallow import ValidationError, fields, validate, validates_schema

from lending.errors import Code
from lending.loop.commands import FAULTS, STEPS, Command
from lending.loop.steps import Action
from lending.washing.pages.tray_words import is_to_check, words_of_line, words_of_tray
from lending.washing.pages.words import refusal_words, words_of
from lending.washing.table.board import Board, StateLine
from lending.washing.table.outcomes import Answer, Beep, LaneView, SetView, TrayAnswer
from lending.web.context import district
from lending.web.i18n import write_clock, write_day
from lending.web.schemas import FromTablet, Text

ALERT_WORDS = {
    "clean_low": lazy_gettext("깨끗한 컵이 %(count)s개 남았어요"),
    "wash_recall": lazy_gettext("위생 검사에서 걸린 컵 %(count)s개를 모으고 있어요"),
    "wash_recall_out": lazy_gettext(
        "내보낸 %(count)s개가 위생 검사에 걸렸어요. 돌아오면 따로 두어 주세요"
    ),
    "wash_test_due": lazy_gettext("위생 검사 %(count)s건을 할 때가 됐어요"),
    "wash_machine_full": lazy_gettext("세척기 %(count)s대에 너무 많이 들어 있어요"),
    "machine_silent": lazy_gettext("무인회수기 %(count)s대의 소식이 끊겼어요"),
    "machine_full": lazy_gettext("무인회수기 %(count)s대가 가득 찼어요"),
    "box_full": lazy_gettext("반납함이 가득 찼어요. 컵 %(count)s개가 들어 있어요"),
    "box_silent": lazy_gettext("반납함 기기의 소식이 끊겼어요"),
    "crate_missing": lazy_gettext("보낸 상자 %(count)s개가 아직 도착하지 않았어요"),
    "waiting_collected": lazy_gettext("수거한 컵 %(count)s개가 오래 기다려요"),
    "waiting_returned": lazy_gettext("반납된 컵 %(count)s개가 오래 기다려요"),
    "waiting_dirty": lazy_gettext("세척할 컵 %(count)s개가 오래 기다려요"),
    "dirty_old": lazy_gettext("들어온 지 오래된 컵 %(count)s개를 먼저 세척해 주세요"),
    "waiting_washed": lazy_gettext("검사할 컵 %(count)s개가 오래 기다려요"),
    "waiting_ready": lazy_gettext("깨끗한 컵 %(count)s개가 오래 나가지 않았어요"),
    "waiting_shipped": lazy_gettext("보낸 컵 %(count)s개가 아직 도착하지 않았어요"),
    "waiting_held": lazy_gettext("사용 중지된 컵 %(count)s개가 오래 기다려요"),
    "waiting_review": lazy_gettext("확인할 일 %(count)s건이 기다려요"),
}
OTHER_ALERT = lazy_gettext("확인할 일 %(count)s건이 기다려요")


class CallBody(FromTablet):
    """What every call of the table carries."""

    id = fields.UUID(required=True)
    lane = fields.UUID(required=True)
    seq = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 2**53)
    )


class BeepBody(CallBody):
    """A beep: exactly one of code, command and take."""

    code = Text(max_length=300, load_default=None, allow_none=True)
    command = fields.Enum(Command, by_value=True, load_default=None, allow_none=True)
    take = fields.UUID(load_default=None, allow_none=True)

    @validates_schema
    def _one_of_three(self, data: dict[str, Any], **_: Any) -> None:
        if sum(data.get(name) is not None for name in ("code", "command", "take")) != 1:
            raise ValidationError("one of code, command, take", "code")


class TrayBody(CallBody):
    """Codes read together, and the step or the fault of all of them."""

    command = fields.Enum(
        Command, by_value=True, required=True, validate=validate.OneOf([*STEPS, *FAULTS])
    )
    codes = fields.List(
        Text(required=True, max_length=300), required=True, validate=validate.Length(1, 500)
    )


def answer_out(answer: Answer, lane: LaneView) -> dict[str, Any]:
    """A beep's answer: how it is shown, and where the operator stands now."""
    receipt = answer.receipt
    item = receipt.item if receipt else None
    return {
        "id": answer.id,
        "outcome": answer.outcome,
        "reason": answer.reason,
        "result": receipt.result if receipt else None,
        "error": receipt.error if receipt else None,
        "code": item.code if item and item.code else answer.code,
        "kind": item.kind if item else None,
        "count": answer.count,
        "refused": list(answer.refused),
        "lane": lane_out(lane),
        **asdict(words_of(answer, lane)),
    }


def misread_out(beep: Beep, error: Code, lane: LaneView) -> dict[str, Any]:
    """The answer to a text that is no item's code."""
    return {
        "id": beep.id, "outcome": "refused", "reason": None, "result": "refused", "error": error,
        "code": beep.code, "kind": None, "count": 0, "refused": [], "lane": lane_out(lane),
        **asdict(refusal_words(error)),
    }  # fmt: skip


def tray_out(answer: TrayAnswer, lane: LaneView) -> dict[str, Any]:
    """A tray's answer: the whole in one line of words, and one entry for each piece."""
    lines = [
        {
            "code": line.code,
            "id": line.receipt.id if line.receipt else None,
            "fate": line.fate,
            "result": line.receipt.result if line.receipt else None,
            "error": line.error,
            "kind": line.receipt.item.kind if line.receipt and line.receipt.item else None,
            "check": is_to_check(line),
            **asdict(words_of_line(answer, line, lane)),
        }
        for line in answer.lines
    ]
    return {
        "id": answer.id,
        "outcome": "tray",
        "action": answer.action,
        "reason": answer.reason,
        "taken": sum(
            line.load.pieces if line.load else 1 for line in answer.lines if line.fate == "taken"
        ),
        "already": sum(line["fate"] == "already" for line in lines),
        "check": sum(line["check"] for line in lines),
        "lines": sorted(lines, key=lambda line: not line["check"]),
        "lane": lane_out(lane),
        **asdict(words_of_tray(answer)),
    }


def lane_out(lane: LaneView) -> dict[str, Any]:
    """Where the operator stands."""
    return {
        "step": lane.step,
        "fault": lane.fault,
        "fault_stays": lane.fault_stays,
        "set": set_out(lane.set) if lane.set else None,
        "crate": lane.crate,
    }


def set_out(one: SetView) -> dict[str, Any]:
    """A set with its counts; `washed` counts those already passed too, and so on."""
    steps = one.steps
    passed = steps.get(Action.PASS, 0)
    washed = passed + steps.get(Action.WASH, 0)
    return {
        "id": one.id,
        "total": one.inside,
        "washed": washed,
        "passed": passed,
        "rewash": steps.get(Action.REWASH, 0),
        "retired": steps.get(Action.RETIRE, 0),
        "kinds": one.kinds,
        "through": one.is_through,
        "opened_at": one.opened_at,
        "since": write_clock(one.opened_at, district().timezone),
    }


def board_out(board: Board, *, now: datetime) -> dict[str, Any]:
    """The board for the page; ages in whole hours."""
    zone, counts = district().timezone, board.counts
    mine = board.lane.set
    return {
        "lane": lane_out(board.lane),
        "sets": [set_out(one) for one in board.sets if mine is None or one.id != mine.id],
        "today": {
            name: counts.get(action, 0)
            for name, action in {
                "received": Action.RECEIVE,
                "washed": Action.WASH,
                "passed": Action.PASS,
                "rewash": Action.REWASH,
                "retired": Action.RETIRE,
            }.items()
        },
        "first_pass": asdict(board.first_pass),
        "lines": [_line_out(line, now) for line in board.lines],
        "oldest": [
            {
                "code": item.code,
                "kind": item.kind,
                "state": item.state,
                "since": write_day(item.since, zone),
                "hours": _hours(item.since, now),
                "late": item.code in board.late,
            }
            for item in board.oldest
        ],
        "alerts": [
            {
                "id": alert.id,
                "words": str(ALERT_WORDS.get(alert.kind, OTHER_ALERT)) % {"count": alert.count},
                "since": write_day(alert.opened_at, zone),
            }
            for alert in board.alerts
        ],
        "now": now,
    }


def _line_out(line: StateLine, now: datetime) -> dict[str, Any]:
    return {
        "state": line.state,
        "count": line.count,
        "kinds": line.kinds,
        "hours": _hours(line.since, now),
        "late": line.is_late,
    }


def _hours(since: datetime, now: datetime) -> int:
    return max(0, int((now - since).total_seconds() // 3600))
