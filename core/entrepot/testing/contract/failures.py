"""What a channel's refusal makes the core do next."""

from datetime import timedelta

import pytest

from entrepot import channel
from entrepot.model import Window
from entrepot.simulation.seeds import EPOCH
from entrepot.simulation.shop import ANY_ROUTE, ANY_WRITE, Answer
from entrepot.testing.contract.base import Contract, concerns, having
from entrepot.testing.trial import Trial

PAGE = "<html><body>Down for maintenance</body></html>"

AS_OFTEN_AS_ASKED = 10
"""A connector may renew its token and ask again."""

refused_reads = pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(Answer(401), channel.AuthError, id="401"),
        pytest.param(Answer(429), channel.RateLimited, id="429"),
        pytest.param(Answer(500), channel.TransientError, id="500"),
        pytest.param(Answer(503, PAGE), channel.TransientError, id="503-html"),
        pytest.param(Answer(200, PAGE), channel.TransientError, id="200-html"),
    ],
)

Failure = type[channel.ChannelError]


class FailuresContract(Contract):
    @concerns(lambda kind: asks(kind, "check"))
    @refused_reads
    def test_refused_check(self, answer: Answer, error: Failure) -> None:
        """A parked account comes back when `check` succeeds, so a refusal must never look like success."""
        self._refuse("check", channel.Check(), answer, error)

    @concerns(lambda kind: asks(kind, "fetch_orders"))
    @refused_reads
    def test_refused_list_of_orders(self, answer: Answer, error: Failure) -> None:
        """Credentials park the account, frequency waits for its bucket, the rest comes back later; none is a page."""
        window = Window(EPOCH, EPOCH + timedelta(hours=1))
        self._refuse("fetch_orders", channel.FetchOrders(window, 1), answer, error)

    @concerns(lambda kind: asks(kind, "fetch_stock"))
    @refused_reads
    def test_refused_list_of_stock(self, answer: Answer, error: Failure) -> None:
        """A refusal is no observation: nothing was seen, so nothing is effective and nothing is missing."""
        self._refuse("fetch_stock", channel.FetchStock(("TEA-250",)), answer, error)

    @having("push_stock")
    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            pytest.param(Answer(401), channel.AuthError, id="401"),
            pytest.param(Answer(429), channel.RateLimited, id="429"),
            pytest.param(Answer(500, after_effect=True), channel.UnknownOutcome, id="500-after-effect"),
            pytest.param(Answer(200, PAGE, after_effect=True), channel.UnknownOutcome, id="200-html"),
        ],
    )
    def test_refused_write(self, answer: Answer, error: Failure) -> None:
        """A write is refused only where the channel says so; otherwise it may have been applied (covers P5)."""
        request = channel.PushStock((channel.StockItem("TEA-250", 17),), attempt="a1")
        self._refuse("push_stock", request, answer, error, route=ANY_WRITE)

    def _refuse(self, operation: str, request: object, answer: Answer, error: Failure, route: str = ANY_ROUTE) -> None:
        async def refused(trial: Trial) -> None:
            trial.shop.script(*[answer] * AS_OFTEN_AS_ASKED, route=route)
            with pytest.raises(error):
                await trial.call(operation, request)

        self.simulate(refused)


def asks(kind: channel.ChannelType, operation: str) -> bool:
    """Whether the operation makes a request at all."""
    return operation in kind.operations and bool(kind.operations[operation].spends)
