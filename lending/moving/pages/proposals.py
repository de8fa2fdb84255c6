"""The officer's morning: what each place needs, and what it gets; the forecast's own error."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from lending.errors import Code, LendingError
from lending.loop.read.pieces import KindView, list_kinds
from lending.moving.pages.names import Names, load_names
from lending.moving.pages.tabs import moving_page
from lending.moving.supply.crate_sizes import PIECES_PER_CRATE, load_crate_sizes
from lending.moving.supply.demand import MEASURED_DAYS, measure_forecast
from lending.moving.supply.forecast import Errors
from lending.moving.supply.orders import local_today
from lending.moving.supply.proposals import Decision, Proposal, decide_supply, propose_supply
from lending.moving.supply.ready import ready_at_centres
from lending.moving.supply.standing import LevelView, list_levels
from lending.people.signers import name_signers
from lending.people.tables import Role
from lending.web.access import current_actor, staff
from lending.web.forms import Form, read_form, tell
from lending.web.schemas import MESSAGES, Text
from lending.web.services import now, reading, write

blueprint = Blueprint("moving_proposals", __name__)

MOST_ROWS = 5_000
MOST_PIECES = 20_000
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2200, 12, 31)  # others cannot be moved between zones
MEASURED = "lending.moving.measured"  # in the application's extensions: errors by district and day


class DecideForm(Schema):
    """The numbers as they stood on the page, row by row; `do`: "all" for every row that is new or
    changed, else the number of one row."""

    day = fields.Date(required=True, validate=validate.Range(FIRST_DAY, LAST_DAY))
    do = Text(required=True, max_length=8)
    site = fields.List(Text(required=True, max_length=40), required=True)
    kind = fields.List(Text(required=True, max_length=40), required=True)
    pieces = fields.List(Text(required=True, max_length=12), required=True)


class AddForm(Schema):
    """A place and kind that nothing was proposed for."""

    day = fields.Date(required=True, validate=validate.Range(FIRST_DAY, LAST_DAY))
    to = Text(required=True, max_length=40)
    kind = Text(required=True, max_length=40)
    count = fields.Integer(
        required=True, validate=validate.Range(1, MOST_PIECES), error_messages=MESSAGES
    )


@dataclass(frozen=True, slots=True)
class Morning:
    """All the page shows of a day. `sizes`: pieces per crate by kind (code); `ready`: clean at the
    centres by kind id."""

    day: date
    today: date
    rows: list[Proposal]
    names: Names
    kinds: list[KindView]
    sizes: dict[int, int]
    ready: dict[int, int]
    levels: dict[tuple[str, str], LevelView]
    signers: dict[str, str]

    @property
    def is_past(self) -> bool:
        return self.day < self.today

    @property
    def open_rows(self) -> int:
        return sum(row.decided is None for row in self.rows)

    def size(self, kind_id: int) -> int:
        return self.sizes.get(kind_id, PIECES_PER_CRATE)


@blueprint.get("/moving")
@staff(Role.OFFICER)
def show_morning() -> str:
    """Tomorrow's proposals, or those of `?day=`."""
    return _page(None, None)


@blueprint.post("/moving")
@staff(Role.OFFICER)
def post_decisions() -> Answer | tuple[str, int]:
    """Accepts or changes one row, or all that are new or changed; nothing where one is wrong."""
    form, actor, moment = read_form(DecideForm()), current_actor(), now()
    decisions = _read_decisions(form)
    if form.errors:
        return _page(form, None), 422
    day = form.values["day"]
    try:
        rows = write(
            lambda session: decide_supply(
                session, decisions, day=day, actor=actor, now=moment, changed_only=True
            )
        )
    except LendingError as error:
        form.refuse(error)
        return _page(form, None), 422
    count = sum(row.decided_at == moment for row in rows)
    tell(_("%(count)s건을 정했어요.", count=count) if count else _("바뀐 것이 없어요."), "success")
    return redirect(url_for("moving_proposals.show_morning", day=day.isoformat()))


