"""/office/labels: sheets ordered, drawn in the background, downloaded, drawn again; relabelling."""

from flask import jsonify, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.labels.engraving import write_codes_csv
from lending.labels.jobs import (
    LabelOrder,
    list_job_codes,
    list_label_jobs,
    repeat_label_job,
    request_label_job,
    show_label_job,
)
from lending.labels.pages.desk import before, blueprint, next_page, send_pdf
from lending.labels.relabel import replace_label
from lending.labels.sample import find_sample, print_sample
from lending.labels.sheets import PER_SHEET, SheetText, write_sheets
from lending.labels.tables import JobState
from lending.loop.pieces.claims import MOST_AT_ONCE
from lending.loop.read.pieces import list_kinds
from lending.people.tables import Role
from lending.web.access import current_actor, staff
from lending.web.context import district
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.i18n import group_code
from lending.web.schemas import MESSAGES, Text
from lending.web.services import now, reading, services, write


class OrderForm(Schema):
    """Which labels, how many, and how much of a symbol may be lost."""

    kind = Text(required=True, max_length=30)
    count = fields.Integer(
        required=True,
        validate=validate.Range(1, MOST_AT_ONCE, error=str(MESSAGES["invalid"])),
        error_messages=MESSAGES | {"too_large": MESSAGES["invalid"]},
    )
    correction = fields.String(
        load_default="Q",
        validate=validate.OneOf(("Q", "H"), error=str(MESSAGES["invalid"])),
        error_messages=MESSAGES,
    )


class RelabelForm(Schema):
    """The worn label and the new one."""

    old = Text(required=True, max_length=300)
    new = Text(required=True, max_length=300)


@blueprint.get("/office/labels")
@staff(Role.OFFICER)
def labels() -> str:
    """The orders, the newest first."""
    return _labels_page(None, None)


@blueprint.post("/office/labels")
@staff(Role.OFFICER)
def post_order() -> Response | tuple[str, int]:
    """Orders sheets: codes are drawn now, the file by the worker."""
    form, actor = read_form(OrderForm()), current_actor()
    job = attempt(
        form,
        lambda s: request_label_job(
            s,
            LabelOrder(**form.values),
            district_id=actor.district_id,
            staff_id=actor.id,
            now=now(),
        ),
    )
    if job is None:
        return _labels_page(form, None), 422
    return redirect(url_for("labels.show_job", job_id=job.id))


@blueprint.get("/office/labels/<int:job_id>")
@staff(Role.OFFICER)
def show_job(job_id: int) -> str | Response:
    """One order with its progress; a program gets `{"state", "done", "count"}`."""
    with reading() as session:
        job = show_label_job(session, district_id=current_actor().district_id, job_id=job_id)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(state=job.state, done=job.done_count, count=job.count)
    return render_template("labels/job.html", job=job, per_sheet=PER_SHEET)


@blueprint.post("/office/labels/<int:job_id>/again")
@staff(Role.OFFICER)
def post_again(job_id: int) -> Response:
    """Draws the same codes again, for instance for a new address."""
    actor = current_actor()
    write(lambda s: repeat_label_job(s, district_id=actor.district_id, job_id=job_id))
    return redirect(url_for("labels.show_job", job_id=job_id))


@blueprint.get("/office/labels/<int:job_id>/labels.pdf")
@staff(Role.OFFICER)
def download_sheets(job_id: int) -> Response:
    """The finished file; NOT_FOUND until then."""
    with reading() as session:
        job = show_label_job(session, district_id=current_actor().district_id, job_id=job_id)
    file = services().config.instance / "labels" / (job.file_name or "")
    if job.state is not JobState.DONE or not job.file_name or not file.is_file():
        raise LendingError(Code.NOT_FOUND, field="job")
    name = f"labels-{job.kind}-{job.id}.pdf"
    return send_file(file, mimetype="application/pdf", as_attachment=True, download_name=name)


@blueprint.get("/office/labels/<int:job_id>/codes.csv")
@staff(Role.OFFICER)
def download_codes(job_id: int) -> Response:
    """The codes of an order for engraving: digits, printed form, address."""
    with reading() as session:
        codes = list_job_codes(session, district_id=current_actor().district_id, job_id=job_id)
    lines = write_codes_csv(codes, public_url=services().config.public_url)
    return Response(
        "".join(lines),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="codes-{job_id}.csv"'},
    )


@blueprint.get("/office/labels/sample.pdf")
@staff(Role.OFFICER)
def sample() -> Response:
    """One sheet of 54 labels of this district, to try out; new ones only when it has none yet."""
    actor = current_actor()
    with reading() as session:
        found = find_sample(session, district_id=actor.district_id)
    if found is None:
        found = write(lambda s: print_sample(s, district_id=actor.district_id, now=now()))
    text = SheetText(services().config.public_url, found.kind_name, district().name)
    return send_pdf(lambda file: write_sheets(file, found.codes, text), "labels-sample.pdf")


@blueprint.post("/office/labels/relabel")
@staff(Role.OFFICER)
def post_relabel() -> Response | tuple[str, int]:
    """A new label takes the place of a worn one; the old one resolves for ever."""
    form, actor, keys = read_form(RelabelForm()), current_actor(), services().keys

    def work(session: Session) -> str:
        old, new = form.values["old"], form.values["new"]
        return replace_label(session, old=old, new=new, actor=actor, keys=keys, now=now())

    code = attempt(form, work)
    if code is None:
        return _labels_page(None, form), 422
    tell(_("이제 %(code)s 라벨을 써요. 앞의 라벨도 그대로 읽혀요.", code=group_code(code)))
    return redirect(url_for("labels.labels"))


def _labels_page(form: Form | None, relabel: Form | None) -> str:
    district_id = current_actor().district_id
    with reading() as session:
        jobs, older = list_label_jobs(session, district_id=district_id, before=before())
        kinds = list_kinds(session, district_id=district_id)
    return render_template(
        "labels/labels.html",
        jobs=jobs,
        next=next_page(older),
        kinds=kinds,
        form=form,
        relabel=relabel,
        demo=not services().config.is_https,
        public_url=services().config.public_url,
        most=MOST_AT_ONCE,
        per_sheet=PER_SHEET,
    )
