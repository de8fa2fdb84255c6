"""Opening days and closures of a place, on its page."""

from datetime import date

from flask import redirect, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.office.pages.desk import begins, blueprint, clock_time, day, today, whole
from lending.office.pages.sites import own_site, site_page
from lending.people.tables import Role
from lending.places.opening import Hours, announce_closures, set_opening, withdraw_closure
from lending.web.access import staff
from lending.web.forms import attempt, read_form, tell
from lending.web.services import now, write

MOST_DAYS = 60


class OpeningForm(Schema):
    """Weekdays (0 is Monday), hours and from when on."""

    weekday = fields.List(whole(0, 6), load_default=list)
    opens = clock_time(load_default=None)
    closes = clock_time(load_default=None)
    from_day = day(load_default=None)


class ClosureForm(Schema):
    """A day, or a first and a last day, on which the place is closed."""

    first = day(required=True)
    last = day(load_default=None)


class WithdrawForm(Schema):
    """A closed day on which the place opens after all."""

    day = day(required=True)


@blueprint.post("/office/sites/<int:site_id>/opening")
@staff(Role.OFFICER)
def post_opening(site_id: int) -> Response | tuple[str, int]:
    """New opening days, for lends from that day on."""
    form, moment = read_form(OpeningForm()), now()
    own_site(site_id)
    if not form.errors and not form.values["weekday"]:
        form.errors["weekday"] = _("하루 이상 골라 주세요.")

    def work(session: Session) -> bool:
        bits = sum(1 << weekday for weekday in set(form.values["weekday"]))
        at = begins(form.values["from_day"], moment)
        hours = Hours(at, bits, form.values["opens"], form.values["closes"])
        set_opening(session, site_id=site_id, hours=hours, now=moment)
        return True

    if not attempt(form, work):
        if "valid_from" in form.errors:
            form.errors["from_day"] = form.errors.pop("valid_from")
        return site_page(site_id, {"opening": form}), 422
    tell(_("여는 날을 바꿨어요. 이미 빌린 컵의 기한은 그대로예요."))
    return redirect(url_for("office.show_site", site_id=site_id))


@blueprint.post("/office/sites/<int:site_id>/closures")
@staff(Role.OFFICER)
def post_closure(site_id: int) -> Response | tuple[str, int]:
    """Announces closed days."""
    form = read_form(ClosureForm())
    own_site(site_id)
    if not form.errors:
        first, last = form.values["first"], form.values["last"] or form.values["first"]
        if not 0 <= (last - first).days < MOST_DAYS:
            form.errors["last"] = _("첫날부터 60일 안의 날을 골라 주세요.")

    def work(session: Session) -> bool:
        days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
        announce_closures(session, site_id=site_id, days=days, today=today(), now=now())
        return True

    if not attempt(form, work):
        if "day" in form.errors:
            form.errors["first"] = form.errors.pop("day")
        return site_page(site_id, {"closure": form}), 422
    tell(_("쉬는 날을 더했어요."))
    return redirect(url_for("office.show_site", site_id=site_id))


@blueprint.post("/office/sites/<int:site_id>/closures/withdraw")
@staff(Role.OFFICER)
def post_withdraw(site_id: int) -> Response:
    """The place opens on that day after all."""
    form = read_form(WithdrawForm())
    own_site(site_id)
    if form.errors:
        raise LendingError(Code.INVALID, field="day")
    closed = form.values["day"]
    write(lambda s: withdraw_closure(s, site_id=site_id, day=closed, now=now()))
    tell(_("그날은 열어요."))
    return redirect(url_for("office.show_site", site_id=site_id))
