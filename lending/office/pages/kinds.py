"""/office/kinds: kinds of ware, added by form or file, changed."""

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from marshmallow import Schema
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.loop.pieces.kinds import (
    COLUMNS,
    MOST_USES,
    NewKind,
    Sort,
    add_kind,
    add_kinds_from_rows,
    change_kind,
    has_pieces,
)
from lending.loop.read.pieces import KindView, list_kinds
from lending.office.pages import words
from lending.office.pages.desk import Refused, WrongLines, blueprint, one_of, take_file, whole
from lending.people.tables import Role
from lending.web.access import current_actor, staff
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import Text
from lending.web.services import now, reading


class ChangeForm(Schema):
    """What may change of a kind."""

    name = Text(required=True, max_length=100)
    name_en = Text(max_length=100, load_default="")
    design_uses = whole(1, MOST_USES, load_default=200)
    break_even_uses = whole(1, MOST_USES, load_default=6)
    part = Text(max_length=30, load_default="")


class KindForm(ChangeForm):
    """A new kind; how its pieces are known is settled for good."""

    code = Text(required=True, max_length=30)
    sort = one_of([sort.value for sort in Sort], load_default=Sort.TRACKED)


@blueprint.get("/office/kinds")
@staff(Role.OFFICER)
def kinds() -> str:
    """The kinds by code."""
    return _kinds_page(None)


@blueprint.post("/office/kinds")
@staff(Role.OFFICER)
def post_kind() -> Response | tuple[str, int]:
    """Adds one kind."""
    form, actor = read_form(KindForm()), current_actor()

    def work(session: Session) -> bool:
        add_kind(session, district_id=actor.district_id, new=NewKind(**form.values), now=now())
        return True

    if not attempt(form, work):
        return _kinds_page(form), 422
    tell(_("%(name)s을(를) 더했어요.", name=form.values["name"]))
    return redirect(url_for("office.kinds"))


@blueprint.post("/office/kinds/file")
@staff(Role.OFFICER)
def post_kinds_file() -> Response | tuple[str, int]:
    """Adds all kinds of a file, or shows every wrong line and adds none."""
    district_id = current_actor().district_id
    try:
        made = take_file(
            COLUMNS,
            lambda s, table: add_kinds_from_rows(
                s, district_id=district_id, table=table, now=now()
            ),
        )
    except Refused as refused:
        return _kinds_page(None, **refused.shown), 422
    tell(_("%(count)s가지를 더했어요.", count=made))
    return redirect(url_for("office.kinds"))


@blueprint.get("/office/kinds/<int:kind_id>")
@staff(Role.OFFICER)
def show_kind(kind_id: int) -> str:
    """One kind, to be changed."""
    return _kind_page(kind_id, None)


@blueprint.post("/office/kinds/<int:kind_id>")
@staff(Role.OFFICER)
def post_change_kind(kind_id: int) -> Response | tuple[str, int]:
    """Changes names and numbers; the code stays."""
    form, actor = read_form(ChangeForm()), current_actor()
    code = _find(kind_id).code

    def work(session: Session) -> bool:
        values = form.values
        if "part" not in form.raw:  # the page does not offer it any more
            values = values | {"part": None}
        new = NewKind(code=code, **values)
        change_kind(session, district_id=actor.district_id, kind_id=kind_id, new=new)
        return True

    if not attempt(form, work):
        return _kind_page(kind_id, form), 422
    tell(_("바꿨어요."))
    return redirect(url_for("office.kinds"))


def _find(kind_id: int) -> KindView:
    found = next((kind for kind in _all_kinds() if kind.id == kind_id), None)
    if found is None:
        raise LendingError(Code.NOT_FOUND, field="kind")
    return found


def _all_kinds() -> list[KindView]:
    with reading() as session:
        return list_kinds(session, district_id=current_actor().district_id, counted=None)


def _kinds_page(
    form: Form | None, *, wrong: WrongLines | None = None, upload: Form | None = None
) -> str:
    known = _all_kinds()
    return render_template(
        "office/kinds.html",
        kinds=known,
        names={kind.id: kind for kind in known},
        parts_known=[kind for kind in known if kind.counted],
        form=form,
        wrong=wrong,
        upload=upload,
        words=words,
    )


def _kind_page(kind_id: int, form: Form | None) -> str:
    kind, known = _find(kind_id), _all_kinds()
    with reading() as session:
        fixed = has_pieces(session, kind_id=kind_id)
    return render_template(
        "office/kind.html",
        kind=kind,
        part=next((one for one in known if one.id == kind.part_id), None),
        part_of=[one for one in known if one.part_id == kind.id],
        parts_known=[one for one in known if one.counted],
        has_parts=kind.sort is Sort.TRACKED,
        is_fixed=fixed and kind.part_id is not None,
        form=form,
        words=words,
    )
