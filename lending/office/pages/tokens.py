"""/office/tokens: bearer tokens of the API, made, shown once, revoked."""

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from marshmallow import Schema
from werkzeug.wrappers import Response

from lending.office.pages import words
from lending.office.pages.desk import blueprint, id_cursor, next_cursor, one_of
from lending.people.tables import Role
from lending.people.tokens import create_token, list_tokens, revoke_token
from lending.places.sites import list_sites
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import Text
from lending.web.services import now, reading, write

PAGE = 50
MOST_SITES = 500
TOKEN_ROLES = (Role.CAFE, Role.WASH, Role.COURIER, Role.MACHINE, Role.OFFICER)


class TokenForm(Schema):
    """A new token."""

    name = Text(required=True, max_length=100)
    role = one_of([role.value for role in TOKEN_ROLES], required=True)
    site = Text(required=True, max_length=20)


@blueprint.get("/office/tokens")
@staff(Role.OFFICER)
def tokens() -> str:
    """The tokens, the newest first."""
    return _tokens_page(None)


@blueprint.post("/office/tokens")
@staff(Role.OFFICER)
def post_token() -> str | tuple[str, int]:
    """Makes a token and shows it this once."""
    form, actor = read_form(TokenForm()), current_actor()
    made = attempt(
        form,
        lambda s: create_token(
            s,
            site=form.values["site"],
            role=Role(form.values["role"]),
            name=form.values["name"],
            district_id=actor.district_id,
            now=now(),
        ),
    )
    if made is None:
        return _tokens_page(form), 422
    return _tokens_page(None, made=made.token)


@blueprint.post("/office/tokens/<int:token_id>/revoke")
@staff(Role.OFFICER)
def post_revoke_token(token_id: int) -> Response:
    """Ends a token for ever."""
    actor = current_actor()
    write(lambda s: revoke_token(s, district_id=actor.district_id, token_id=token_id, now=now()))
    tell(_("이 토큰은 이제 쓸 수 없어요."))
    return redirect(url_for("office.tokens"))


def _tokens_page(form: Form | None, *, made: str | None = None) -> str:
    actor = current_actor()
    with reading() as session:
        found = list_tokens(
            session, district_id=actor.district_id, before=id_cursor(), limit=PAGE + 1
        )
        sites = list_sites(session, district_id=actor.district_id, limit=MOST_SITES)
    return render_template(
        "office/tokens.html",
        tokens=found[:PAGE],
        next=next_cursor([found[PAGE - 1].id]) if len(found) > PAGE else None,
        sites=sites,
        roles=TOKEN_ROLES,
        form=form,
        made=made,
        words=words,
    )
