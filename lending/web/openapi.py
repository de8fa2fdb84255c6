"""flask-smorest with our error shape and the bearer scheme in its OpenAPI description."""

from typing import Any, cast

from flask import Flask
from flask_smorest import Api
from marshmallow import Schema, fields


class ErrorDetail(Schema):
    """Why a request was refused."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    next_step = fields.String(required=True)
    field = fields.String()


class ErrorOut(Schema):
    """The one shape of every error."""

    error = fields.Nested(ErrorDetail, required=True)


class LendingApi(Api):
    """The API's registry; every error answer it describes has the one shape."""

    ERROR_SCHEMA = ErrorOut


def make_api(app: Flask) -> LendingApi:
    """The API of the application, described at /api/v1/openapi.json."""
    app.config.update(
        API_TITLE="리플컵",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "security": [{"bearer": []}],
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        },
    )
    return LendingApi(app)


def published_spec(app: Flask) -> dict[str, Any]:
    """The description as /api/v1/openapi.json gives it, with all that was registered."""
    (registered,) = app.extensions["flask-smorest"]["apis"].values()
    return cast("dict[str, Any]", registered["ext_obj"].spec.to_dict())
