"""What surrounds every operation: requests that are no proper HTTP are refused, and each refusal has its host's words.

From Amazon's pages on connecting to the API, and its announcement of RFC 7230 conformity in 2023.
"""

from entrepot.channel import Json
from entrepot.simulation import Call, Refusal
from entrepot_amazon_sp.simulator import hosts
from entrepot_amazon_sp.simulator.refusals import (
    EXCEPTIONS,
    AmazonRefusal,
    LwaRefusal,
    Redirection,
    error_list,
    invalid,
    lwa_error,
)
from entrepot_amazon_sp.simulator.shared_buckets import APPLICATION, throttled

LONGEST_AGENT = 500
"""Characters of a User-Agent."""

JSON_TYPE = "application/json"


class ImproperRequest(Refusal):
    """Answered in HTML, by a machine that knows no API."""

    html = "<html><body><center><h1>400 Bad Request</h1></center></body></html>"

    def __init__(self) -> None:
        super().__init__(400)


def check_request(call: Call) -> None:
    """Raises Refusal. That a long User-Agent is a 400 is a guess."""
    has_body = call.headers.get("content-length", "0") != "0" or "transfer-encoding" in call.headers
    if call.method == "GET" and has_body:
        raise ImproperRequest
    if len(call.headers.get("user-agent", "")) > LONGEST_AGENT:
        raise invalid(f"User-Agent has more than {LONGEST_AGENT} characters.")
    kind = call.headers.get("content-type", JSON_TYPE).partition(";")[0].strip().lower()
    if has_body and kind != JSON_TYPE:
        raise AmazonRefusal(415)


def word(call: Call, refusal: Refusal, request_id: str) -> Json:
    """The body; text is HTML."""
    if isinstance(refusal, Redirection):
        return None
    if hosts.host_of(call) == hosts.LWA or isinstance(refusal, LwaRefusal) or _is_for_token(call):
        return lwa_error(refusal, request_id)
    if isinstance(refusal, ImproperRequest):
        return refusal.html
    if refusal.status == 429 and not isinstance(refusal, AmazonRefusal):  # noqa: PLR2004 - HTTP's number
        refusal = throttled(call.limit, APPLICATION)
    return error_list(refusal)


def _is_for_token(call: Call) -> bool:
    return call.target == hosts.TOKEN_PATH and hosts.is_lwa(call)


def headers_of(refusal: Refusal | None) -> dict[str, str]:
    """Beside those of every answer."""
    if isinstance(refusal, Redirection):
        return {"Location": refusal.url}
    if isinstance(refusal, LwaRefusal):
        return {"x-amzn-ErrorType": refusal.exception}
    known = EXCEPTIONS.get(refusal.status) if refusal else None
    return {"x-amzn-ErrorType": known} if known else {}
