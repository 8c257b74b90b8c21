"""Content goes to a link that Amazon makes for it, with exactly the content type for which it made it."""

from collections.abc import Awaitable, Callable, Mapping

from entrepot.channel import Json, TransientError
from entrepot.http import Transfer
from entrepot.runtime import Rng
from entrepot_amazon_sp.documents.content import Content, Replayable, replayable
from entrepot_amazon_sp.documents.links import Link
from entrepot_amazon_sp.documents.storage import asks_for_a_new_link, pause, refusal

Create = Callable[[], Awaitable[Json]]
"""Makes a feed document for the content type."""


async def upload(storage: Transfer, create: Create, content: Content, content_type: str, account: str, rng: Rng) -> str:
    """The id of a feed document that holds `content`.

    The same bytes at the same link twice are as good as once, so silence is no riddle. An expired link is no good any
    more, and neither is its document. Raises ChannelError; ValueError and OSError for the content, with nothing sent.
    """
    async with replayable(content, content_type) as body:
        document: Json = None
        failures = 0
        while True:
            try:
                document = document or await create()
                return await _put(storage, document, body, content_type, account)
            except TransientError as error:
                failures += 1
                await pause(error, failures, rng)
                document = None if asks_for_a_new_link(error) else document


async def _put(storage: Transfer, document: Json, body: Replayable, content_type: str, account: str) -> str:
    link, number = Link.told(document, "url"), _id(document)
    sent = storage.put(link.url, body.pieces(), length=body.length, content_type=content_type)
    async with sent as arrival:
        if not arrival.succeeded:
            raise await refusal(arrival, f"account {account}: upload to {number}")
    return number


def _id(document: Json) -> str:
    told = document.get("feedDocumentId") if isinstance(document, Mapping) else None
    if not isinstance(told, str):
        raise TransientError("Amazon told no id of the new document. Next: upload again")
    return told
