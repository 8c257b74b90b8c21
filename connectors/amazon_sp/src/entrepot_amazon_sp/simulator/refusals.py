"""How Amazon says no. From its pages on response formats, errors and Login with Amazon."""

from collections.abc import Mapping

from entrepot.channel import Json
from entrepot.simulation import Refusal

WORDS: Mapping[int, tuple[str, str]] = {
    400: ("InvalidInput", "Invalid Input"),
    401: ("Unauthorized", "Access to requested resource is denied."),
    403: ("Unauthorized", "Access to requested resource is denied."),
    404: ("NotFound", "The requested resource was not found."),
    409: ("StateConflict", "The resource specified conflicts with the current state."),
    415: ("UnsupportedMediaType", "The request's Content-Type header is invalid."),
    429: ("QuotaExceeded", "You exceeded your quota for the requested resource."),
    500: ("InternalFailure", "We encountered an internal error. Please try again."),
    501: ("NotSimulated", "This simulator does not have what was asked for."),
    503: ("ServiceUnavailable", "Service is temporarily unavailable. Please try again."),
}
"""Code and message where a route says nothing of its own."""

EXCEPTIONS: Mapping[int, str] = {403: "AccessDeniedException", 429: "TooManyRequestsException"}
"""Header x-amzn-ErrorType. Amazon sends more of them; these two are known."""

LWA_WORDS: Mapping[int, str] = {400: "invalid_request", 401: "invalid_client", 404: "invalid_request"}


class AmazonRefusal(Refusal):
    """`details` may be the only useful text, empty, or absent (None)."""

    def __init__(self, status: int, message: str = "", *, code: str = "", details: str | None = "") -> None:
        standard_code, standard_message = WORDS[status]
        super().__init__(status, message or standard_message, code=code or standard_code)
        self.details = details


class LwaRefusal(Refusal):
    """Of the token endpoint. `exception` is a guess at the name in its x-amzn-ErrorType."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(status, description, code=error)

    @property
    def exception(self) -> str:
        return "OA2" + "".join(part.capitalize() for part in self.code.split("_")) + "Exception"


class Redirection(Refusal):
    """No refusal at all: the browser is sent to `url`."""

    def __init__(self, url: str) -> None:
        super().__init__(302)
        self.url = url


def invalid(details: str) -> AmazonRefusal:
    return AmazonRefusal(400, details=details)


def bad_listings_request(details: str) -> AmazonRefusal:
    """As `invalid`, in the words of the listings API."""
    return AmazonRefusal(400, "Invalid input", code="BAD_REQUEST", details=details)


def bad_catalog_request(details: str) -> AmazonRefusal:
    """As `invalid`, in the words of the catalog API."""
    return AmazonRefusal(
        400, "Request has missing or invalid parameters and cannot be parsed.", code="400", details=details
    )


def denied(details: str = "") -> AmazonRefusal:
    """One code for a token, a role, a region and a path that is not accepted."""
    return AmazonRefusal(403, details=details)


def not_simulated(what: str) -> AmazonRefusal:
    """Not Amazon's: it has what was asked for, and the simulator has not."""
    return AmazonRefusal(501, details=f"{what}. Next: take it out, or ask Amazon's sandbox.")


def error_list(refusal: Refusal) -> Json:
    """Any refusal in the body of the API; one that did not come from here keeps its words as details."""
    if not isinstance(refusal, AmazonRefusal):
        details = refusal.message if refusal.status == 400 else ""  # noqa: PLR2004 - HTTP's number
        refusal = AmazonRefusal(refusal.status if refusal.status in WORDS else 500, details=details)
    error = {"code": refusal.code, "message": refusal.message}
    return {"errors": [error if refusal.details is None else error | {"details": refusal.details}]}


def lwa_error(refusal: Refusal, request_id: str) -> Json:
    """Any refusal in the body of the token endpoint."""
    error = refusal.code if isinstance(refusal, LwaRefusal) else LWA_WORDS.get(refusal.status, "server_error")
    return {
        "error": error,
        "error_description": refusal.message,
        "request_id": request_id,
        "error_index": request_id[:8].upper(),
    }
