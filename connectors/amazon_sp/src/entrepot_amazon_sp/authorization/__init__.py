"""A seller's consent, from the button to the tokens: for web applications and for `entrepot amazon authorize`.

From Amazon's pages "Website Authorization Workflow" and "Selling Partner Appstore Authorization Workflow".
"""

from entrepot_amazon_sp.authorization.appstore import Launch, answer_launch, read_launch
from entrepot_amazon_sp.authorization.consent import PAGE_HEADERS, Consent, consent_url, read_callback
from entrepot_amazon_sp.authorization.states import ConsentError, StateError, States

__all__ = [
    "PAGE_HEADERS",
    "Consent",
    "ConsentError",
    "Launch",
    "StateError",
    "States",
    "answer_launch",
    "consent_url",
    "read_callback",
    "read_launch",
]
