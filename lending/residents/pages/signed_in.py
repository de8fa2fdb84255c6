"""Who is signed in on a residents' page, with the notice given: what every such view begins with."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g, redirect, request, url_for

from lending.people.actors import Actor
from lending.people.profile import Profile, load_profile
from lending.web.access import current_resident_or_none
from lending.web.access import resident as is_resident
from lending.web.services import glancing, services

View = TypeVar("View", bound=Callable[..., Any])


def with_notice(view: View) -> View:
    """A resident's view; who has not been given the notice yet is led to it first."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if own_profile().terms_agreed_at is None:
            return redirect(url_for("residents.my.welcome", next=_page_of(**kwargs)))
        return view(*args, **kwargs)

    return cast(View, is_resident(guarded))


def own_profile() -> Profile:
    """The signed-in resident's own data, read once per request."""
    if "profile" not in g:
        with glancing() as session:
            g.profile = load_profile(
                session, keys=services().keys, resident_id=resident_id_of(signed_in())
            )
    found: Profile = g.profile
    return found


def signed_in() -> Actor:
    """The signed-in resident."""
    actor = current_resident_or_none()
    assert actor is not None, "the view's rule lets only residents in"
    return actor


def resident_id_of(actor: Actor) -> Any:
    """The id every resident's actor has."""
    assert actor.resident_id is not None
    return actor.resident_id


def _page_of(code: str | None = None, site: str | None = None, **_others: Any) -> str:
    """The page to come back to: this one, or the one whose form was sent."""
    if request.method == "GET":
        return request.path
    return f"/i/{code}" if code else f"/p/{site}" if site else "/my"
