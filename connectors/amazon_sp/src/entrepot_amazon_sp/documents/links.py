"""Links to Amazon's storage, and the operations that tell one."""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Self

from attrs import field, frozen

from entrepot.channel import Environment, Json, TransientError

UPLOAD = "feeds_2021-06-30.createFeedDocument"

DOWNLOADS: Mapping[str, str] = {
    "dataKiosk_2023-11-15.getDocument": "documentUrl",
    "feeds_2021-06-30.getFeedDocument": "url",
    "reports_2021-06-30.getReportDocument": "url",
}
"""By operation, the field with the link. From Amazon's models."""


@frozen
class Link:
    """Whoever has `url` has the document. `packed` as Amazon says it; its storage may say it too."""

    url: str = field(repr=False)
    packed: bool = False

    @classmethod
    def told(cls, answer: Json, name: str) -> Self:
        """Raises TransientError for an answer without the field `name`, or with a packing that nobody knows."""
        told = answer if isinstance(answer, dict) else {}
        url, packing = told.get(name), told.get("compressionAlgorithm")
        if not isinstance(url, str) or packing not in {None, "GZIP"}:
            raise TransientError(
                f"Amazon told no usable link to a document: {name} is missing, or packed as {packing!r}"
            )
        return cls(url, packing == "GZIP")


def storage_hosts(environment: Environment) -> re.Pattern[str]:
    """Matches the names of hosts to which a link may lead."""
    data = tomllib.loads(files("entrepot_amazon_sp").joinpath("data/storage.toml").read_text("utf-8"))
    names = data["production"] + (data["sandbox"] if environment is Environment.SANDBOX else [])
    return re.compile("|".join(f"(?:{name})" for name in names))
