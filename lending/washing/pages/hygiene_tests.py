"""/wash/hygiene: the tests of a centre, entered, seen, entered again."""

import uuid
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lending.errors import Code, LendingError
from lending.people.signers import name_signers
from lending.people.tables import Role
from lending.places.sites import SiteView
from lending.washing.batches.days import name_day
from lending.washing.batches.machines import list_machines
from lending.washing.hygiene.listing import list_due, list_tests, list_tests_of, load_test
from lending.washing.hygiene.plan import list_kinds
from lending.washing.hygiene.recall_views import list_recalls
from lending.washing.hygiene.recent import find_batch, list_recent_batches
from lending.washing.hygiene.results import ResultIn, enter_again, enter_result
from lending.washing.hygiene.samples import SampleIn, note_sample
from lending.washing.hygiene.tested import TestView
from lending.washing.pages.hygiene_desk import (
    CHOICE,
    SCOPES,
    blueprint,
    centre_of,
    centre_of_page,
    centre_parts,
    local_input,
    today,
)
from lending.washing.pages.hygiene_forms import ResultForm, SampleForm
from lending.web.access import current_actor, station
from lending.web.forms import Form, attempt, read_form, tell
from lending.web.schemas import decode_cursor, encode_cursor
from lending.web.services import now, reading, services
from lending.web.stations import choose_site


@blueprint.get("/wash/hygiene")
@station(Role.WASH)
def show_tests() -> str:
    """A centre's tests: recalls that are open, what awaits its result, what is due, the latest."""
    after = _cursor()
    with reading() as session:
        site = centre_of_page(session)
        if site is None:
            return choose_site(session, CHOICE)
        of = {"site_id": site.id, "district_id": site.district_id}
        page = list_tests(session, site_id=site.id, after=after)
        waiting = list_tests(session, site_id=site.id, awaiting=True).items
        due = list_due(session, **of, today=today())
        recalls = list_recalls(session, district_id=site.district_id)
    return render_template(
        "washing/hygiene.html",
        **centre_parts(site),
        tests=page.items,
        next=encode_cursor([page.next[0], str(page.next[1])]) if page.next else None,
        waiting=waiting,
        due=due,
        recalls=[one for one in recalls if one.site == site.code],
        today=today(),
    )


@blueprint.get("/wash/hygiene/new")
@station(Role.WASH)
def ask_sample() -> str:
    """The form of a sample; `?batch=`, `?machine=` or `?retest=` fill it in."""
    return _sample_page(None)


@blueprint.post("/wash/hygiene/new")
@station(Role.WASH)
def post_sample() -> Response | tuple[str, int]:
    """Records a sample, and its value where it is given: over the limit, all in reach is held."""
    form, actor, moment = read_form(SampleForm()), current_actor(), now()
    values = form.values

    def record(session: Session) -> TestView:
        site = centre_of_page(session)
        if site is None:
            raise LendingError(Code.INVALID, field="site")
        test = note_sample(
            session, _sample(session, values, site), actor=actor, site=site, now=moment
        )
        if not values["value"]:
            return test
        result = ResultIn(test.id, values["value"], moment, values["scope"])
        return enter_result(session, result, actor=actor, keys=services().keys, now=moment)

    test = attempt(form, record)
    if test is None:
        return _sample_page(form), 422
    return _told(test)


@blueprint.get("/wash/hygiene/tests/<uuid:test_id>")
@station(Role.WASH)
def show_test(test_id: uuid.UUID) -> str:
    """A test: its result, or the form for it; and the same entered again."""
    return _test_page(test_id, None)


@blueprint.post("/wash/hygiene/tests/<uuid:test_id>/result")
@station(Role.WASH)
def post_result(test_id: uuid.UUID) -> Response | tuple[str, int]:
    """The value of a sample."""
    form, actor, moment = read_form(ResultForm()), current_actor(), now()

    def record(session: Session) -> TestView:
        values = form.values
        at = values["result_at"] or moment
        result = ResultIn(test_id, values["value"], at, values["scope"])
        return enter_result(session, result, actor=actor, keys=services().keys, now=moment)

    test = attempt(form, record)
    return _told(test) if test else (_test_page(test_id, form), 422)


