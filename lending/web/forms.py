"""Reading forms with marshmallow schemas, messages to the next page, and safe ways back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import flash, request
from flask_babel import gettext as _
from marshmallow import EXCLUDE, Schema, ValidationError
from sqlalchemy.orm import Session

from lending.errors import LendingError
from lending.web.errors import explain
from lending.web.problems import explain_problem
from lending.web.services import write

T = TypeVar("T")


@dataclass(slots=True)
class Form:
    """A form as it was sent: `values` when it is right, else `errors` by field name.

    `raw` holds the texts as typed, to fill the fields again.
    """

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    raw: Mapping[str, str] = field(default_factory=dict)

    def refuse(self, error: LendingError, *, field_name: str | None = None) -> None:
        """Show a refusal of a service at its field (or, with "", over the whole form)."""
        message, next_step = explain(error.code)
        words = explain_problem(error.detail) or f"{message} {next_step}"
        self.errors[(error.field or "") if field_name is None else field_name] = words


def read_form(schema: Schema, *, source: Mapping[str, str] | None = None) -> Form:
    """The posted form (or `source`) through a schema; empty texts count as missing.

    Unknown fields are ignored; repeated fields named by a List in the schema are read as lists.
    """
    raw = request.form if source is None else source
    data: dict[str, Any] = {}
    for name, wanted in schema.load_fields.items():
        key = wanted.data_key or name
        if hasattr(raw, "getlist") and type(wanted).__name__ in {"List", "Tuple"}:
            data[key] = raw.getlist(key)
        elif (text := raw.get(key)) is not None and text.strip():
            data[key] = text
    try:
        return Form(values=schema.load(data, unknown=EXCLUDE), raw=raw)
    except ValidationError as error:
        messages = error.messages_dict
        return Form(errors={name: _words(value) for name, value in messages.items()}, raw=raw)


def attempt(form: Form, work: Callable[[Session], T]) -> T | None:
    """What `work(session)` returned, committed; None when the form is wrong or the service refused,
    which then stands in the form."""
    if form.errors:
        return None
    try:
        return write(work)
    except LendingError as error:
        form.refuse(error)
        return None


def tell(message: str, kind: str = "success") -> None:
    """Show a message on the next page; `kind` is success, info, warning or danger."""
    flash(message, kind)


def local_target(*, default: str) -> str:
    """Where `next` leads, when it is a page of ours; else `default`.

    Browsers read `\\` as `/` and drop control characters, so both make an address foreign.
    """
    target = request.values.get("next", "")
    foreign = "\\" in target or any(ord(c) < 33 for c in target)
    parts = urlsplit(target) if not foreign else None
    if parts is None or parts.scheme or parts.netloc:
        return default
    return target if target.startswith("/") and not target.startswith("//") else default


def _words(messages: Any) -> str:
    """The first sentence of marshmallow's messages for one field."""
    while isinstance(messages, (list, dict)) and messages:
        messages = messages[0] if isinstance(messages, list) else next(iter(messages.values()))
    return str(messages) if messages else _("이 칸을 다시 확인해 주세요.")
