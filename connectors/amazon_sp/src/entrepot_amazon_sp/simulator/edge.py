"""What is refused before an operation sees it: requests that are no proper HTTP, as Amazon reads it.

From Amazon's pages on connecting to the API, and its announcement of RFC 7230 conformity in 2023.
"""

from entrepot.simulation import Call, Refusal
from entrepot_amazon_sp.simulator.refusals import AmazonRefusal, invalid

LONGEST_AGENT = 500
"""Characters of a User-Agent."""

JSON = "application/json"


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
    kind = call.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if has_body and kind != JSON:
        raise AmazonRefusal(415)
