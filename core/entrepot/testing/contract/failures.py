"""What a channel's refusal makes the core do next."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import pytest

from entrepot import channel
from entrepot.model import Window
from entrepot.simulation.doubles.call import Answer, Call, Refusal
from entrepot.simulation.doubles.routes import ANY_ROUTE
from entrepot.simulation.doubles.shop import ANY_WRITE
from entrepot.simulation.seeds import EPOCH
from entrepot.testing.contract.base import Contract, asking, asks, concerns, having
from entrepot.testing.contract.verdict import raises
from entrepot.testing.trial import Trial

PAGE = "<html><body>Down for maintenance</body></html>"

SOME_WORD = "LIST_TOO_LONG"
"""A code of which no table has a row."""

AS_OFTEN_AS_ASKED = 10
"""A connector may renew its token and ask again."""

REQUESTS = {
    "check": channel.Check(),
    "fetch_orders": channel.FetchOrders(Window(EPOCH, EPOCH + timedelta(hours=1)), 1),
    "fetch_stock": channel.FetchStock(("TEA-250",)),
    "push_stock": channel.PushStock((channel.StockItem("TEA-250", 17),), attempt="a1"),
}

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

PASSED_ON = "let what `self.http` raises pass, and name the answer's status in `errors` of the facts"

OTHERWISE: Mapping[Failure, str] = {
    channel.AuthError: f"{PASSED_ON}; 401 is AuthError there",
    channel.RateLimited: f"{PASSED_ON}; 429 is RateLimited there",
    channel.TransientError: f"{PASSED_ON}; what may work later is TransientError there",
    channel.UnknownOutcome: "let what `self.http` raises pass: nobody knows whether the write was applied",
}
"""What to do where a refusal is taken for something else."""


REPORTED = "Next: report `RejectedError` only; where the double refused the write by itself, send what it asks for"


class FailuresContract(Contract):
    @asking("check")
    @refused_reads
    def test_refused_check(self, answer: Answer, error: Failure) -> None:
        """A parked account comes back when `check` succeeds, so a refusal must never look like success."""
        self._refuse("check", answer, error)

    @asking("fetch_orders")
    @refused_reads
    def test_refused_list_of_orders(self, answer: Answer, error: Failure) -> None:
        """Credentials park the account, frequency waits for its bucket, the rest comes back later; none is a page."""
        self._refuse("fetch_orders", answer, error)

    @asking("fetch_stock")
    @refused_reads
    def test_refused_list_of_stock(self, answer: Answer, error: Failure) -> None:
        """A refusal is no observation: nothing was seen, so nothing is effective and nothing is missing."""
        self._refuse("fetch_stock", answer, error)

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
        self._refuse("push_stock", answer, error, route=ANY_WRITE)

    @concerns(lambda case: bool(_coded(case.channel)))
    @asking("check")
    def test_codes_of_the_error_table_are_read(self) -> None:
        """A code that is not found in the shop's answer decides nothing: a refusal for frequency is then a failure."""
        for (status, code), error in _coded(self.channel).items():
            self.simulate(partial(_refused_with, Refusal(status, code=code), error))

    @concerns(lambda case: case.channel.error_code is not channel.standard_error_code)
    @asking("check")
    def test_code_of_a_refusal_is_read_where_the_channel_says(self) -> None:
        """An `error_code` that looks in the wrong place reads nothing, and no row of the table is ever found by it."""
        self.simulate(_coded_refusal)

    @concerns(
        lambda case: case.shop.key_header is not None,
        unless="`key_header = None` of the double: nobody is asked for a key",
    )
    def test_wrong_key_is_refused(self) -> None:
        """With every Secret of the settings wrong, whatever asks the shop is told so, and the account parks.

        A shop that answers all the same has not been shown any key, and the connector may not have sent one.
        """
        asked = [operation for operation in REQUESTS if asks(self.channel, operation)]
        assert asked, "no operation spends anything, so none asks the shop. Next: state `spends` in the facts"
        for operation in asked:
            self.simulate(partial(_locked_out, operation))

    def _refuse(self, operation: str, answer: Answer, error: Failure, route: str = ANY_ROUTE) -> None:
        async def refused(trial: Trial) -> None:
            trial.shop.script(*[answer] * AS_OFTEN_AS_ASKED, route=route)
            with raises(error, OTHERWISE[error]):
                report = await trial.call(operation, REQUESTS[operation])
                reasons = [reason for reason in getattr(report, "results", {}).values() if reason]
                assert not reasons, f"{error.__name__} is not raised, but reported: {reasons[0]}. {REPORTED}"

        self.simulate(refused)


async def _locked_out(operation: str, trial: Trial) -> None:
    trial.reconnect_with_wrong_secrets()
    with raises(channel.AuthError, f"let the double refuse {operation} without the key; send the key with it"):
        await trial.call(operation, REQUESTS[operation])


def _coded(kind: channel.ChannelType) -> Mapping[tuple[int, str], Failure]:
    """The rows of the error table that name a code."""
    return {row: error for row, error in kind.errors.items() if isinstance(row, tuple)}


async def _refused_with(refusal: Refusal, error: Failure, trial: Trial) -> None:
    await _refuse_all(trial, refusal)
    with raises(error, _placed(refusal.code)):
        await trial.call("check", channel.Check())


async def _coded_refusal(trial: Trial) -> None:
    await _refuse_all(trial, Refusal(400, SOME_WORD, code=SOME_WORD))  # a shop may have one field for both
    with pytest.raises(channel.ChannelError) as refused:
        await trial.call("check", channel.Check())
    code = refused.value.code
    assert code == SOME_WORD, f"a refusal with the code {SOME_WORD} has {code!r}. Next: {_placed(SOME_WORD)}"


async def _refuse_all(trial: Trial, refusal: Refusal) -> None:
    def refuse(call: Call) -> None:  # noqa: ARG001 - as `admit` has it
        raise refusal

    await trial.call("check", channel.Check())  # the account has its token from here on
    trial.shop.admit = refuse  # type: ignore[method-assign]  # whichever route `check` asks


def _placed(code: str) -> str:
    placed = f"let `word_refusal` of the double put {code!r} where the shop does"
    return f"{placed}, and `error_code` of the facts read it there"
