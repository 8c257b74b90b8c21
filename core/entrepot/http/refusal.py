"""From an answer that is no success, or no answer, to what the core does next."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from attrs import frozen

from entrepot.channel import Json, Meaning
from entrepot.errors import ChannelError, RateLimited, RejectedError, TransientError, UnknownOutcome
from entrepot.http.answer import Answer
from entrepot.http.web_page import web_page
from entrepot.model import AccountId
from entrepot.quota.observed import Observed
from entrepot.secrets import Redactor

SHOWN = 300
"""Characters of a channel's message in an error."""

KEPT = 4000
"""Characters of it in an error's `details`."""

WORDS = ("message", "error_description", "detail", "details")
"""Fields with the words of a refusal. Where there are several, each may say what the others do not."""


ANYWHERE = tuple(
    Meaning(
        status,
        TransientError,
        "redirects are not followed, lest a token goes to another host",
        "compare the address with the channel's guide; a proxy may answer in its place",
    )
    for status in (301, 302, 303, 307, 308)
)
"""What any server may answer."""

NOT_IMPLEMENTED = 501

PROXY = ". Next: look for a proxy or a gateway on the way that answers in the channel's place"

TELLING = frozenset({400, 404})
"""Refusals that come from behind the limiter, as a success does: what their headers say of a rate can be believed."""


@frozen
class Exchange:
    """A request as errors name it: without its query, which may hold anything. `writes`: it may change something."""

    account: AccountId
    method: str
    path: str
    writes: bool

    def __str__(self) -> str:
        return f"account {self.account}: {self.method} {self.path}"


class Refusals(Protocol):
    """The part of a `ChannelType` by which its answers are read."""

    @property
    def errors(self) -> Mapping[int | tuple[int, str], type[ChannelError]]: ...
    @property
    def meanings(self) -> Sequence[Meaning]: ...
    @property
    def error_code(self) -> Callable[[Json], str]: ...
    @property
    def rate_header(self) -> str: ...
    @property
    def refused_bucket(self) -> Callable[[Json], str]: ...