@blueprint.post("/moving/more")
@staff(Role.OFFICER)
def post_more() -> Answer | tuple[str, int]:
    """Gives a place something that nobody proposed."""
    form, actor = read_form(AddForm()), current_actor()
    if not form.errors:
        values = form.values
        one = Decision(values["to"], values["kind"], values["count"])
        try:
            write(
                lambda session: decide_supply(
                    session, [one], day=values["day"], actor=actor, now=now()
                )
            )
            tell(_("더했어요."))
            return redirect(
                url_for("moving_proposals.show_morning", day=values["day"].isoformat())
            )  # fmt: skip
        except LendingError as error:
            field = {"site": "to", "pieces": "count"}.get(error.field or "", error.field)
            form.refuse(error, field_name=field or "")
    return _page(None, form), 422


@blueprint.get("/moving/forecast")
@staff(Role.OFFICER)
def show_forecast() -> Response | str:
    """How far the forecast was off, beside "as last week"; `?part=1`: only the table."""
    errors = _measured()
    values = {"errors": errors, "days": MEASURED_DAYS}
    if request.args.get("part"):
        return Response(render_template("moving/forecast_part.html", **values))
    return moving_page("moving/forecast.html", "/moving", **values)


def _page(form: Form | None, more: Form | None) -> str:
    with reading() as session:
        morning = _load(session, _day_asked(form or more))
    typed = form.raw.getlist("pieces") if form and hasattr(form.raw, "getlist") else []
    return moving_page(
        "moving/proposals.html", "/moving", morning=morning, form=form, more=more,
        typed=typed if len(typed) == len(morning.rows) else None,
        tomorrow=morning.today + timedelta(days=1),
    )  # fmt: skip


def _load(session: Session, day: date | None) -> Morning:
    district_id, moment = current_actor().district_id, now()
    today = local_today(session, district_id=district_id, now=moment)
    day = day or today + timedelta(days=1)
    rows = propose_supply(session, district_id=district_id, day=day, now=moment)
    levels = list_levels(session, district_id=district_id)
    kinds = list_kinds(session, district_id=district_id, counted=None)
    return Morning(
        day, today, rows, load_names(session, district_id=district_id),
        [kind for kind in kinds if not kind.carrier],
        load_crate_sizes(session, district_id=district_id),
        ready_at_centres(session, district_id=district_id, day=day),
        {(one.site, one.kind): one for one in levels},
        name_signers(session, {row.decided_by for row in rows}),
    )  # fmt: skip


def _read_decisions(form: Form) -> list[Decision]:
    """The rows that are to be decided; a wrong number stands in the form at its row."""
    if form.errors:
        return []
    sites, kinds, pieces = (form.values[name] for name in ("site", "kind", "pieces"))
    chosen = form.values["do"]
    fits = len(sites) == len(kinds) == len(pieces) <= MOST_ROWS
    if not fits or not (chosen == "all" or (chosen.isdecimal() and int(chosen) < len(sites))):
        form.refuse(LendingError(Code.INVALID))
        return []
    decisions = []
    for row, (site, kind, text) in enumerate(zip(sites, kinds, pieces, strict=True)):
        if chosen not in ("all", str(row)):
            continue
        number = int(text) if text.isdecimal() and text.isascii() else -1
        if not 0 <= number <= MOST_PIECES:
            form.errors[f"pieces-{row}"] = _("0부터 20,000까지 숫자만 적어 주세요.")
        decisions.append(Decision(site, kind, number))
    return decisions


def _measured() -> dict[str, Errors]:
    """Measured once a day for a district in each process: the past changes no more by then."""
    actor, moment = current_actor(), now()
    known: dict[tuple[int, date], dict[str, Errors]] = current_app.extensions.setdefault(
        MEASURED, {}
    )
    with reading() as session:
        today = local_today(session, district_id=actor.district_id, now=moment)
        key = (actor.district_id, today)
        if key not in known:
            found = measure_forecast(session, district_id=actor.district_id, now=moment)
            for old in [one for one in known if one[1] != today]:
                del known[old]
            known[key] = found
    return known[key]


def _day_asked(form: Form | None) -> date | None:
    text = (form.raw.get("day") if form else None) or request.args.get("day", "")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None
