"""The till's requests as JSON: a beep, a person, a cup said to be back, the board, alerts seen."""

from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from lending.errors import LendingError
from lending.loop.read.pieces import list_kinds
from lending.notices.alerts import mark_seen
from lending.people.tables import Role
from lending.station.api.words import ACTION_WORDS, ICONS, TONES, beep_out, receipt_out
from lending.station.beep import Beep, take_beep
from lending.station.board import Board, load_board
from lending.station.corrections import claim_return
from lending.station.person import PersonShown, PersonWanted, look_up_person
from lending.station.schemas import BeepBody, ClaimBody, PersonBody
from lending.web.access import current_actor, station
from lending.web.context import district
from lending.web.i18n import language, name_of, write_day
from lending.web.limits import limited
from lending.web.schemas import SeenBody
from lending.web.services import now, reading, services, write
from lending.web.stations import acting_site, read_body, signed_in_at

blueprint = Blueprint("station_api", __name__)

ALERT_WORDS = {
    "clean_low": lazy_gettext("깨끗한 컵이 %(count)s개 남았어요"),
    "box_full": lazy_gettext("반납함이 가득 찼어요. 컵 %(count)s개가 들어 있어요"),
    "box_silent": lazy_gettext("반납함 기기의 소식이 끊겼어요"),
    "crate_missing": lazy_gettext("보낸 상자 %(count)s개가 아직 도착하지 않았어요"),
    "dirty_old": lazy_gettext("들어온 지 오래된 컵 %(count)s개를 먼저 세척해 주세요"),
    "wash_recall": lazy_gettext("위생 검사에서 걸린 컵 %(count)s개를 모으고 있어요"),
    "wash_recall_out": lazy_gettext(
        "내보낸 %(count)s개가 위생 검사에 걸렸어요. 돌아오면 따로 두어 주세요"
    ),
    "wash_test_due": lazy_gettext("위생 검사 %(count)s건을 할 때가 됐어요"),
    "wash_machine_full": lazy_gettext("세척기 %(count)s대에 너무 많이 들어 있어요"),
    "machine_silent": lazy_gettext("무인회수기 %(count)s대의 소식이 끊겼어요"),
    "machine_full": lazy_gettext("무인회수기 %(count)s대가 가득 찼어요"),
    "waiting_collected": lazy_gettext("수거한 컵 %(count)s개가 오래 기다려요"),
    "waiting_dirty": lazy_gettext("세척할 컵 %(count)s개가 오래 기다려요"),
    "waiting_washed": lazy_gettext("검사할 컵 %(count)s개가 오래 기다려요"),
    "waiting_ready": lazy_gettext("깨끗한 컵 %(count)s개가 오래 나가지 않았어요"),
    "waiting_returned": lazy_gettext("반납된 컵 %(count)s개가 오래 기다려요"),
    "waiting_shipped": lazy_gettext("보낸 컵 %(count)s개가 아직 도착하지 않았어요"),
    "waiting_held": lazy_gettext("사용 중지된 컵 %(count)s개가 오래 기다려요"),
    "waiting_review": lazy_gettext("확인할 일 %(count)s건이 기다려요"),
}


@blueprint.post("/scan/beep")
@station(Role.CAFE)
def post_beep() -> Response:
    """BeepBody → what it meant and what became of it, in words; 200 also for a refusal."""
    values = read_body(BeepBody())
    code, by = values.pop("site"), values.pop("by")
    beep, moment = Beep(**values), now()

    def take(session: Session) -> dict[str, Any]:
        site = acting_site(session, code)
        answer = take_beep(
            session,
            replace(beep, by=by or signed_in_at(site)),
            actor=current_actor(),
            site=site,
            keys=services().keys,
            now=moment,
        )
        kinds = list_kinds(session, district_id=site.district_id) if answer.crate else ()
        return beep_out(answer, {kind.code: name_of(kind) for kind in kinds})

    try:
        out = write(take)
    except LendingError as error:
        if error.field != "code":
            raise  # anything but a text that is no item's code
        out = receipt_out(beep.id, beep.code, error.code)
    return jsonify(out | {"now": now()})


@blueprint.post("/scan/person")
@station(Role.CAFE)
@limited("scan_person", per_minute=120)
def post_person() -> Response:
    """PersonBody → four digits and cups out; stores nothing."""
    values = read_body(PersonBody())
    values.pop("site")
    wanted = PersonWanted(**values)
    shown = write(
        lambda session: look_up_person(
            session, wanted, actor=current_actor(), keys=services().keys, now=now()
        )
    )
    return jsonify(_person_out(shown) | {"now": now()})


@blueprint.post("/scan/claim")
@station(Role.CAFE)
def post_claim() -> Response:
    """ClaimBody → `{"new", "stops"}`: somebody looks for the cup; `stops`: its clock stands still
    and nothing is sent about it meanwhile."""
    values = read_body(ClaimBody())
    taken = write(lambda session: claim_return(session, **values, actor=current_actor(), now=now()))
    return jsonify(new=taken.new, stops=taken.stops_clock, now=now())


@blueprint.post("/scan/seen")
@station(Role.CAFE)
def post_seen() -> Response:
    """SeenBody → the alert goes no step further up."""
    alert_id = read_body(SeenBody())["alert"]
    write(lambda session: mark_seen(session, alert_id=alert_id, actor=current_actor(), now=now()))
    return jsonify(seen=alert_id, now=now())


@blueprint.get("/scan/board")
@station(Role.CAFE)
def get_board() -> Response:
    """Today's counts, clean cups here, the last ten scans and open alerts; `?site=` as above."""
    with reading() as session:
        site = acting_site(session, request.args.get("site"))
        board = load_board(session, actor=current_actor(), site=site, now=now())
    return jsonify(_board_out(board) | {"now": now()})


def _person_out(shown: PersonShown) -> dict[str, Any]:
    """A person's answer for the till; no contact but the one just typed there."""
    zone, english = district().timezone, language() == "en"
    out = asdict(shown)
    out["cups"] = [
        {
            "code": cup.code,
            "name": (english and cup.name_en) or cup.name,
            "since": write_day(cup.opened_at, zone),
            "due": write_day(cup.due_at, zone),
        }
        for cup in shown.cups
    ]
    return out


def _board_out(board: Board) -> dict[str, Any]:
    """The board for the till."""
    zone = district().timezone
    return {
        "lent": board.lent,
        "returned": board.returned,
        "clean_here": board.clean_here,
        "to_collect": board.to_collect,
        "scans": [
            {
                "id": scan.id,
                "word": str(ACTION_WORDS.get(scan.action, scan.action)),
                "tone": TONES.get(scan.action, "calm"),
                "icon": ICONS.get(scan.action, "info"),
                "code": scan.code,
                "kind": scan.kind,
                "at": scan.occurred_at,
                "voided": scan.voided,
            }
            for scan in board.scans
        ],
        "alerts": [
            {
                "id": alert.id,
                "words": str(
                    ALERT_WORDS.get(alert.kind, lazy_gettext("확인할 일 %(count)s건이 기다려요"))
                )
                % {"count": alert.count},
                "since": write_day(alert.opened_at, zone),
            }
            for alert in board.alerts
        ],
    }
