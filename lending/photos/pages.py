"""/office/photos/<id>: one photo for an officer's eyes, kept by no cache and running nothing."""

import uuid

from flask import Blueprint, Response

from lending.people.tables import Role
from lending.photos.keep import show_photo
from lending.web.access import current_actor, staff
from lending.web.limits import client_address, limited
from lending.web.services import now, write

blueprint = Blueprint("photos", __name__)


@blueprint.get("/office/photos/<uuid:photo_id>")
@staff(Role.OFFICER)
@limited("photo_view", per_minute=120)
def show(photo_id: uuid.UUID) -> Response:
    """The JPEG; who looked is in the access log."""
    actor, address = current_actor(), client_address()
    jpeg = write(
        lambda s: show_photo(s, photo_id=photo_id, actor=actor, address=address, now=now())
    )
    answer = Response(jpeg, mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Content-Disposition"] = 'inline; filename="photo.jpg"'
    return answer
