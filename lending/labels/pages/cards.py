"""/office/cards: blank member cards printed, listed, replaced and revoked."""

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.labels.cards import write_cards
from lending.labels.pages.desk import before, blueprint, next_page, send_pdf
from lending.people.cards import MOST, list_cards, print_cards, replace_card, revoke_card
from lending.people.members import grouped_card
from lending.people.tables import Role
from lending.web.access import current_actor, staff
from lending.web.context import district
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import MESSAGES, Text
from lending.web.services import now, reading

PAGE = 50


class PrintForm(Schema):
    """How many blank cards."""

    count = fields.Integer(
        required=True,
        validate=validate.Range(1, MOST, error=str(MESSAGES["invalid"])),
        error_messages=MESSAGES | {"too_large": MESSAGES["invalid"]},
    )


class ReplaceForm(Schema):
    """The lost card and the blank one that takes over."""

    old = Text(required=True, max_length=200)
    new = Text(required=True, max_length=200)


class RevokeForm(Schema):
    """The card that ends."""

    card = Text(required=True, max_length=200)


@blueprint.get("/office/cards")
@staff(Role.OFFICER)
def cards() -> str:
    """The cards, the newest first; never whose they are."""
    return _cards_page({})


@blueprint.post("/office/cards")
@staff(Role.OFFICER)
def post_print() -> Response | tuple[str, int]:
    """New blank cards as a PDF, ten to a page."""
    form, actor = read_form(PrintForm()), current_actor()
    codes = attempt(
        form,
        lambda s: print_cards(
            s, district_id=actor.district_id, count=form.values["count"], now=now()
        ),
    )
    if codes is None:
        return _cards_page({"print": form}), 422
    names = {"district_name": district().name, "helpdesk": district().helpdesk}
    answer = send_pdf(lambda file: write_cards(file, codes, **names), "cards.pdf")
    answer.headers["Content-Disposition"] = 'attachment; filename="cards.pdf"'
    return answer


@blueprint.post("/office/cards/replace")
@staff(Role.OFFICER)
def post_replace() -> Response | tuple[str, int]:
    """In one step a blank card takes over and the lost one is revoked."""
    form, actor = read_form(ReplaceForm()), current_actor()

    def work(session: Session) -> bool:
        old, new = form.values["old"], form.values["new"]
        replace_card(session, district_id=actor.district_id, old=old, new=new, now=now())
        return True

    if not attempt(form, work):
        if "card" in form.errors:
            form.errors["new"] = form.errors.pop("card")
        return _cards_page({"replace": form}), 422
    tell(_("카드를 바꿨어요. 앞의 카드는 이제 쓸 수 없어요."))
    return redirect(url_for("labels.cards"))


@blueprint.post("/office/cards/revoke")
@staff(Role.OFFICER)
def post_revoke() -> Response | tuple[str, int]:
    """Ends a card for ever; what is out stays out."""
    form, actor = read_form(RevokeForm()), current_actor()

    def work(session: Session) -> bool:
        card = form.values["card"]
        revoke_card(session, district_id=actor.district_id, card=card, now=now())
        return True

    if not attempt(form, work):
        return _cards_page({"revoke": form}), 422
    tell(_("이 카드는 이제 쓸 수 없어요."))
    return redirect(url_for("labels.cards"))


def _cards_page(forms: dict[str, Form]) -> str:
    district_id = current_actor().district_id
    with reading() as session:
        found = list_cards(session, district_id=district_id, before=before(), limit=PAGE + 1)
    return render_template(
        "labels/cards.html",
        cards=[(card, grouped_card(card.code)) for card in found[:PAGE]],
        next=next_page(found[PAGE - 1].id if len(found) > PAGE else None),
        forms=forms,
        most=MOST,
    )
