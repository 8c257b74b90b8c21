"""Answers in JSON, written fast: the pages of a busy seller are large."""

from typing import Any

import orjson
from starlette.responses import JSONResponse


class FastJson(JSONResponse):
    def render(self, content: Any) -> bytes:
        """Numbers of more than 64 bits and keys that are no texts go the slow way."""
        try:
            return orjson.dumps(content, option=orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS)
        except orjson.JSONEncodeError:
            return super().render(content)
