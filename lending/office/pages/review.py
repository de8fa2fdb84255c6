"""/office/review: what needs a head, each with its place, its age, a proposal and what may be decided."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from marshmallow import Schema
from werkzeug.wrappers import Response

from lending.loop.care.decisions import Decision, choices_for
from lending.loop.care.drop_evidence import load_evidence
from lending.loop.care.review import reopen_review, settle_review
from lending.loop.policy.limits import REVIEW, load_limits
from lending.loop.read.pieces import list_kinds
from lending.loop.read.review_queue import list_reviews
from lending.office.pages import words
from lending.office.pages.desk import blueprint, cursor, next_cursor, one_of
from lending.office.review_counts import count_alike, count_open_reviews
from lending.people.tables import Role
from lending.photos.keep import photos_about
from lending.places.sites import list_sites
from lending.web.access import current_actor, staff
from lending.web.forms import attempt, local_target, read_form, tell
from lending.web.schemas import Text
from lending.web.services import now, reading, services, write

PAGE = 50
MOST_SITES = 500


class DecisionForm(Schema):
    """What is decided, of this entry or of all like it at its place."""

    decision = one_of([decision.value for decision in Decision], required=True)
    together = Text(max_length=1)


@blueprint.get("/office/review")
@staff(Role.OFFICER)
def review() -> str:
    """The open entries, the oldest first; `?settled=1` those decided, `?site=` of one place."""
    actor, moment = current_actor(), now()
    settled = request.args.get("settled") == "1"
    site = request.args.get("site", "")[:40] or None
    with reading() as session:
        page = list_reviews(
            session, actor=actor, site=site, settled=settled, after=cursor(), limit=PAGE
        )
        alike = count_alike(session, district_id=actor.district_id)
        count = count_open_reviews(session, district_id=actor.district_id)
        limit = load_limits(session, district_id=actor.district_id, now=moment)[REVIEW]
        sites = list_sites(session, district_id=actor.district_id, limit=MOST_SITES)
        kinds = list_kinds(session, district_id=actor.district_id)
        about = [entry.scan_id for entry in page.items if entry.scan_id is not None]
        evidence = load_evidence(session, about)
        photos = photos_about(session, district_id=actor.district_id, about=about, now=moment)
    return render_template(
        "office/review.html",
        entries=page.items,
        next=next_cursor(page.next),
        choices={entry.id: choices_for(entry.subject) for entry in page.items},
        alike=alike,
        settled=settled,
        site=site or "",
        count=count,
        limit=limit,
        names={one.code: one for one in sites},
        kinds={one.code: one for one in kinds},
        evidence=evidence,
        photos=photos,
        moment=moment,
        words=words,
    )


@blueprint.post("/office/review/<int:review_id>")
@staff(Role.OFFICER)
def post_decision(review_id: int) -> Response:
    """Carries out what was decided; it can be taken back from the list of decided ones."""
    form, actor, keys = read_form(DecisionForm()), current_actor(), services().keys
    settled = attempt(
        form,
        lambda s: settle_review(
            s,
            review_id=review_id,
            decision=Decision(form.values["decision"]),
            actor=actor,
            keys=keys,
            now=now(),
            together=bool(form.values.get("together")),
        ),
    )
    if settled is None:
        tell(_("결정하지 못했어요. 그 사이에 풀렸는지 다시 확인해 주세요."), "warning")
    else:
        tell(ngettext("%(num)s건을 정리했어요.", "%(num)s건을 정리했어요.", settled))
    return redirect(local_target(default=url_for("office.review")))


@blueprint.post("/office/review/<int:review_id>/reopen")
@staff(Role.OFFICER)
def post_reopen(review_id: int) -> Response:
    """Takes a decision back."""
    actor, keys = current_actor(), services().keys
    write(lambda s: reopen_review(s, review_id=review_id, actor=actor, keys=keys, now=now()))
    tell(_("결정을 되돌렸어요. 확인할 일에 다시 있어요."))
    return redirect(url_for("office.review"))
