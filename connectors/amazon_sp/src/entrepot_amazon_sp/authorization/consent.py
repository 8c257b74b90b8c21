"""The website flow: where the browser is sent, and what it brings back."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from attrs import frozen

from entrepot.channel import Secret
from entrepot_amazon_sp.authorization.states import AGAIN, ConsentError, StateError, States

CONSENT = "/apps/authorize/consent"

CODE_LIFETIME = timedelta(minutes=5)

PAGE_HEADERS: Mapping[str, str] = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
"""Of the page at the redirect URI: its address holds the code, which no other site and no cache may see."""

OAUTH_ERRORS = {
    "access_denied": "the seller did not consent",
    "invalid_request": "Amazon finds the request faulty",
    "invalid_scope": "the application asks for what it may not have",
    "server_error": "Amazon failed",
    "temporarily_unavailable": "Amazon is busy",
    "unauthorized_client": "the application may not ask for consent",
    "unsupported_response_type": "Amazon finds the request faulty",
}
"""RFC 6749, 4.1.2.1."""


@frozen
class Consent:
    """What a seller has allowed: `code` buys the refresh token, once, until `code_until`."""

    seller_id: str
    code: Secret
    code_until: datetime


def consent_url(
    seller_central: str, application_id: str, state: str, *, redirect_uri: str = "", draft: bool = False
) -> str:
    """Where to send the seller's browser.

    `seller_central` is the address of a store of the seller's (`PLACES["DE"].seller_central`); one consent covers all
    stores of its region. `redirect_uri`: one of those that are registered for the application, the first where it is
    left out. `draft`: the application is not published yet.
    """
    query = {"application_id": application_id, "state": state}
    query |= {"redirect_uri": redirect_uri} if redirect_uri else {}
    query |= {"version": "beta"} if draft else {}
    return f"{seller_central}{CONSENT}?{urlencode(query)}"


def read_callback(url: str, states: States, owner: str, *, seller_id: str = "") -> Consent:
    """What Amazon sent the browser back with. `url`: the callback's whole address, or from its path on.

    `owner`: whom the state was begun for. `seller_id`: who alone may have consented, where that is known. The state is
    judged before anything else is read. Raises StateError for a callback that proves nothing, ConsentError for
    one that brings no consent.
    """
    values = single_values(url)
    if values is None:
        raise StateError(f"{owner}: the callback says something twice, or cannot be read. Next: {AGAIN}")
    states.use(owner, values.get("state", ""))
    if "error" in values:
        raise ConsentError(f"{owner}: {_refusal(values['error'])}. Next: {AGAIN}")
    found = {name: values.get(name, "") for name in ("selling_partner_id", "spapi_oauth_code")}
    missing = ", ".join(name for name, value in found.items() if not value)
    if missing:
        raise ConsentError(f"{owner}: Amazon's callback lacks {missing}. Next: {AGAIN}")
    told = found["selling_partner_id"]
    if seller_id and told != seller_id:
        raise ConsentError(
            f"{owner}: {shown(told)} consented, and the account is of seller {seller_id}. "
            f"Next: sign in to Seller Central as {seller_id}, or correct seller_id; then {AGAIN}"
        )
    return Consent(told, Secret(found["spapi_oauth_code"]), states.clock.now() + CODE_LIFETIME)


def single_values(url: str) -> Mapping[str, str] | None:
    """The query's values. None where a name comes twice, for two readers could take it differently, and for no URL."""
    try:
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        return None
    values = dict(pairs)
    return values if len(values) == len(pairs) else None


def _refusal(word: str) -> str:
    said = OAUTH_ERRORS.get(word, "Amazon refused the consent")
    return f"{said} ({shown(word)})"


def shown(word: str) -> str:
    """What comes from a browser is shown only where it is a plain word."""
    return word if re.fullmatch(r"[A-Za-z0-9_]{1,64}", word) else "an unreadable word"
