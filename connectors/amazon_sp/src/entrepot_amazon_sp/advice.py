"""The end of an error: why the client did not go on, and what its caller does next."""

from entrepot.channel import AuthError, ChannelError, RateLimited, RejectedError, TransientError, UnknownOutcome
from entrepot_amazon_sp.catalog import Effect, Operation, find, ids

NEXT = ". Next: "

OTHERWISE: tuple[tuple[type[ChannelError], str], ...] = (
    (RejectedError, "correct the request: the same one is refused again"),
    (AuthError, "compare the credentials with those of the developer portal"),
    (RateLimited, "call again later"),
    (TransientError, "call again later; where it stays, look at Amazon's health page"),
    (ChannelError, "look for the code in Amazon's reference of the operation"),
)
"""Where nothing that was answered says more."""


def advise(error: ChannelError, operation: Operation, why: str, first: str) -> None:
    """Rewrite the error's text: `why` there was no other attempt, and what is to be done `first`; "" for neither."""
    told, next_action = parted(str(error))
    if isinstance(error, UnknownOutcome):
        first, next_action = "", f"look with {reader_of(operation)} before sending it again"
    elif not next_action and not first:
        next_action = next(words for kind, words in OTHERWISE if isinstance(error, kind))
    facts = ". ".join(part.rstrip(".") for part in (told, why) if part)
    error.args = (facts + NEXT + "; ".join(part for part in (first, next_action) if part),)


def add_facts(error: ChannelError, facts: str) -> None:
    """To the error's text, before its next action."""
    told, next_action = parted(str(error))
    error.args = (f"{told.rstrip('.')}. {facts}" + (NEXT + next_action if next_action else ""),)


def parted(text: str) -> tuple[str, str]:
    """An error's text: what happened, and the next action, "" without one."""
    told, mark, next_action = text.rpartition(NEXT)
    return (told, next_action) if mark else (text, "")


def reader_of(write: Operation) -> str:
    """The operation that shows what `write` does: that which reads its path, else what that path belongs to."""
    model = write.id.partition(".")[0] + "."
    reads = {each.path: each.id for each in map(find, ids()) if each.id.startswith(model) and _gets(each)}
    path = write.path
    while path:
        if path in reads:
            return reads[path]
        path = path.rpartition("/")[0]
    return "the operation that reads it"


def _gets(operation: Operation) -> bool:
    return operation.effect is Effect.READ and operation.method == "GET"