@frozen
class Judge:
    """Applies a channel's error table. What it says is redacted."""

    channel: Refusals
    redactor: Redactor

    def kind(self, answer: Answer) -> type[ChannelError]:
        """What a refusal is: by its words, else by (status, code), else by status."""
        return self._read(answer).error

    def observed(self, limit: str, answer: Answer) -> Iterator[Observed]:
        """What an answer says of the limit that its request spent, if it says anything of it."""
        if answer.succeeded or answer.status in TELLING:
            yield Observed(limit, answer.sent_at, rate=self._told_rate(answer))
        elif issubclass(self.kind(answer), RateLimited):
            bucket, pause = self._bucket(answer), answer.retry_after()
            yield Observed(limit, answer.sent_at, refused=True, bucket=bucket, retry_after=pause)

    def refusal(self, exchange: Exchange, answer: Answer) -> ChannelError:
        """The error for an answer that is not 2xx."""
        code, meaning = self._code(answer), self._read(answer)
        kind = self._outcome(exchange, answer.status, code, meaning)
        code, message = self.redactor.text(code), _message(answer)
        said = self._shown(web_page(answer) or message)
        words = f"{exchange} was answered {answer.status} {code}".rstrip() + (f": {said}" if said else "")
        words = _explained(self._with_id(words, answer), meaning)
        told: dict[str, Any] = {
            "status": answer.status,
            "code": code,
            "request_id": self.request_id(answer),
            "details": self.redactor.text(message)[:KEPT],
        }
        if issubclass(kind, RateLimited):
            return kind(words, **told, retry_after=answer.retry_after())
        return kind(words, **told)

    def unusable(self, exchange: Exchange, answer: Answer, why: str) -> ChannelError:
        """The error for a 2xx whose body is not what was expected: not a success, whatever the status says."""
        kind = UnknownOutcome if exchange.writes else TransientError
        page = web_page(answer)
        body = page or f"an unusable body: {why}"
        words = self._with_id(f"{exchange} was answered {answer.status} with {self._shown(body)}", answer)
        return kind(words + PROXY if page else words, status=answer.status, request_id=self.request_id(answer))

    def unanswered(self, exchange: Exchange, why: str, *, sent: bool) -> ChannelError:
        """The error for silence."""
        if sent and exchange.writes:
            return UnknownOutcome(f"{exchange} was sent and no usable answer came: {self._shown(why)}")
        return TransientError(f"{exchange} got no answer: {self._shown(why)}")

    def request_id(self, answer: Answer) -> str:
        """As it may be shown and stored: a header may hold anything."""
        return self.redactor.text(answer.request_id)

    def _with_id(self, words: str, answer: Answer) -> str:
        return f"{words} (request {self.request_id(answer)})" if answer.request_id else words

    def _outcome(self, exchange: Exchange, status: int, code: str, meaning: Meaning) -> type[ChannelError]:
        """A write is refused for certain only where the table says so: a 5xx may come after the effect.

        A code that the table names exactly is believed (503 with a code for throttling has had no effect), and so is
        501: the server has nothing that could have had one.
        """
        named = (status, code) in self.channel.errors or status == NOT_IMPLEMENTED
        uncertain = issubclass(meaning.error, TransientError) or (status >= 500 and not named)  # noqa: PLR2004 - HTTP's
        return UnknownOutcome if exchange.writes and uncertain else meaning.error

    def _read(self, answer: Answer) -> Meaning:
        """The first meaning that fits, the channel's before those of any server."""
        status, code, words = answer.status, self._code(answer), answer.body.decode("utf-8", "replace")
        for meaning in (*self.channel.meanings, *ANYWHERE):
            if meaning.fits(status, code, words):
                return meaning
        return Meaning(status, self._listed(status, code) or _unlisted(status), "", "")

    def _listed(self, status: int, code: str) -> type[ChannelError] | None:
        return self.channel.errors.get((status, code)) or self.channel.errors.get(status)

    def _code(self, answer: Answer) -> str:
        """The channel's word; none where the body is another one's (a gateway's, say) and the plugin cannot read it."""
        body = answer.refusal_json()
        try:
            word: Json = "" if body is None else self.channel.error_code(body)
        except Exception:  # noqa: BLE001 - a plugin's function; the status decides, as it does without a word
            return ""
        return word if isinstance(word, str) else ""  # of another form, `body.get("reason")` is None

    def _told_rate(self, answer: Answer) -> float | None:
        try:
            return float(answer.headers.get(self.channel.rate_header, "")) if self.channel.rate_header else None
        except ValueError:
            return None

    def _bucket(self, answer: Answer) -> str:
        """As with the code: what the plugin cannot read names none."""
        try:
            return self.channel.refused_bucket(answer.refusal_json())
        except Exception:  # noqa: BLE001 - a plugin's function
            return ""

    def _shown(self, text: str) -> str:
        """Redacted first and cut then: a half secret is still one."""
        return " ".join(self.redactor.text(text).split())[:SHOWN]


def _unlisted(status: int) -> type[ChannelError]:
    return RejectedError if 400 <= status < 500 else TransientError  # noqa: PLR2004 - HTTP's numbers


def _message(answer: Answer) -> str:
    """The words of a refusal, wherever channels put them; else the body as it is."""
    body = answer.refusal_json()
    listed = body.get("errors") if isinstance(body, dict) else None
    first: Json = listed[0] if isinstance(listed, list) and listed else body
    found = [first.get(field) for field in WORDS] if isinstance(first, dict) else []
    words = dict.fromkeys(text for text in found if isinstance(text, str) and text)
    return ": ".join(words) or answer.body.decode("utf-8", "replace")


def _explained(words: str, meaning: Meaning) -> str:
    return f"{words}. Meaning: {meaning.means}. Next: {meaning.next_action}" if meaning.means else words
