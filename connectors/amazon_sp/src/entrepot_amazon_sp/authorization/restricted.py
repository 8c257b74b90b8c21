"""Restricted data tokens: they open personal data, each exactly the resource that it was asked for.

From Amazon's "Tokens API use case guide". A plain token gets the same orders without their personal data, and a
restricted report's document not at all.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import define, field, frozen

from entrepot.channel import ChannelError, ForbiddenError, Json, RejectedError, Secret, TransientError
from entrepot.model import AccountId
from entrepot.runtime import Clock
from entrepot_amazon_sp import catalog
from entrepot_amazon_sp.authorization.tokens import TOKEN_HEADER
from entrepot_amazon_sp.catalog import Operation

CREATE = "tokens_2021-03-01.createRestrictedDataToken"
REPORT_DOCUMENT = "reports_2021-06-30.getReportDocument"

NO_ROLE = "not have access to"
"""In Amazon's 400 where the role is missing, which it has said beside 403. Seen in public reports (issue 702 of
amzn/selling-partner-api-docs, issue 155 of abuzuhri/Amazon-SP-API-CSharp)."""

MARGIN = timedelta(seconds=60)
"""A token is asked for anew this long before its end, or at half its life where that is shorter."""


@frozen
class Resource:
    """What one token opens. `data_elements`: of orders, these kinds of personal data."""

    method: str
    path: str
    data_elements: tuple[str, ...] = ()

    def wish(self) -> Json:
        """The body of createRestrictedDataToken."""
        elements = {"dataElements": list(self.data_elements)} if self.data_elements else {}
        return {"restrictedResources": [{"method": self.method, "path": self.path} | elements]}

    def __str__(self) -> str:
        return " ".join([self.method, self.path, *self.data_elements])


def resource_of(
    operation: Operation, path: str, data_elements: Sequence[str] = (), report_type: str = ""
) -> Resource | None:
    """What a call needs a restricted data token for; None where the plain token does.

    Orders are personal only where `data_elements` are wanted, a report's document only where its type is. Raises
    ValueError for what the operation does not have.
    """
    if report_type and operation.id != REPORT_DOCUMENT:
        raise ValueError(f"{operation.id} fetches no report. Next: leave report_type out")
    unknown = [name for name in data_elements if name not in operation.data_elements]
    if unknown:
        known = ", ".join(operation.data_elements)
        next_action = f"choose from {known}" if known else "leave data_elements out"
        raise ValueError(f"{operation.id} has no data elements {', '.join(unknown)}. Next: {next_action}")
    if not operation.restricted or (operation.data_elements and not data_elements):
        return None
    if operation.id == REPORT_DOCUMENT and not catalog.report_type(report_type).restricted:
        return None
    return Resource(operation.method, path, tuple(sorted(set(data_elements))))


@frozen
class _Kept:
    token: Secret
    until: datetime


@define
class RestrictedTokens:
    """One seller's tokens, held in memory. Tasks that want the same one share the request for it, and its failure.

    At one a second, which Amazon allows, some 3,600 are alive at most.

    `ask` sends the body of createRestrictedDataToken; `remember` and `forget` tell the redaction.
    """

    _account: AccountId
    _clock: Clock
    _ask: Callable[[Json], Awaitable[Json]]
    _remember: Callable[[Secret], None]
    _forget: Callable[[Secret], None]
    _kept: dict[Resource, _Kept] = field(factory=dict, init=False, repr=False)
    _asking: dict[Resource, asyncio.Task[Secret]] = field(factory=dict, init=False, repr=False)

    async def token(self, resource: Resource) -> Secret:
        """Raises ForbiddenError where the application lacks the role, and what `ask` raises."""
        self._drop_expired()
        if resource in self._kept:
            return self._kept[resource].token
        if resource not in self._asking:
            task = self._asking[resource] = asyncio.create_task(self._fetch(resource))
            task.add_done_callback(lambda done: self._done(resource, done))
        try:
            return await asyncio.shield(self._asking[resource])
        except ChannelError as failure:
            raise failure.copied() from failure.__cause__

    def refused(self, resource: Resource, token: str) -> None:
        """Never use it again."""
        kept = self._kept.get(resource)
        if kept is not None and kept.token.reveal() == token:
            self._drop(resource)

    async def _fetch(self, resource: Resource) -> Secret:
        asked_at = self._clock.now()
        try:
            answer = await self._ask(resource.wish())
        except ForbiddenError as error:
            raise self._denied(resource, error) from error
        except RejectedError as error:
            if NO_ROLE not in str(error):
                raise
            raise self._denied(resource, error) from error
        token, lifetime = self._read(answer)
        self._remember(token)
        self._kept[resource] = _Kept(token, asked_at + lifetime - min(MARGIN, lifetime / 2))
        return token

    def _denied(self, resource: Resource, error: ChannelError) -> ForbiddenError:
        said = str(error).removeprefix(f"account {self._account}: ").partition(". Meaning: ")[0]
        denied = ForbiddenError(
            f"account {self._account}: Amazon gives no restricted data token for {resource}: {said}. "
            "Next: ask for the role that permits it in the developer profile, then have the seller authorize anew",
            status=error.status,
            code=error.code,
            request_id=error.request_id,
            details=error.details,
        )
        denied.request_ids = error.request_ids
        return denied

    def _read(self, answer: Json) -> tuple[Secret, timedelta]:
        values = answer if isinstance(answer, dict) else {}
        token, seconds = values.get("restrictedDataToken"), values.get("expiresIn")
        if not isinstance(token, str) or not isinstance(seconds, int):
            raise TransientError(f"account {self._account}: Amazon's answer holds no restricted data token")
        return Secret(token), timedelta(seconds=seconds)

    def _done(self, resource: Resource, task: asyncio.Task[Secret]) -> None:
        self._asking.pop(resource, None)
        if not task.cancelled():
            task.exception()  # everybody who waited for it may have been cancelled

    def _drop_expired(self) -> None:
        now = self._clock.now()
        for resource in [resource for resource, kept in self._kept.items() if kept.until <= now]:
            self._drop(resource)

    def _drop(self, resource: Resource) -> None:
        self._forget(self._kept.pop(resource).token)


@frozen
class RestrictedAuthorization:
    """`channel.Authorization` for one resource."""

    tokens: RestrictedTokens
    resource: Resource

    async def headers(self) -> Mapping[str, str]:
        """Raises what `RestrictedTokens.token` raises."""
        return {TOKEN_HEADER: (await self.tokens.token(self.resource)).reveal()}

    async def renew(self, refused: Mapping[str, str]) -> None:
        """Raises nothing: the next `headers` asks."""
        self.tokens.refused(self.resource, refused.get(TOKEN_HEADER, ""))
