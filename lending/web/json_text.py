"""How answers become JSON text: orjson, with the standard library for what orjson refuses."""

from typing import Any

import orjson
from flask.json.provider import DefaultJSONProvider


class FastJson(DefaultJSONProvider):
    """Korean as it is, keys in the order given, datetimes in ISO form with their zone."""

    ensure_ascii = False
    sort_keys = False

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        if not kwargs:
            try:
                return orjson.dumps(obj, default=str).decode()
            except TypeError:
                pass  # half a surrogate pair or a huge number, echoed from what was sent
        return super().dumps(obj, **{"ensure_ascii": True} | kwargs)

    def response(self, *args: Any, **kwargs: Any) -> Any:
        """A JSON response without the indentation flask adds in debug mode."""
        text = self.dumps(self._prepare_response_obj(args, kwargs))
        return self._app.response_class(f"{text}\n", mimetype=self.mimetype)