@blueprint.post("/wash/hygiene/tests/<uuid:test_id>/again")
@station(Role.WASH)
def post_again(test_id: uuid.UUID) -> Response | tuple[str, int]:
    """The value entered again, where it was typed wrong."""
    form, actor, moment = read_form(ResultForm()), current_actor(), now()

    def record(session: Session) -> TestView:
        values = form.values
        result = ResultIn(test_id, values["value"], moment, values["scope"])
        return enter_again(
            session, result, request_id=values["id"], actor=actor, keys=services().keys, now=moment
        )

    test = attempt(form, record)
    return _told(test, again=True) if test else (_test_page(test_id, form), 422)


def _sample(session: Session, values: dict[str, Any], site: SiteView) -> SampleIn:
    sort, which = values["subject"]
    batch = which if sort == "batch" else None
    if sort == "today":
        batch = name_day(session, site=site, day=today(), actor=current_actor(), now=now())
    return SampleIn(
        values["id"],
        values["kind"],
        values["sampled_at"] or now(),
        batch_id=batch,
        machine_id=which if sort == "machine" else None,
        lab=values["lab"],
        retest_of=values["retest_of"],
        note=values["note"],
    )


def _told(test: TestView, *, again: bool = False) -> Response:
    """To the page of the test, with what its value came to."""
    if test.passed is None:
        tell(_("검사를 적었어요. 결과가 나오면 여기에 넣어 주세요."))
    elif test.passed:
        tell(_("기준 안이에요. 고맙습니다.") if not again else _("고쳐 적었어요. 기준 안이에요."))
    elif test.recall_id:
        tell(_("기준을 넘었어요. 같이 씻은 컵을 바로 멈췄어요."), "warning")
        return redirect(url_for("hygiene.show_recall", recall_id=test.recall_id))
    else:
        tell(_("기준을 넘었어요. 씻은 컵과 이어지지 않아 멈춘 것은 없어요."), "warning")
    return redirect(url_for("hygiene.show_test", test_id=test.id))


def _sample_page(form: Form | None) -> str:
    actor, moment = current_actor(), now()
    with reading() as session:
        first = None
        if asked := _uuid(request.values.get("retest") or request.form.get("retest_of")):
            first = load_test(session, test_id=asked, district_id=actor.district_id)
        batch = None
        if named := _uuid(request.args.get("batch")):
            batch = find_batch(session, batch_id=named, district_id=actor.district_id)
        site = centre_of(session, first.site) if first else centre_of_page(session)
        if site is None:
            return choose_site(session, CHOICE)
        if first is not None and first.batch_id is not None and batch is None:
            batch = find_batch(session, batch_id=first.batch_id, district_id=actor.district_id)
        batches = list_recent_batches(session, site_id=site.id, now=moment)
        machines = list_machines(session, site_id=site.id)
        kinds = [k for k in list_kinds(session, district_id=site.district_id) if k.active]
    if batch is not None and batch.id not in {one.id for one in batches}:
        batches.append(batch)
    return render_template(
        "washing/hygiene_new.html",
        **centre_parts(site),
        form=form,
        id=form.raw.get("id") if form and not form.errors.get("id") else uuid.uuid4(),
        first=first,
        batches=[one for one in batches if one.day is None or one.day != today()],
        machines=[one for one in machines if one.active],
        kinds=kinds,
        subject=_subject(first, batch.id if batch else None),
        scopes=SCOPES,
        at=local_input(moment),
    )


def _subject(first: Any, batch_id: uuid.UUID | None) -> str:
    """The choice that is made already."""
    if batch_id is not None:
        return f"batch:{batch_id}"
    machine = first.machine_id if first else request.args.get("machine", "")
    return f"machine:{machine}" if machine else ("site" if first else "")


def _test_page(test_id: uuid.UUID, form: Form | None) -> str:
    with reading() as session:
        district_id = current_actor().district_id
        test = load_test(session, test_id=test_id, district_id=district_id)
        site = centre_of(session, test.site)
        tests = list_tests_of(session, test_id=test_id)
        by = [name for one in tests for name in (one.sampled_by, one.result_by)]
        names = name_signers(session, by)
    return render_template(
        "washing/hygiene_test.html",
        **centre_parts(site),
        test=test,
        others=tests[1:],
        names=names,
        form=form,
        id=uuid.uuid4(),
        scopes=SCOPES,
        at=local_input(now()),
    )


def _cursor() -> Any:
    text = request.args.get("after")
    try:
        return decode_cursor(text) if text else None
    except ValueError as error:
        raise LendingError(Code.INVALID, field="after") from error


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError as error:
        raise LendingError(Code.NOT_FOUND, field="test") from error
