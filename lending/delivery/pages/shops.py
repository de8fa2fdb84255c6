"""The district's view of its delivery shops: who chose reusable, and how long ware may stand."""

from flask import Blueprint, redirect
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lending.delivery.orders.shops import load_shops
from lending.delivery.pages.frame import shop_page
from lending.delivery.schemas import ShelfForm
from lending.loop.policy.shelf import set_shelf_days
from lending.people.tables import Role
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.services import now, reading

blueprint = Blueprint("delivery_shops", __name__)


@blueprint.get("/delivery/shops")
@staff(Role.OFFICER)
def show_shops() -> str:
    """Every shop of the district over the last 30 days."""
    return _page(None)


@blueprint.post("/delivery/shops")
@staff(Role.OFFICER)
def post_shelf() -> Response | tuple[str, int]:
    """After how many days clean ware is sent back instead of out."""
    form = read_form(ShelfForm())
    actor, moment = current_actor(), now()
    attempt(
        form,
        lambda session: set_shelf_days(
            session, actor=actor, days=form.values["shelf_days"], now=moment
        ),
    )
    if form.errors:
        return _page(form), 422
    tell(_("선반에 둘 수 있는 날을 바꾸었어요."))
    return redirect("/delivery/shops")


def _page(form: Form | None) -> str:
    with reading() as session:
        shops = load_shops(session, district_id=current_actor().district_id, now=now())
    return shop_page("delivery/shops.html", "/delivery/shops", shops=shops, form=form)
