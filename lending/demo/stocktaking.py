"""The demo's stocktaking at a café: one cup is missing, one stands there that should be out."""

from datetime import date, datetime, timedelta

from lending.demo.desk import Desk
from lending.demo.plan import working_days_before
from lending.demo.town import Town, moment
from lending.wares.stocktaking.end import end_session
from lending.wares.stocktaking.notes import note_pieces
from lending.wares.stocktaking.sessions import begin_session

DAYS_AGO = 4  # working days
PLACE = "CAFE-02"
BEGINS = 20.6  # o'clock, after closing


def live_stocktaking(town: Town, day: date, today: date) -> None:
    """After closing everything on the shelf and in the basket is scanned."""
    if day != working_days_before(today, DAYS_AGO):
        return
    begins = moment(day, BEGINS)
    standing = [*town.shelf[PLACE], *town.basket[PLACE]]
    codes = [one.code for one in standing if one.since < begins][1:]
    codes += [out.code for out in town.never if out.at < begins][:1]
    town.happen(begins, lambda desk, at: _take_stock(desk, town, codes, at))


def _take_stock(desk: Desk, town: Town, codes: list[str], at: datetime) -> None:
    actor = desk.actor(PLACE)
    taking = begin_session(
        desk.session, id=town.make_id(at), site_id=desk.site(PLACE).id, actor=actor, now=at
    )
    scanned = at + timedelta(minutes=6)
    note_pieces(
        desk.session, session_id=taking.id, codes=codes, at=scanned, actor=actor, now=scanned
    )
    end_session(desk.session, session_id=taking.id, actor=actor, now=scanned)
