"""Guest self-scan: borrow the cup in hand, and show the staff that it was lent."""

import uuid

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lending.errors import Code
from lending.residents.borrow import borrow_cup, load_confirmation
from lending.residents.pages.signed_in import signed_in, with_notice
from lending.web.limits import limited
from lending.web.services import now, reading, services, write

blueprint = Blueprint("borrow", __name__)

SHOWN_BY = "residents.borrow.show_borrowed"
WHY = {Code.BORROWER_PAUSED: "pause", Code.TOO_MANY_OPEN: "limit"}


@blueprint.post("/i/<code>/borrow")
@with_notice
@limited("item_borrow", per_minute=20)
def post_borrow(code: str) -> Response:
    """The till's question, asked by the borrower's own phone."""
    actor, keys, moment = signed_in(), services().keys, now()
    done = write(
        lambda session: borrow_cup(session, resident=actor, code=code, keys=keys, now=moment)
    )
    if done.loan_id is not None:
        return redirect(url_for(SHOWN_BY, loan_id=done.loan_id))
    why = WHY.get(done.error or Code.UNAVAILABLE, "cup")
    return redirect(url_for("residents.borrow.show_not_borrowed", why=why))


@blueprint.get("/my/not-borrowed/<why>")
@with_notice
def show_not_borrowed(why: str) -> str:
    """Why there is no loan, and what to do: the cup, a pause, or as many cups as may be out."""
    return render_template("residents/not_borrowed.html", why=why)


@blueprint.get("/my/borrowed/<uuid:loan_id>")
@with_notice
def show_borrowed(loan_id: uuid.UUID) -> str | Response:
    """The moving confirmation for the staff at hand: number of cups, place, and a running clock.

    It is there for ten minutes; afterwards, or once the cup is back, /my is shown instead.
    """
    moment = now()
    with reading() as session:
        shown = load_confirmation(session, resident=signed_in(), loan_id=loan_id, now=moment)
    if shown is None:
        return redirect("/my")
    return render_template("residents/borrowed.html", shown=shown, now=moment)
