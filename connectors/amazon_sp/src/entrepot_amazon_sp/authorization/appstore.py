"""The Appstore flow: Amazon opens the application's login address, and after the sign-in the browser goes back."""

from urllib.parse import urlencode

from attrs import frozen

from entrepot_amazon_sp.authorization.consent import shown, single_values
from entrepot_amazon_sp.authorization.states import ConsentError
from entrepot_amazon_sp.places import PLACES


def _amazon_hosts() -> frozenset[str]:
    """Each store's own domain, with and without `www.`, and the Seller Central of each."""
    domains = {place.domain.removeprefix("www.") for place in PLACES.values()}
    centrals = {place.seller_central.removeprefix("https://") for place in PLACES.values()}
    return frozenset(
        centrals | domains | {f"{name}.{domain}" for name in ("www", "sellercentral") for domain in domains}
    )


AMAZON_HOSTS = _amazon_hosts()
"""Amazon's guide shows `amazon.com`; in practice it is a Seller Central."""

FROM_AMAZON = "open the application from Amazon's Appstore or from Manage Your Apps"


@frozen
class Launch:
    """How Amazon opened the login address. `amazon_state` goes back as it came."""

    callback_uri: str
    amazon_state: str
    seller_id: str
    draft: bool


def read_launch(url: str) -> Launch:
    """`url`: the whole address that Amazon opened, or from its path on.

    Anybody can open it: what it says of the seller is a hint until the callback. Raises ConsentError for an address to
    go back to that is not Amazon's own.
    """
    values = single_values(url) or {}
    launch = Launch(
        values.get("amazon_callback_uri", ""),
        values.get("amazon_state", ""),
        values.get("selling_partner_id", ""),
        values.get("version") == "beta",
    )
    if not launch.amazon_state or not launch.seller_id:
        raise ConsentError(
            "The login address was opened without what Amazon sends along (amazon_state, selling_partner_id), or says "
            f"something twice. Next: {FROM_AMAZON}"
        )
    if not is_amazons(launch.callback_uri):
        raise ConsentError(
            f"Seller {shown(launch.seller_id)}: amazon_callback_uri is no address of Amazon's, so the browser is not "
            f"sent there. Next: {FROM_AMAZON}"
        )
    return launch


def answer_launch(launch: Launch, state: str, *, redirect_uri: str = "") -> str:
    """Where to send the browser once the seller has signed in; then comes the callback of the website flow.

    Raises ConsentError for a `launch` whose address is not Amazon's own.
    """
    if not is_amazons(launch.callback_uri):
        raise ConsentError("amazon_callback_uri is no address of Amazon's. Next: take it from read_launch")
    query = {"amazon_state": launch.amazon_state, "state": state}
    query |= {"redirect_uri": redirect_uri} if redirect_uri else {}
    query |= {"version": "beta"} if launch.draft else {}
    joint = "&" if "?" in launch.callback_uri else "?"
    return f"{launch.callback_uri}{joint}{urlencode(query)}"


def is_amazons(url: str) -> bool:
    """Only https, a host that is exactly one of Amazon's, no port, no user, and nothing that browsers read differently.

    Browsers take a backslash for a slash and drop control characters and spaces: none may be there.
    """
    if not url.isascii() or not url.isprintable() or any(sign in url for sign in " \\#"):
        return False
    scheme, separator, rest = url.partition("://")
    host = rest.partition("/")[0].partition("?")[0]
    return scheme == "https" and separator == "://" and host in AMAZON_HOSTS
