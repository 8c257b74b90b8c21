"""What Amazon's refusals mean: one code stands for many causes, and only the words tell them apart.

From Amazon's pages on the response format and on troubleshooting, and from what its hosts answer. The first row that
fits counts.
"""

from entrepot.channel import (
    AuthError,
    ForbiddenError,
    Meaning,
    RateLimited,
    RejectedError,
    TransientError,
)

HTML = "<html"

ROLE = "add the role to the application in Seller Central, then authorize it again"
NOT_SAID = f"compare seller id, stores and region with the account's; where they are right, {ROLE}"
DENIED = "access to requested resource is denied"
RENEWED = (
    "a new token was asked for once; where it stays, look at Amazon's health page, then authorize the application again"
)
CONTENT = "nothing of it was taken; report it to the authors of this program with the request id"
LATER = "where it stays, give the request id to Amazon's support"
EDGE = "compare proxies and headers on the way: no request of ours looks so"
REGION = "choose marketplaces of the region in which the account was authorized"

MEANINGS = (
    Meaning(401, AuthError, "the access token was refused", RENEWED),
    Meaning(403, AuthError, "the access token has expired", RENEWED, says="has expired"),
    Meaning(403, AuthError, "the access token is revoked or malformed", RENEWED, says="revoked, malformed or invalid"),
    Meaning(403, AuthError, "the request bore no access token", RENEWED, says="token is missing"),
    Meaning(403, ForbiddenError, "these stores belong to another region", REGION, says="not valid for region"),
    Meaning(
        403,
        ForbiddenError,
        "the selling account is suspended",
        "read the account health page of Seller Central",
        says="suspended",
    ),
    Meaning(
        403,
        RejectedError,
        "a signature was checked that nobody needs any more",
        "take out what signs requests on the way",
        code="InvalidSignature",
    ),
    Meaning(403, RateLimited, "the quota is used up", "wait: it refills by itself", code="QuotaExceeded"),
    Meaning(403, ForbiddenError, "the application lacks a role for it", ROLE, says="role"),
    Meaning(403, TransientError, "Amazon's edge refused it, not its API", EDGE, says=HTML),
    Meaning(
        403,
        ForbiddenError,
        "Amazon says this of a missing role, of another's seller id, store or region, and of a path that it has not",
        NOT_SAID,
        says=DENIED,
    ),
    Meaning(403, ForbiddenError, "Amazon forbids it in these words", f"do as they say; where they say nothing, {ROLE}"),
    Meaning(400, RejectedError, "Amazon's edge refused the form of the request", EDGE, says=HTML),
    Meaning(404, TransientError, "a page of another server was answered", EDGE, says=HTML),
    Meaning(413, RejectedError, "the request is too large", "send it in smaller parts"),
    Meaning(414, RejectedError, "the address is too long", "ask for fewer things at once"),
    Meaning(415, RejectedError, "the content type is not taken", CONTENT),
    Meaning(431, RejectedError, "the headers are too large", EDGE),
    Meaning(
        429,
        RateLimited,
        "all sellers of the application share this limit",
        "wait: it refills by itself; spread the calls over time",
        says="allowed for the application",
    ),
    Meaning(
        429, RateLimited, "the quota of this operation is used up", "wait: it refills by itself", code="QuotaExceeded"
    ),
    Meaning(429, RateLimited, "too many requests reached Amazon's edge at once", "wait: fewer are sent from now on"),
    Meaning(500, TransientError, "a failure inside Amazon", LATER, code="InternalFailure"),
    Meaning(500, TransientError, "a failure inside Amazon", LATER),
    Meaning(501, RejectedError, "", "", code="NotSimulated"),  # the simulator's own words say what to do
    Meaning(501, RejectedError, "the server has nothing of the kind", "take it out, or compare Amazon's reference"),
    Meaning(502, TransientError, "Amazon's gateway got no good answer from its API", LATER),
    Meaning(503, TransientError, "the API is down or overloaded", LATER),
    Meaning(504, TransientError, "Amazon's gateway waited in vain for its API", LATER),
)
